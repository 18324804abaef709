from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsletter.cli import app as cli
from tests.cli.running import Terminal

COMMANDS = [
    ("new",),
    ("build",),
    ("preview",),
    ("test-send",),
    ("send",),
    ("feedback",),
    ("status",),
    ("pause",),
    ("resume",),
    ("cancel",),
    ("resolve",),
    ("serve",),
    ("outbox", "run"),
    ("subscribers", "add"),
    ("subscribers", "import"),
    ("subscribers", "list"),
    ("subscribers", "remove"),
    ("subscribers", "export"),
    ("subscribers", "stats"),
    ("subscribers", "show"),
    ("subscribers", "edit"),
    ("subscribers", "tag"),
    ("subscribers", "erase"),
    ("suppressions", "list"),
    ("suppressions", "add"),
    ("suppressions", "remove"),
    ("suppressions", "sync"),
    ("audience", "count"),
    ("audience", "list"),
    ("layout", "list"),
    ("layout", "show"),
    ("layout", "new"),
    ("layout", "check"),
    ("store", "copy"),
    ("assets", "push"),
    ("doctor",),
    ("report",),
    ("aws", "template"),
    ("aws", "setup"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_with_examples(newsletter: Terminal, command: tuple[str, ...]) -> None:
    answer = newsletter(*command, "--help")
    assert answer.code == 0
    assert "Examples:\n" in answer.out
    assert f"  newsletter {' '.join(command)}" in answer.out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_is_the_same_behind_an_option_of_the_program(
    newsletter: Terminal, command: tuple[str, ...]
) -> None:
    assert newsletter("-C", ".", *command, "--help") == newsletter(*command, "--help")


GROUPS = ("outbox", "subscribers", "suppressions", "audience", "layout", "store", "assets", "aws")


@pytest.mark.parametrize("group", [(), *((name,) for name in GROUPS)])
def test_a_group_of_commands_explains_itself_with_examples(newsletter: Terminal, group: tuple[str, ...]) -> None:
    said = newsletter(*group, "--help").out
    assert f"Examples:\n    newsletter {' '.join(group)}".rstrip() in said
    assert "..." not in said.partition("Commands:")[2]


def test_the_list_of_commands_here_is_the_program_s(newsletter: Terminal) -> None:
    top = {name for (name, *_) in COMMANDS}
    listed = newsletter("--help").out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert {line.split()[0] for line in listed.splitlines() if line[2:3].strip()} == top


def test_help_names_every_exit_code(newsletter: Terminal) -> None:
    said = " ".join(newsletter("--help").out.split())
    for code in ("0 done", "1 the editor", "2 wrong input", "3 the mailing", "4 the disk", "70 a defect", "130"):
        assert code in said


def test_without_a_publication_it_says_where_it_looked_and_what_to_do(tmp_path: Path, newsletter: Terminal) -> None:
    answer = newsletter("--project", str(tmp_path), "build")
    assert answer.code == 2
    assert f"error: no publication.yaml in {tmp_path} or above it\n" in answer.err
    assert "hint: " in answer.err


def test_a_command_works_from_any_folder_inside_the_publication(newsletter: Terminal) -> None:
    inside = Terminal(newsletter.folder / "issues", newsletter.capture, newsletter.patch)
    assert inside("build", "vol-1-issue-6").code == 0
    assert (newsletter.folder / "build/vol-1-issue-6/email.html").exists()


def test_a_wrong_option_exits_2_with_usage_and_without_a_traceback(newsletter: Terminal) -> None:
    answer = newsletter("build", "--fast")
    assert answer.code == 2
    assert "No such option: --fast" in answer.err
    assert "Traceback" not in answer.err


def test_an_unexpected_error_exits_70_and_leaves_a_log_without_addresses(
    newsletter: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("ana@example.org met postgresql+psycopg://me:hunter2@db/news")

    monkeypatch.setitem(cli.COMMANDS, "build", (fail, "", []))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = newsletter("build")
    assert answer.code == 70
    assert "Traceback" not in answer.err
    (log,) = tmp_path.glob("newsletter-error-*.log")
    assert str(log) in answer.err
    text = log.read_text(encoding="utf-8")
    assert "RuntimeError" in text
    assert "newsletter: 0." in text
    assert "ana@example.org" not in text
    assert "hunter2" not in text


class Interrupting(io.StringIO):
    """An editor who presses Ctrl-C in place of an answer."""

    def readline(self, _: int | None = -1, /) -> str:  # type: ignore[override]  # typeshed has two of these
        raise KeyboardInterrupt


def test_ctrl_c_at_a_question_says_so_and_exits_130(newsletter: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    newsletter.patch.chdir(newsletter.folder)
    newsletter.patch.setattr("sys.stdin", Interrupting())
    assert cli.run(["doctor", "--online", "--roundtrip"]) == 130
    assert capsys.readouterr().err.endswith("Type yes: \ninterrupted\n")


def test_output_into_a_closed_pipe_ends_quietly(three_readers: Terminal) -> None:
    command = f"{sys.executable} -m newsletter subscribers export | true; exit ${{PIPESTATUS[0]}}"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        ["bash", "-c", command], cwd=three_readers.folder, env=env, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no file that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_answer_that_cannot_be_written_is_an_error_and_no_defect(three_readers: Terminal, unbuffered: str) -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "newsletter", "subscribers", "list"],
            cwd=three_readers.folder,
            env=env,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 4
    assert "error: the answer cannot be written: No space left on device\nhint: make room" in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_help_imports_none_of_the_heavy_libraries() -> None:
    heavy = ("pydantic", "sqlalchemy", "premailer", "jinja2", "botocore", "markdown_it", "starlette", "rich")
    program = "import sys; import newsletter.cli.app; print(*[name for name in sys.argv[1:] if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program, *heavy], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == []

from __future__ import annotations

import email
import email.policy
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running import Terminal

ISSUE = "vol-2-issue-3"


def _messages(folder: Path) -> list[Path]:
    return sorted((folder / ".newsletter/outbox").rglob("*.eml"))


def test_send_asks_for_the_name_and_ends_with_the_account(three_readers: Terminal) -> None:
    answer = three_readers("send", ISSUE, typed=f"{ISSUE}\n")
    assert answer.code == 0
    assert "3 intended = 3 accepted + 0 refused + 0 suppressed + 0 in doubt\n" in answer.out
    assert len(_messages(three_readers.folder)) == 3


@pytest.mark.parametrize("typed", ["", "yes\n", "vol-2-issue-2\n"])
def test_anything_but_the_name_sends_nothing(three_readers: Terminal, typed: str) -> None:
    answer = three_readers("send", ISSUE, typed=typed)
    assert answer.code == 1
    assert "error: not sent" in answer.err
    assert _messages(three_readers.folder) == []
    assert three_readers("status", "--json").data == []


def test_a_dry_run_shows_the_plan_and_does_nothing(three_readers: Terminal) -> None:
    answer = three_readers("send", ISSUE, "--dry-run")
    assert answer.code == 0
    for said in ("to send    3", "V2G News <letter@v2gnews.example.com>", "never; see newsletter test-send"):
        assert said in answer.out
    assert three_readers("status", "--json").data == []


def test_the_plan_names_the_variants_and_a_test_send_shows_each(three_readers: Terminal) -> None:
    file = three_readers.folder / "issues" / f"{ISSUE}.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text + "  - {kind: note, text: Only for the US, only: {tag: us}}\n", encoding="utf-8")
    assert "variants   2, each checked: not us; us" in three_readers("send", ISSUE, "--dry-run").out
    assert three_readers("send", ISSUE, "--dry-run", "--json").data["variants"] == [[[]], [["us"]]]

    assert three_readers("test-send", ISSUE, "--to", "me@example.org").code == 0
    copies = [path.read_text(encoding="utf-8") for path in _messages(three_readers.folder)]
    assert [("Subject: [TEST us]" in copy, "Only for the US" in copy) for copy in copies] == [(False,) * 2, (True,) * 2]

    three_readers("test-send", ISSUE, "--to", "you@example.org", "--as", "ana@example.org")
    (copy,) = (text for path in _messages(three_readers.folder) if "you@" in (text := path.read_text(encoding="utf-8")))
    assert "Subject: [TEST] " in copy
    assert "Only for the US" in copy

    assert three_readers("send", ISSUE, "--yes").code == 0
    sent = [
        text for path in _messages(three_readers.folder) if "[TEST" not in (text := path.read_text(encoding="utf-8"))
    ]
    assert sorted("Only for the US" in text for text in sent) == [False, True, True]


def test_the_plan_tells_when_these_very_bytes_were_test_sent(three_readers: Terminal) -> None:
    tested = three_readers("test-send", ISSUE, "--group", "editors", "--json").data
    plan = three_readers("send", ISSUE, "--dry-run", "--json").data
    assert plan["digest"] == tested["digest"]
    assert plan["tested_at"] is not None
    file = three_readers.folder / "issues" / f"{ISSUE}.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("signature: Steve", "signature: S."), encoding="utf-8")
    assert three_readers("send", ISSUE, "--dry-run", "--json").data["tested_at"] is None


def test_sending_again_mails_nobody_twice_and_a_new_reader_once(three_readers: Terminal) -> None:
    three_readers("send", ISSUE, "--yes")
    again = three_readers("send", ISSUE, "--yes")
    assert again.code == 0
    assert "nothing to do" in again.err
    three_readers("subscribers", "add", "dee@example.org")
    assert three_readers("send", ISSUE, "--yes", "--json").data["account"]["accepted"] == 1
    addresses = [email.message_from_bytes(path.read_bytes())["To"] for path in _messages(three_readers.folder)]
    assert len(addresses) == len(set(addresses)) == 4


def test_a_tag_chooses_the_audience_and_the_rest_can_follow(three_readers: Terminal) -> None:
    first = three_readers("send", ISSUE, "--tag", "us", "--yes", "--json").data["account"]
    rest = three_readers("send", ISSUE, "--yes", "--json").data["account"]
    assert (first["accepted"], rest["accepted"]) == (2, 1)


def test_whoever_left_is_suppressed_and_counted(three_readers: Terminal) -> None:
    (three_readers.folder / "left.csv").write_text("email,standing\nbob@example.com,unsubscribed\n", encoding="utf-8")
    three_readers("subscribers", "import", "left.csv")
    answer = three_readers("send", ISSUE, "--yes")
    assert "3 intended = 2 accepted + 0 refused + 1 suppressed + 0 in doubt\n" in answer.out


def test_an_empty_list_is_nothing_to_do(newsletter: Terminal) -> None:
    answer = newsletter("send", ISSUE, "--yes")
    assert answer.code == 0
    assert "nothing to do: nobody is in this audience; see: newsletter subscribers list\n" in answer.err


def test_it_says_why_there_is_nothing_to_do(three_readers: Terminal) -> None:
    three_readers("suppressions", "add", "ana@example.org")
    blocked = three_readers("send", ISSUE, "--yes", "--to", "address = ana@example.org")
    three_readers("send", ISSUE, "--yes")
    again = three_readers("send", ISSUE, "--yes")

    assert "nothing to do: nobody in this audience may be mailed\n" in blocked.err
    assert "nothing to do: everybody in this audience has been accounted for\n" in again.err
    assert "not again   2, whom earlier mailings of it account for\n" in again.out


def test_ses_without_the_signing_secret_is_refused_before_anything_happens(three_readers: Terminal) -> None:
    three_readers.patch.setenv("NEWSLETTER_TRANSPORT", "ses")
    answer = three_readers("send", ISSUE, "--yes")
    assert answer.code == 2
    assert "error: NEWSLETTER_SECRET is not set; it signs the unsubscribe links\n" in answer.err
    three_readers.patch.setenv("NEWSLETTER_SECRET", "short")
    assert "shorter than 32 characters" in three_readers("send", ISSUE, "--yes").err
    three_readers.patch.setenv("NEWSLETTER_SECRET", "k" * 40 + os.fsdecode(b"\xff"))
    for command in (["send", ISSUE, "--yes"], ["doctor"], ["doctor", "--online"]):
        unreadable = three_readers(*command)
        assert (unreadable.code, "NEWSLETTER_SECRET is no text in UTF-8" in unreadable.err) == (2, True)


def test_a_test_copy_goes_to_anybody_with_a_marked_subject_and_inert_links(three_readers: Terminal) -> None:
    answer = three_readers("test-send", ISSUE, "--to", "nobody@example.org", "--as", "ANA@example.org")
    assert answer.code == 0
    (path,) = _messages(three_readers.folder)
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message["To"] == "Ana <nobody@example.org>"
    assert message["Subject"].startswith("[TEST] ")
    assert message["List-Unsubscribe"] == "<https://v2gnews.example.com/unsubscribe/test-copy>"


def test_a_test_send_to_nobody_names_the_groups(newsletter: Terminal) -> None:
    answer = newsletter("test-send", ISSUE)
    assert answer.code == 2
    assert "groups: editors, policy" in answer.err
    assert "did you mean 'editors'?" in newsletter("test-send", ISSUE, "--group", "editor").err


@pytest.mark.slow
def test_on_a_terminal_send_draws_a_progress_bar(three_readers: Terminal) -> None:
    master, slave = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm", "COLUMNS": "100"}
    command = [sys.executable, "-m", "newsletter", "send", ISSUE, "--yes"]
    with subprocess.Popen(command, cwd=three_readers.folder, env=env, stdin=slave, stdout=slave, stderr=slave) as child:
        os.close(slave)
        said = _read_all(master)
        assert child.wait() == 0
    os.close(master)
    assert f"{ISSUE} " in said
    assert "3/3" in said


def _read_all(terminal: int) -> str:
    said = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and select.select([terminal], [], [], 30)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        said += piece
    return said.decode()

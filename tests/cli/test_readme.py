"""README is true: its commands exist, its example builds, its tables are complete."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from newsletter.core.environment import ENVIRONMENT
from newsletter.core.publication import NAMED_DEFAULT_STORE, AssetSettings, Publication, SesSettings
from tests.cli.running import Terminal

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
GROUPS = r"(?:subscribers |suppressions |audience |layout |store |assets |outbox |aws )?"
COMMANDS = sorted(set(re.findall(rf"`newsletter ({GROUPS}[a-z-]+)", README)))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_named_exists(newsletter: Terminal, command: str) -> None:
    assert newsletter(*command.split(), "--help").code == 0


def test_every_option_named_exists(newsletter: Terminal) -> None:
    helps = "".join(newsletter(*command.split(), "--help").out for command in COMMANDS)
    options = set(re.findall(r"(?<![-\w])--[a-z][a-z-]*", README)) - {"--help"}
    assert {option for option in options if option not in helps} == set()


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"\bmake ([a-z]+)\b", README)) - {"answers", "their"}
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    assert {target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


def test_the_test_command_is_what_ci_runs() -> None:
    assert "`make check` is the test command" in README
    assert (REPOSITORY / ".ci/run").read_text(encoding="utf-8").endswith("\nmake check\n")


def test_the_example_issue_builds(newsletter: Terminal) -> None:
    (example,) = re.findall(r"```yaml\n(volume.*?)```", README, re.DOTALL)
    (newsletter.folder / "issues/vol-2-issue-4.yaml").write_text(example, encoding="utf-8")
    assert newsletter("build", "--json").data["issue"] == "vol-2-issue-4"


def test_the_example_mistake_is_reported_in_these_words(newsletter: Terminal) -> None:
    (line,) = re.findall(r"^issues/vol-2-issue-4.yaml:\d+:\d+: .*$", README, re.MULTILINE)
    (example,) = re.findall(r"```yaml\n(volume.*?)```", README, re.DOTALL)
    broken = example.replace("department:", "departmnt:")
    (newsletter.folder / "issues/vol-2-issue-4.yaml").write_text(broken, encoding="utf-8")
    assert f"{line}\n" in newsletter("build").err


def test_the_table_of_publication_yaml_names_every_key() -> None:
    table = README[README.index("## publication.yaml") :].partition("\n\nWhat differs")[0]
    named = set(re.findall(r"`([a-z_]+)`", "".join(row.split("|")[1] for row in table.splitlines() if "|" in row)))
    assert named == set(Publication.model_fields)
    for key, settings in (("ses", SesSettings), ("assets", AssetSettings)):
        (row,) = [row for row in table.splitlines() if row.startswith(f"| `{key}`")]
        assert set(re.findall(r"`([a-z_]+)`", row)) == {key, *settings.model_fields}
    assert NAMED_DEFAULT_STORE in table


def test_every_environment_variable_is_named() -> None:
    assert set(re.findall(r"NEWSLETTER_[A-Z_]+", README)) == {*ENVIRONMENT, "NEWSLETTER_DNS", "NEWSLETTER_SECRET"}


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http|#)([^)]+)\)", README))
def test_every_link_into_the_repository_leads_somewhere(target: str) -> None:
    assert (REPOSITORY / target).exists()


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    needed = ("help", "setup", "demo", "check", "test", "golden", "bench", "preview", "clean")
    assert [name for name in needed if f"  {name} " not in listed] == []


@pytest.mark.parametrize("anchor", re.findall(r"\]\(#([^)]+)\)", README))
def test_every_link_inside_leads_to_a_heading(anchor: str) -> None:
    headings = re.findall(r"^#+ (.+)$", README, re.MULTILINE)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}

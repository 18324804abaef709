"""The mails of the doors: rendered as issues are, but no edition."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.errors import InvalidSource
from newsletter.flows.build import build, edition
from newsletter.flows.letters import Letters, letters
from tests.conftest import REPOSITORY

WELCOME = """\
subject: Welcome
preheader: Hello
blocks:
  - {kind: letter, text: 'Dear reader, see Vol. 9 | Issue 1.'}
"""


def written(folder: Path, more: str = "", welcome: str = WELCOME) -> Letters:
    with (folder / "publication.yaml").open("a", encoding="utf-8") as file:
        file.write(more)
    (folder / "issues/welcome.yaml").write_text(welcome, encoding="utf-8")
    return letters(Project(folder), {}, None)


@pytest.mark.parametrize("layout", ["v2g", "plain"])
def test_the_mails_have_neither_numbers_nor_a_date_and_only_links_that_lead_somewhere(
    publication: Path, layout: str
) -> None:
    file = publication / "publication.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("layout: v2g", f"layout: {layout}"), encoding="utf-8")
    made = written(publication, "welcome: welcome\n")
    assert made.welcome
    for each, ways in ((made.confirmation, {"confirm"}), (made.welcome, {"unsubscribe", "preferences"})):
        for text in (each.build.html, each.build.text):
            shown = each.build.restored(text)
            assert set(re.findall(r"\{\{ links\.(\w+) \}\}", shown)) == ways
            assert "Volume 0" not in shown
            assert "1/1/2000" not in shown
    assert "You receive V2G News because you subscribed." in made.welcome.build.text
    assert "You receive" not in made.confirmation.build.text
    assert "/archive/vol-9-issue-1" in made.welcome.build.html  # a greeting may refer to every issue


def test_they_speak_the_publications_words_and_its_direction(publication: Path) -> None:
    file = publication / "publication.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("language: en", "language: ar"), encoding="utf-8")
    made = written(publication, "words:\n  mail_subject: 'تأكيد {publication}'\n  mail_button: تأكيد\n")
    assert made.confirmation.build.subject == "تأكيد V2G News"
    assert 'dir="rtl"' in made.confirmation.build.html
    assert "تأكيد" in made.confirmation.build.text


def test_a_welcome_that_is_broken_or_missing_is_found_before_any_door_opens(publication: Path) -> None:
    with pytest.raises(InvalidSource) as caught:
        written(publication, "welcome: welcome\n", WELCOME.replace("kind: letter", "kind: leter"))
    assert "issues/welcome.yaml:4:5: blocks[0]" in str(caught.value.problems[0])
    (publication / "issues/welcome.yaml").unlink()
    (publication / "issues/welcom.yaml").write_text(WELCOME, encoding="utf-8")
    with pytest.raises(InvalidSource) as caught:
        letters(Project(publication), {}, None)
    (problem,) = caught.value.problems
    assert str(problem).startswith("publication.yaml:21:1: welcome: there is no issues/welcome.yaml")
    assert problem.hint == "did you mean 'welcom'?"


def test_a_file_with_numbers_must_still_be_named_for_them(publication: Path) -> None:
    with pytest.raises(InvalidSource) as caught:
        written(publication, "welcome: welcome\n", f"volume: 3\nnumber: 1\ndate: 2026-03-03\n{WELCOME}")
    assert "rename it to vol-3-issue-1.yaml" in str(caught.value.problems[0])


def test_the_example_of_the_readme_can_be_built(publication: Path) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n# issues/welcome.yaml.*?\n(.*?)```", readme, re.DOTALL)
    (publication / "issues/welcome.yaml").write_text(example, encoding="utf-8")
    assert build(Project(publication), "welcome", {}).folder.name == "welcome"
    text = edition(Project(publication), "welcome", {}).build.text
    assert "You get this because you have just confirmed." in text
    assert Project(publication).issue_name(None) == "vol-2-issue-3"  # a welcome is never the newest issue

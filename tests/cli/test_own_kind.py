"""The README of the layout is true: its example of a kind of block, followed line by line, is in the email."""

from __future__ import annotations

import re

import pytest

from newsletter.core.schema import HOLDINGS
from tests.cli.running import Terminal
from tests.conftest import REPOSITORY

README = (REPOSITORY / "layouts/v2g/README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Kinds of block of your own\n")[2].partition("\n## ")[0]
FILES = dict(re.findall(r"`(blocks/[\w.]+)`[^`]*```\w+\n(.*?)```", SECTION, re.DOTALL))
BLOCK = re.findall(r"```yaml\n(  - kind: .*?)```", SECTION, re.DOTALL)[0]


@pytest.fixture
def followed(newsletter: Terminal) -> Terminal:
    """Return a terminal in a publication whose layout and newest issue have what the README says."""
    for name, text in FILES.items():
        (newsletter.folder / "layouts/v2g" / name).write_text(text, encoding="utf-8")
    issue = newsletter.folder / "issues/vol-2-issue-3.yaml"
    issue.write_text(issue.read_text(encoding="utf-8") + BLOCK, encoding="utf-8")
    return newsletter


def test_the_example_is_whole() -> None:
    assert list(FILES) == ["blocks/tender.schema.yaml", "blocks/tender.mjml.j2", "blocks/tender.txt.j2"]


def test_the_example_passes_the_check_of_the_layout_without_a_warning(followed: Terminal) -> None:
    answer = followed("layout", "check")
    assert answer.code == 0
    assert answer.out.startswith("v2g: 0 errors, 0 warnings in 46 templates; shows ")
    assert answer.out.endswith(", tender\n")


def test_the_example_is_built(followed: Terminal) -> None:
    assert followed("build").code == 0
    folder = followed.folder / "build/vol-2-issue-3"
    html = (folder / "email.html").read_text(encoding="utf-8")
    assert ">Forty chargers for a school district</h2>" in html
    assert 'href="https://example.org/tender"' in html
    assert (
        "TENDERS\n\nForty chargers for a school district\n====================================\n"
        "Bids by 3/31/2026\nhttps://example.org/tender\n\n- The northern depot: 12 chargers\n- Training\n\n"
    ) in (folder / "email.txt").read_text(encoding="utf-8")


def test_a_mistake_in_the_block_is_told_as_in_any_other(followed: Terminal) -> None:
    issue = followed.folder / "issues/vol-2-issue-3.yaml"
    issue.write_text(issue.read_text(encoding="utf-8").replace("chargers: 12", "charges: 12"), encoding="utf-8")
    answer = followed("build")
    assert answer.code == 2
    assert ".lots[0].charges: is not a key here; did you mean 'chargers'?" in answer.err


def test_the_table_of_words_is_that_of_the_tool() -> None:
    rows = re.findall(r"(?m)^\| `([a-z ]+)` \|", SECTION)
    assert rows == list(HOLDINGS)

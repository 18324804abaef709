from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from newsletter.core.blocks import MODELS
from newsletter.core.forms import Form, texts
from newsletter.core.issue import Issue
from newsletter.core.source import read
from newsletter.core.typed import kind_of
from tests.core.examples import yaml_of
from tests.core.render.test_v2g import kinds

README = (Path(__file__).parents[2] / "layouts/v2g/README.md").read_text(encoding="utf-8")


def forms(blocks: str) -> dict[str, Form]:
    document = read(yaml_of(blocks=blocks).encode(), "f")
    return {str(path[-1]): form for path, _, form in texts(Issue, document.data)}


def test_the_head_of_an_issue_is_words_but_for_numbers_and_the_date() -> None:
    found = forms("- {kind: divider, label: L}")
    assert found == {
        **dict.fromkeys(("volume", "number", "date", "kind"), Form.NONE),
        **dict.fromkeys(("subject", "preheader", "label"), Form.WORDS),
    }


def test_a_key_has_the_form_that_its_kind_of_block_gives_it() -> None:
    assert forms("- {kind: raw, mjml: M, text: T}")["mjml"] is Form.MJML
    assert forms("- {kind: note, mjml: M, text: T}")["mjml"] is Form.WORDS


def test_a_key_of_a_kind_that_nobody_knows_is_what_it_is_elsewhere() -> None:
    found = forms("- {kind: nte, text: T, date: D, colour: red, items: [a]}")
    assert (found["text"], found["date"], found["kind"], found["colour"]) == (
        Form.MARKDOWN,
        Form.NONE,
        Form.NONE,
        Form.WORDS,
    )


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(kind_of(model)))
def test_the_readme_of_the_layout_marks_what_is_markdown(model: type[BaseModel]) -> None:
    [row] = [line for line in README.splitlines() if line.startswith(f"| `{kind_of(model)}` |")]
    block, *_ = [each for each in kinds("Line", "Text") if each["kind"] == kind_of(model)]
    data = read(yaml_of(blocks=f"- {block!r}").encode(), "f").data
    marked = {path[-1] for path, _, form in texts(Issue, data) if form is Form.MARKDOWN}
    assert marked <= {*re.findall(r"`(\w+)`\*", row)}
    assert not {key for key in strings(block) if f"`{key}`*" in row} - marked


def strings(block: object) -> Iterator[str]:
    """Yield the keys of a block that hold text."""
    for key, value in block.items() if isinstance(block, dict) else ():
        if isinstance(value, str):
            yield key
        for item in value if isinstance(value, list) else [value]:
            yield from strings(item)

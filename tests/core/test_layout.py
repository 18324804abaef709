from __future__ import annotations

import pytest

from newsletter.core.layout import Layout, parse_layout
from newsletter.core.source import Document, read
from newsletter.errors import InvalidSource
from tests.core.examples import LAYOUT, publication

TOKENS = read(b'ink: "#112233"\nfont: Arial\n', "layouts/plain/tokens.yaml")


def parsed(given: dict[str, str], tokens: Document = TOKENS, templates: dict[str, str] | None = None) -> Layout:
    lines = "".join(f"  {key}: '{value}'\n" for key, value in given.items())
    source = read(f"a: b\ntokens:\n{lines}".encode(), "publication.yaml")
    by = publication(tokens=given)
    return parse_layout("plain", templates or dict(LAYOUT.templates), tokens, publication=by, source=source)


def said(given: dict[str, str], tokens: Document = TOKENS, templates: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        parsed(given, tokens, templates)
    return [str(problem) for problem in caught.value.problems]


def test_the_publications_tokens_replace_the_layouts() -> None:
    assert parsed({}).tokens == {"ink": "#112233", "font": "Arial"}
    assert parsed({"ink": "#AABBCC"}).tokens == {"ink": "#AABBCC", "font": "Arial"}


def test_an_unknown_token_and_a_wrong_colour_are_reported_where_they_stand() -> None:
    assert said({"inc": "#000000", "ink": "red"}) == [
        "publication.yaml:3:3: tokens.inc: layout plain has no token 'inc'; did you mean 'ink'?",
        "publication.yaml:4:3: tokens.ink: 'red' is not a colour; write six digits, like #1A4D8F",
    ]


@pytest.mark.parametrize("value", ["#abc", "#11223344", "#112233; }", "url(x)"])
def test_a_colour_has_six_digits_for_old_mail_programs(value: str) -> None:
    assert "is not a colour" in said({"ink": value})[0]


def test_a_token_of_the_layout_must_be_text() -> None:
    assert said({}, read(b"ink:\n- a\n", "t.yaml")) == ["t.yaml:1:1: ink: must be text; quote it"]


def test_every_template_that_is_missing_is_said() -> None:
    assert said({}, templates={"text.txt.j2": ""}) == [
        "layouts/plain/layout.mjml.j2:1:1: is missing; every layout has one",
        "layouts/plain/inline.css.j2:1:1: is missing; every layout has one",
    ]


def test_a_kind_needs_both_its_templates_and_shared_pieces_are_none() -> None:
    names = ["layout.mjml.j2", "blocks/a.mjml.j2", "blocks/a.txt.j2", "blocks/b.mjml.j2", "blocks/c.txt.j2"]
    names += ["blocks/_piece.mjml.j2", "blocks/_piece.txt.j2"]
    assert Layout("x", dict.fromkeys(names, ""), {}).kinds == {"a"}


def test_a_layout_has_its_schemas_as_kinds_and_not_among_its_templates() -> None:
    files = {**LAYOUT.templates, "blocks/quip.mjml.j2": "", "blocks/quip.schema.yaml": "words: line"}
    layout = parsed({}, templates=files)
    assert {name: [key.name for key in kind.keys] for name, kind in layout.own.items()} == {"quip": ["words"]}
    assert "blocks/quip.schema.yaml" not in layout.templates
    assert "quip" not in layout.kinds


def test_problems_of_schemas_and_of_tokens_are_said_together() -> None:
    files = {**LAYOUT.templates, "blocks/quip.schema.yaml": "words:"}
    assert said({"ink": "red"}, templates=files) == [
        "layouts/plain/blocks/quip.schema.yaml:1:1: words: is empty; say what it holds, for instance `line`",
        "publication.yaml:3:3: tokens.ink: 'red' is not a colour; write six digits, like #1A4D8F",
    ]

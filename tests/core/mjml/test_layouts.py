"""Templates of a layout: Jinja anywhere, branches, macros, pieces where they are included; and the one that ships."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.core.mjml.checking import check, refuse_broken
from newsletter.core.mjml.components import mjml
from newsletter.errors import InvalidSource
from tests.core.mjml.writing import column, document, findings, said

LAYOUTS = Path(__file__).parents[3] / "layouts"


def templates_of(layout: Path) -> dict[str, str]:
    return {str(path.relative_to(layout)): path.read_text(encoding="utf-8") for path in layout.rglob("*.j2")}


@pytest.mark.parametrize("layout", [path for path in LAYOUTS.iterdir() if path.is_dir()], ids=lambda path: path.name)
def test_the_layouts_that_ship_have_neither_errors_nor_warnings(layout: Path) -> None:
    found = check(layout.name, templates_of(layout))
    assert (found.errors, found.warnings) == ((), ())


FINE = {
    "an expression with what would end it": column('<mj-text>{{ "}}" ~ {"a": {"b": "%}"}}["a"]["b"] }}</mj-text>'),
    "a comment with an apostrophe and a tag": column("{# it's <mj-foo> {{ #}<mj-spacer />"),
    "an attribute that is there or not": column('<mj-text{% if a %} padding="1px"{% endif %}>a</mj-text>'),
    "one attribute or another": column(
        '<mj-text {% if a %}padding="1px"{% else %}padding="2px"{% endif %}>a</mj-text>'
    ),
    "attributes from Jinja": column("<mj-image {{ attributes }} />"),
    "values from Jinja": column(
        '<mj-text color="{{ ink }}" padding="{{ a }} 0px {{ b }}px" align="{{ c }}">a</mj-text>'
    ),
    "a value over several lines": column('<mj-text padding="{{\n a\n}} 1px 2px 3px">a</mj-text>'),
    "a tag from Jinja": column("<mj-{{ kind }}>a</mj-{{ kind }}><{{ tag }}>b</{{ tag }}>"),
    "one tag or another": document(
        "{% if a %}<mj-section>{% else %}<mj-section full-width='full-width'>{% endif %}<mj-column /></mj-section>"
    ),
    "a tag around, or none": document(
        "{% if a %}<mj-wrapper>{% endif %}<mj-section></mj-section>{% if a %}</mj-wrapper>{% endif %}"
    ),
    "branches that close": column("<mj-text><p>a{% if a %}b</p>{% else %}c</p>{% endif %}</mj-text>"),
    "a loop with nothing to show": column("{% for a in b %}<mj-spacer />{% else %}<mj-divider />{% endfor %}"),
    "raw text": column("{% raw %}<mj-text>{{ a }}</mj-text>{% endraw %}"),
    "a macro before the document": "{% macro a() %}<mj-text>b</mj-text>{% endmacro %}" + document(),
    "a macro of words": "{% macro a() %}some <b>words</b>{% endmacro %}" + document(),
    "a block that is set": "{% set a %}<mj-text>b</mj-text>{% endset %}{% set b = 1 %}" + document(),
    "two heads, one of which is there": (
        "<mjml>{% if a %}<mj-head></mj-head>{% else %}<mj-head></mj-head>{% endif %}</mjml>"
    ),
    "another newline": column("<mj-text>\n{{- a -}}\n{%- if b -%}c{%- endif -%}</mj-text>"),
}


@pytest.mark.parametrize("source", FINE.values(), ids=FINE)
def test_jinja_may_stand_anywhere(source: str) -> None:
    assert said(source) == []


LEFT_TO_JINJA = {
    "a tag that does not end": column("<mj-foo>{{ a</mj-foo>"),
    "a bracket that does not end": column("<mj-foo>{{ (a }}</mj-foo>"),
    "a string that does not end": column("<mj-foo>{{ 'a }}</mj-foo>"),
    "a comment that does not end": column("<mj-foo>{# a"),
    "raw text that does not end": column("<mj-foo>{% raw %}"),
    "a branch that does not end": column("<mj-foo>{% if a %}"),
    "a branch that ends as another": column("<mj-foo>{% if a %}{% endfor %}"),
    "an else of nothing": column("<mj-foo>{% else %}"),
    "an end of nothing": column("<mj-foo>{% endmacro %}"),
}


@pytest.mark.parametrize("source", LEFT_TO_JINJA.values(), ids=LEFT_TO_JINJA)
def test_what_jinja_will_refuse_is_left_to_jinja(source: str) -> None:
    assert said(source) == []


def test_a_mistake_inside_a_macro_or_a_branch_has_its_place() -> None:
    source = "{% macro a() %}\n<mj-txt />\n{% endmacro %}\n" + document("{% if a %}\n  <mj-column />\n{% endif %}")
    assert said(source) == [
        "2:1: <mj-txt> is not a tag of MJML; did you mean 'mj-text'?",
        "10:3: <mj-column> cannot stand in <mj-body>; put it into <mj-group> or <mj-section>",
    ]


def test_a_macro_closes_what_it_opens() -> None:
    source = "{% macro a() %}<mj-section>{% endmacro %}" + document()
    assert said(source) == ["1:16: <mj-section> is never closed; write </mj-section> where it ends"]


def test_a_piece_is_checked_in_the_tag_that_includes_it() -> None:
    blocks = document('{% for block in issue.blocks %}{% include "blocks/" ~ block.kind ~ ".mjml.j2" %}{% endfor %}')
    pieces = {"blocks/note.mjml.j2": "<mj-text>a</mj-text>", "blocks/_piece.mjml.j2": "<mj-text>a</mj-text>"}
    assert said(blocks, pieces) == [
        "blocks/note.mjml.j2:1:1: <mj-text> cannot stand in <mj-body>; put it into <mj-column> or <mj-hero>"
    ]


def test_a_piece_of_a_piece_is_checked_too() -> None:
    pieces = {
        "a.mjml.j2": '{% include "b.mjml.j2" ignore missing %}',
        "b.mjml.j2": "words",
    }
    assert said(document("{% include 'a.mjml.j2' with context %}"), pieces) == [
        "b.mjml.j2:1:1: 'words' cannot stand in <mj-body>; put it into <mj-text>"
    ]


def test_a_piece_that_stands_in_different_places_may_hold_anything() -> None:
    source = document(
        '{% include "a.mjml.j2" %}<mj-section><mj-column>{% include "a.mjml.j2" %}</mj-column></mj-section>'
    )
    assert said(source, {"a.mjml.j2": "<mj-text>a</mj-text>"}) == []


def test_a_piece_that_nothing_includes_may_hold_anything_but_a_document() -> None:
    assert said(document(), {"a.mjml.j2": "<mj-text>a</mj-text><p>b</p>"}) == []
    assert said(document(), {"a.mjml.j2": "<mjml></mjml>"}) == [
        "a.mjml.j2:1:1: <mjml> cannot stand in a piece; it stands once, around everything"
    ]


def test_a_layout_may_extend_another_template() -> None:
    child = '{% extends "base.mjml.j2" %}{% block a %}<mj-section></mj-section>{% endblock %}'
    assert said(child, {"base.mjml.j2": document("{% block a %}{% endblock %}")}) == []
    assert said(child, {"base.mjml.j2": "<mj-body></mj-body>"}) == [
        "base.mjml.j2:1:1: <mj-body> cannot stand in the document outside <mjml>; put it into <mjml>"
    ]


def test_plain_text_and_styles_are_not_mjml() -> None:
    assert said(document(), {"text.txt.j2": "<mj-foo>", "inline.css.j2": "<"}) == []


def test_a_broken_layout_is_refused_with_every_error_and_without_its_warnings() -> None:
    source = column('<mj-image src="a.png" />\n<mj-txt />\n<mj-text colour="red">a</mj-text>')
    with pytest.raises(InvalidSource) as refused:
        refuse_broken("own", {"layout.mjml.j2": source})
    assert [(problem.mark.line, problem.file) for problem in refused.value.problems] == [
        (8, "layouts/own/layout.mjml.j2"),
        (9, "layouts/own/layout.mjml.j2"),
    ]
    assert len(findings(source).warnings) == 1


def test_the_tags_that_hold_html_are_those_of_mjml() -> None:
    ending = {name for name, component in mjml().components.items() if component.ending}
    for tag in sorted(ending & mjml().components["mj-column"].children):
        assert said(column(f"<{tag}><b>a</b></{tag}>")) == []

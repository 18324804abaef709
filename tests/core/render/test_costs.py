from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from newsletter.core.build import Build
from newsletter.core.issue import Issue
from newsletter.core.layout import HTML, Layout, parse_layout
from newsletter.core.publication import Tracking, parse_publication
from newsletter.core.render.album import Album
from newsletter.core.render.costs import Cost, Costs, costs
from newsletter.core.source import read
from newsletter.flows.build import edition
from tests.core.examples import LAYOUT, built, hostile_texts, issue_data, note, publication
from tests.golden.cases import Shelf

GOLDEN = Path(__file__).parents[2] / "golden"
INCLUDE = '{% include "blocks/" ~ block.kind ~ ".mjml.j2" %}'
LOOP = "{% for block in issue.blocks %}" + INCLUDE + "{% endfor %}"
SHARE = {"kind": "share", "text": "Share it.", "label": "Share", "url": "https://e.com/"}


def size(build: Build) -> int:
    return len(build.restored(build.html).encode())


def told(*blocks: dict[str, Any], layout: Layout = LAYOUT) -> Costs:
    build = built(*blocks, layout=layout)
    found = costs(build, build.variants[0], Issue.model_validate(issue_data(*blocks)), publication(), layout, Album())
    assert found.whole == size(build)
    return found


def drawing(body: str, **templates: str) -> Layout:
    """Return a layout that draws its blocks another way."""
    document = LAYOUT.templates[HTML]
    assert LOOP in document
    named = {f"blocks/{kind}.mjml.j2": text for kind, text in templates.items()}
    return replace(LAYOUT, templates={**LAYOUT.templates, HTML: document.replace(LOOP, body), **named})


def test_what_is_said_to_ses_alone_costs_nothing() -> None:
    by, blocks = publication(track=Tracking(clicks=True)), (note("[a](https://a.example/)"), SHARE)
    build = built(*blocks, by=by)
    found = costs(build, build.variants[0], Issue.model_validate(issue_data(*blocks)), by, LAYOUT, Album())
    assert "ses:tags" in build.html
    assert found == told(*blocks)


@pytest.mark.parametrize("case", ["everything", "hostile", "vol-2-issue-3"])
def test_every_block_of_the_layout_that_ships_has_its_cost_and_nothing_is_lost(case: str) -> None:
    shelf = Shelf(GOLDEN / case)
    source = read(shelf.publication(), "publication.yaml")
    by = parse_publication(source, {})
    templates, tokens = shelf.layout(by.layout)
    layout = parse_layout(by.layout, templates, read(tokens, "tokens.yaml"), publication=by, source=source)
    made = edition(shelf, shelf.issue_name(None), {})

    found = costs(made.build, made.build.variants[0], made.issue, by, layout, made.album)

    assert [cost.kind for cost in found.blocks] == [block.kind for block in made.issue.blocks]
    assert all(cost.bytes > 500 for cost in found.blocks)
    assert found.whole == len(made.build.restored(made.build.html).encode())


def test_a_longer_block_costs_what_is_longer_and_no_other_does() -> None:
    before, after = (told(note(), note("Hello." + letters), SHARE) for letters in ("", 20 * "é"))
    assert [cost.bytes for cost in after.blocks] == [
        cost.bytes + more for cost, more in zip(before.blocks, (0, 40, 0), strict=True)
    ]
    assert after.frame == before.frame


def test_costs_stand_in_the_order_of_the_issue_with_what_names_the_blocks() -> None:
    assert [(cost.kind, cost.title) for cost in told(SHARE, note(title="One"), note(title="Two")).blocks] == [
        ("share", ""),
        ("note", "One"),
        ("note", "Two"),
    ]


def test_merge_fields_count_as_they_are_written() -> None:
    field = '{{ subscriber.first_name | default("reader") }}'
    [plain], [merged] = told(note("x")).blocks, told(note(field)).blocks
    assert merged.bytes - plain.bytes == len(field) - len("x")


@given(hostile_texts, hostile_texts)
@settings(max_examples=40)
def test_whatever_the_texts_are_every_block_has_its_cost(title: str, text: str) -> None:
    assert len(told(note(text), note(text, title=" ".join(title.split())), SHARE).blocks) == 3


def test_a_text_that_looks_like_what_is_looked_for_is_a_text() -> None:
    raw = "<mj-section><mj-column><mj-raw><!--blockmark0--><p>a</p></mj-raw></mj-column></mj-section>"
    layout = drawing(LOOP, note=f"{raw}<!--blockmark1-->")
    assert len(told(note(), note(), layout=layout).blocks) == 2


INSIDE = {
    "a section": ("<mj-section>|</mj-section>", "<mj-column><mj-text>a</mj-text></mj-column>"),
    "a column": ("<mj-section><mj-column>|</mj-column></mj-section>", "<mj-text>a</mj-text>"),
    "a text": ("<mj-section><mj-column><mj-text>|</mj-text></mj-column></mj-section>", "<p>a</p>"),
}


@pytest.mark.parametrize(("around", "inside"), INSIDE.values(), ids=INSIDE)
def test_blocks_may_be_included_in(around: str, inside: str) -> None:
    first, second = told(note(), note(), layout=drawing(around.replace("|", LOOP), note=inside)).blocks
    assert first.bytes > len(inside) - len("<mj-text></mj-text>")
    assert abs(first.bytes - second.bytes) < 200


def test_a_piece_that_a_block_includes_is_part_of_the_block() -> None:
    drawn = LAYOUT.templates["blocks/note.mjml.j2"]
    whole = told(note(), layout=drawing(LOOP))
    pieces = told(note(), layout=drawing(LOOP, note='{% include "blocks/_piece.mjml.j2" %}', _piece=drawn))
    assert pieces == whole


def test_a_block_that_is_drawn_twice_costs_twice() -> None:
    [once], [twice] = told(note()).blocks, told(note(), layout=drawing(LOOP + LOOP)).blocks
    assert 1.9 < twice.bytes / once.bytes < 2.1


def test_a_block_that_draws_nothing_costs_nothing_and_one_left_out_is_not_told() -> None:
    layout = drawing(LOOP.replace(" %}", ' if block.kind != "share" %}', 1), note="{# nothing #}")
    assert told(note(), SHARE, layout=layout).blocks == (Cost("note", "A note", 0),)


def column(inside: str) -> str:
    return f"<mj-section><mj-column>{inside}</mj-column></mj-section>"


OTHERWISE = {
    "in the layout itself": ("{% for block in issue.blocks %}<mj-section></mj-section>{% endfor %}", ""),
    "where a comment changes what is around it": (
        column(f"<mj-social>{LOOP}</mj-social>"),
        '<mj-social-element src="a.png" alt="" href="https://e.com/">a</mj-social-element>',
    ),
    "where no comment may stand": (
        column(f"<mj-accordion><mj-accordion-element>{LOOP}</mj-accordion-element></mj-accordion>"),
        "<mj-accordion-text>a</mj-accordion-text>",
    ),
    "inside an attribute": (f'<mj-section css-class="{LOOP}"><mj-column /></mj-section>', "a"),
}


@pytest.mark.parametrize(("body", "block"), OTHERWISE.values(), ids=OTHERWISE)
def test_of_blocks_that_are_drawn_otherwise_nothing_is_told(body: str, block: str) -> None:
    found = told(note(), layout=drawing(body, note=block))
    assert found.blocks == ()
    assert found.frame == found.whole

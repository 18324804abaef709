"""Every token of every layout can be read wherever the layout puts it, by day and by night."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import pytest
from playwright.sync_api import Browser

from newsletter.core.issue import parse_issue
from newsletter.core.layout import Layout, parse_layout
from newsletter.core.publication import parse_publication
from newsletter.core.render.pipeline import render
from newsletter.core.source import read
from newsletter.edges.files import Project
from newsletter.flows.build import album
from tests.cascade import OUTLOOK, cascade
from tests.colours import Colour, contrast, parse
from tests.golden.cases import ROOT, Shelf
from tests.grounds import marks, words
from tests.screens import SCHEMES, Scheme, shown

LAYOUTS = sorted(path.parent.name for path in (ROOT / "layouts").glob("*/layout.mjml.j2"))
# WCAG 2.2, success criteria 1.4.3 for words and 1.4.11 for what says that something is a button.
READABLE, VISIBLE = 4.5, 3.0


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A colour that a layout puts on another, by the names of their tokens, or as it stands in a template."""

    scheme: Scheme
    ink: str
    ground: str


@cache
def layout(name: str) -> Layout:
    templates, tokens = Project(ROOT).layout(name)
    source = read((ROOT / "publication.yaml").read_bytes(), "publication.yaml")
    by = parse_publication(source, {}).model_copy(update={"tokens": {}})
    return parse_layout(name, templates, read(tokens, "tokens.yaml"), publication=by, source=source)


def letter(by: Layout) -> str:
    """Return the case with every kind of block and every key, in a layout."""
    shelf = Shelf(ROOT / "tests/golden/everything")
    name = shelf.issue_name(None)
    file, data = shelf.issue(name)
    source, about = read(data, file), read(shelf.publication(), "publication.yaml")
    issue, publication = parse_issue(source, name), parse_publication(about, {})
    pictures = album(shelf, (publication, about), (issue, source))
    return render(issue, source, publication, by, pictures).html


def colours(by: Layout) -> dict[str, Colour]:
    """Return the tokens that are colours."""
    return {name: colour for name, value in by.tokens.items() if (colour := parse(value))}


def told_apart(by: Layout) -> tuple[Layout, dict[Colour, str]]:
    """Return a layout in which each token has a colour of its own, and whose each is."""
    marked = {name: Colour(0x1A, 0x2B, 0x40 + place) for place, name in enumerate(colours(by))}
    tokens = {**by.tokens, **{name: str(colour) for name, colour in marked.items()}}
    return replace(by, tokens=tokens), {colour: name for name, colour in marked.items()}


@cache
def uses(name: str) -> tuple[frozenset[Use], frozenset[Use], frozenset[Use]]:
    """Return what a layout puts on what: words, of each button the fill or edge that stands out more, and lines."""
    plain = layout(name)
    marked, names = told_apart(plain)
    html, values = letter(marked), colours(plain)

    def named(colour: Colour) -> str:
        return names.get(colour, str(colour))

    def value(colour: Colour) -> Colour:
        return values[names[colour]] if colour in names else colour

    texts, buttons, lines = set(), set(), set()
    for scheme in SCHEMES:
        seen = cascade(html, scheme)
        texts |= {Use(scheme, named(ink), named(ground)) for _, ink, ground in seen.texts()}
        lines |= {Use(scheme, named(ink), named(ground)) for _, ink, ground in seen.lines()}
        for _, inks, ground in seen.buttons():
            best = max(inks, key=lambda ink, ground=ground: contrast(value(ink), value(ground)))  # type: ignore[misc]
            buttons.add(Use(scheme, named(best), named(ground)))
    return frozenset(texts), frozenset(buttons), frozenset(lines)


def faint(name: str, found: frozenset[Use], least: float) -> list[tuple[Use, float]]:
    values = colours(layout(name))

    def of(ink: str) -> Colour:
        return values.get(ink) or parse(ink) or Colour(0, 0, 0)

    ratios = ((use, contrast(of(use.ink), of(use.ground))) for use in sorted(found))
    return [(use, round(ratio, 2)) for use, ratio in ratios if ratio < least]


@pytest.mark.parametrize("name", LAYOUTS)
def test_words_can_be_read_on_every_ground_that_the_layout_puts_them_on(name: str) -> None:
    texts, _, _ = uses(name)
    assert {use.scheme for use in texts} == set(SCHEMES)
    assert len(texts) >= 6
    assert faint(name, texts, READABLE) == []


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_button_can_be_told_from_its_ground(name: str) -> None:
    _, buttons, _ = uses(name)
    assert {use.scheme for use in buttons} in (set(SCHEMES), set())
    assert faint(name, buttons, VISIBLE) == []


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_token_is_left_out_and_each_half_of_a_pair_shows_in_its_own_scheme_alone(name: str) -> None:
    found = {use for each in uses(name) for use in each}
    shown_by = {
        scheme: {part for use in found if use.scheme == scheme for part in (use.ink, use.ground)} for scheme in SCHEMES
    }
    tokens = set(colours(layout(name)))
    assert tokens - set().union(*shown_by.values()) == set()
    assert {each for each in shown_by["light"] if each.endswith("_dark")} == set()
    assert {each for each in shown_by["dark"] if f"{each}_dark" in tokens} == set()


@pytest.mark.parametrize("name", LAYOUTS)
def test_outlook_gets_the_same_night_by_its_own_selectors(name: str) -> None:
    html = letter(layout(name))
    asked, marked = (cascade(html, "dark"), cascade(html, "dark", by=OUTLOOK))
    assert list(marked.texts()) == list(asked.texts())
    assert list(marked.buttons()) == list(asked.buttons())


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_browser_sees_the_same_colours(browser: Browser, name: str, scheme: Scheme) -> None:
    html = letter(layout(name))
    with shown(browser, html, 640, scheme) as page:
        there = {(mark.ink, mark.ground) for mark in words(page)}
    here = {(ink, ground) for _, ink, ground in cascade(html, scheme).texts()}
    assert here == there


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", LAYOUTS)
def test_everything_can_be_read_in_a_browser(browser: Browser, name: str, scheme: Scheme) -> None:
    with shown(browser, letter(layout(name)), 375, scheme) as page:
        seen = marks(page)
    assert len(seen) > 100
    least = {"words": READABLE, "button": VISIBLE, "line": 1.0}
    assert [str(mark) for mark in seen if mark.contrast < least[mark.part]] == []


def test_a_faint_token_would_be_noticed() -> None:
    name = LAYOUTS[0]
    texts, _, _ = uses(name)
    pale = replace(layout(name), tokens={**layout(name).tokens, "muted_dark": layout(name).tokens["paper_dark"]})
    dark = cascade(letter(pale), "dark")
    assert [said for said, ink, ground in dark.texts() if contrast(ink, ground) < READABLE]
    assert any("muted_dark" in use.ink for use in texts)

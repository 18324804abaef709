"""The kinds of block in a real browser, as short and as long as they get, and hostile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pytest
from playwright.sync_api import Browser

from newsletter.core.links import inert_link
from newsletter.flows.build import SAMPLE, edition
from tests.colours import Colour, contrast, parse
from tests.fidelity.rendering import with_pictures
from tests.golden.cases import ROOT, Shelf
from tests.grounds import words
from tests.screens import SCHEMES, Scheme, shown

pytestmark = pytest.mark.browser

TIGHT = ["block-table", "block-numbers", "block-table in plain"]
PICTURES = [
    f"{case}{dress}"
    for case in ("block-figure", "block-chart", "finds-thumbnails", "finds-columns")
    for dress in ("", " in plain")
]
# A golden case as it is, or in another layout.
ALL = ["everything", "pairs", "plain", "rtl", "rtl-plain", "blocks-short", "blocks-long", "blocks-hostile"]
ALL += ["blocks-short in plain", "blocks-long in plain", "blocks-hostile in plain"]


@dataclass(frozen=True)
class Redressed(Shelf):
    """A golden case in the layout that is named."""

    dress: str = ""

    def publication(self) -> bytes:
        given = super().publication()
        return given.replace(b"layout: v2g", f"layout: {self.dress}".encode()) if self.dress else given


@cache
def letter(case: str) -> str:
    name, _, dress = case.partition(" in ")
    shelf = Redressed(ROOT / "tests" / "golden" / name, dress=dress)
    made = edition(shelf, shelf.issue_name(None), {})
    html = made.build.html_template().fill(
        lambda field: field.value(SAMPLE, lambda name: inert_link(made.publication.public, name))
    )
    return with_pictures(html, made.build.assets)


@pytest.mark.parametrize("width", [320, 640])
@pytest.mark.parametrize("case", [*ALL, *TIGHT, *PICTURES])
def test_blocks_never_scroll_sideways(browser: Browser, case: str, width: int) -> None:
    with shown(browser, letter(case), width, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        # A column that is too wide for the sheet may still be hidden by its margin.
        assert page.evaluate(_TOO_WIDE) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("case", ALL)
def test_every_word_of_a_block_stands_out_from_its_ground(browser: Browser, case: str, scheme: Scheme) -> None:
    with shown(browser, letter(case), 375, scheme) as page:
        seen = words(page)
    assert len(seen) > 30
    assert [str(mark) for mark in seen if mark.contrast < 4.5] == []


@pytest.mark.parametrize("width", [375, 640])
@pytest.mark.parametrize("case", ["blocks-short", "blocks-short in plain"])
def test_links_that_stand_alone_are_large_enough_for_a_thumb(browser: Browser, case: str, width: int) -> None:
    """WCAG 2.2 success criterion 2.5.5; links inside a sentence are exempt, and so are the headlines of a digest."""
    with shown(browser, letter(case), width, "light") as page:
        links = page.locator("a").filter(has_text="a").filter(has_not_text="N")
        sizes = [
            (box["height"], link.evaluate("e => e.outerHTML")) for link in links.all() if (box := link.bounding_box())
        ]
    assert len(sizes) == 14  # contents 7, poll 2, and one each of share, events, jobs, sponsor and button
    assert [html for height, html in sizes if height < 44] == []


@pytest.mark.parametrize("case", ["block-quote", "block-quote in plain"])
def test_the_name_under_a_quote_is_large_enough_for_a_thumb(browser: Browser, case: str) -> None:
    with shown(browser, letter(case), 375, "light") as page:
        box = page.get_by_text("Russell Vare").bounding_box()
    assert box
    assert box["height"] >= 44


@pytest.mark.parametrize("case", ["block-contents", "block-contents in plain"])
def test_entries_of_the_contents_lead_to_their_headings(browser: Browser, case: str) -> None:
    with shown(browser, letter(case), 375, "light") as page:
        for entry in page.locator("ol a").all():
            target = page.locator(f"[id='{(entry.get_attribute('href') or '')[1:]}']")
            assert target.count() == 1
            assert target.inner_text().lower() == entry.inner_text().lower()


def test_without_media_queries_blocks_stand_in_their_width(browser: Browser) -> None:
    content = letter("block-numbers")
    without = content[: content.index("<style")] + content[content.rindex("</style>") :]
    with shown(browser, without, 375, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 375


@pytest.mark.parametrize("case", PICTURES)
@pytest.mark.parametrize("width", [375, 640])
def test_pictures_keep_their_shape_and_never_grow(browser: Browser, case: str, width: int) -> None:
    with shown(browser, letter(case), width, "light") as page:
        pictures = page.evaluate(_PICTURES)
    assert len(pictures) >= 3
    for each in pictures:
        assert each["wide"] <= each["pixels"]
        assert abs(each["wide"] / each["high"] - each["shape"]) < 0.03


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("case", PICTURES)
def test_with_pictures_off_their_words_stand_out_from_the_ground(browser: Browser, case: str, scheme: Scheme) -> None:
    with shown(browser, _without_pictures(letter(case)), 375, scheme) as page:
        inks = page.locator("img.shot:not([alt=''])").evaluate_all(_INKS)
        ground = page.locator(".paper, .letter").last.evaluate("each => getComputedStyle(each).backgroundColor")
    assert len(inks) >= 2
    assert min(contrast(_colour(ink), _colour(ground)) for ink in inks) >= 4.5


@pytest.mark.parametrize(("case", "size"), [("finds-columns", "48px"), ("finds-columns in plain", "22px")])
def test_with_pictures_off_the_logo_reads_as_the_name_in_the_type_of_the_masthead(
    browser: Browser, case: str, size: str
) -> None:
    with shown(browser, _without_pictures(letter(case)), 640, "light") as page:
        logo = page.get_by_role("heading", level=1).get_by_alt_text("V2G News")
        assert logo.evaluate("each => getComputedStyle(each).fontSize") == size


def _colour(text: str) -> Colour:
    colour = parse(text)
    assert colour
    return colour


def _without_pictures(html: str) -> str:
    return re.sub(r'src="data:[^"]*"', 'src="https://example.invalid/"', html)


_INKS = "all => all.map((each) => getComputedStyle(each).color)"
_PICTURES = """async () => Promise.all([...document.images].map(async (each) => {
  await each.decode();
  const { width, height } = each.getBoundingClientRect();
  return { wide: width, high: height, pixels: each.naturalWidth, shape: each.naturalWidth / each.naturalHeight };
}))"""
_TOO_WIDE = """() => {
  const room = document.scrollingElement.clientWidth;
  const right = room - (room < 480 || document.querySelector(".letter") ? 23 : 39);
  return [...document.querySelectorAll('table.data *, p *, li *, .figure *, .half *, td.find *, .pair *, img')]
    .filter((each) => each.getBoundingClientRect().right > right)
    .map((each) => each.outerHTML.slice(0, 120));
}"""

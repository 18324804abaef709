"""The kinds of block in a real browser, as short and as long as they get, and hostile."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from newsletter.core.links import inert_link
from newsletter.flows.build import SAMPLE, edition
from tests.e2e.test_screens import _PAIRS, _contrast
from tests.fidelity.rendering import with_pictures
from tests.golden.cases import ROOT, Shelf
from tests.screens import SCHEMES, Scheme, shown

pytestmark = pytest.mark.browser

ALL = ["everything", "blocks-short", "blocks-long", "blocks-hostile"]


def letter(case: str) -> str:
    shelf = Shelf(ROOT / "tests" / "golden" / case)
    made = edition(shelf, shelf.issue_name(None), {})
    html = made.build.html_template().fill(
        lambda field: field.value(SAMPLE, lambda name: inert_link(made.publication.public, name))
    )
    return with_pictures(html, made.build.assets)


@pytest.mark.parametrize("width", [320, 375, 640])
@pytest.mark.parametrize("case", [*ALL, "block-table", "block-numbers", "block-chart"])
def test_blocks_never_scroll_sideways(browser: Browser, case: str, width: int) -> None:
    with shown(browser, letter(case), width, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width
        # A column that is too wide for the sheet may still be hidden by its margin.
        assert page.evaluate(_TOO_WIDE) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("case", ALL)
def test_every_word_of_a_block_stands_out_from_its_ground(browser: Browser, case: str, scheme: Scheme) -> None:
    with shown(browser, letter(case), 375, scheme) as page:
        pairs = page.evaluate(_PAIRS)
    assert len(pairs) > 40
    assert {(text, ink, ground) for text, ink, ground in pairs if _contrast(ink, ground) < 4.5} == set()


@pytest.mark.parametrize("width", [375, 640])
def test_links_that_stand_alone_are_large_enough_for_a_thumb(browser: Browser, width: int) -> None:
    """WCAG 2.2 success criterion 2.5.5; links inside a sentence are exempt, and so are the headlines of a digest."""
    with shown(browser, letter("blocks-short"), width, "light") as page:
        links = page.locator("a").filter(has_text="a").filter(has_not_text="N")
        sizes = [
            (box["height"], link.evaluate("e => e.outerHTML")) for link in links.all() if (box := link.bounding_box())
        ]
    assert len(sizes) == 9  # contents 3, poll 2, and one each of events, jobs, sponsor and button
    assert [html for height, html in sizes if height < 44] == []


def test_the_name_under_a_quote_is_large_enough_for_a_thumb(browser: Browser) -> None:
    with shown(browser, letter("block-quote"), 375, "light") as page:
        box = page.get_by_text("Russell Vare").bounding_box()
    assert box
    assert box["height"] >= 44


def test_entries_of_the_contents_lead_to_their_headings(browser: Browser) -> None:
    with shown(browser, letter("block-contents"), 375, "light") as page:
        for entry in page.locator("ol a").all():
            target = page.locator(f"[id='{(entry.get_attribute('href') or '')[1:]}']")
            assert target.count() == 1
            assert target.inner_text().lower() == entry.inner_text().lower()


def test_without_media_queries_blocks_stand_in_their_width(browser: Browser) -> None:
    content = letter("block-numbers")
    without = content[: content.index("<style")] + content[content.rindex("</style>") :]
    with shown(browser, without, 375, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 375


_TOO_WIDE = """() => {
  const room = document.scrollingElement.clientWidth;
  const right = room - (room < 480 ? 23 : 39);
  return [...document.querySelectorAll('table.data *, p *, li *, .figure *')]
    .filter((each) => each.getBoundingClientRect().right > right)
    .map((each) => each.outerHTML.slice(0, 120));
}"""

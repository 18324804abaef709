"""An issue in a language from right to left, in a real browser: what stood on the left stands on the right."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.test_block_screens import letter
from tests.screens import WIDTHS, shown

pytestmark = pytest.mark.browser


@pytest.fixture(params=["rtl", "rtl-plain"])
def content(request: pytest.FixtureRequest) -> str:
    return letter(str(request.param))


@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_it_never_scrolls_sideways(browser: Browser, content: str, width: int) -> None:
    with shown(browser, content, width, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_all_text_runs_from_right_to_left_and_begins_on_the_right(browser: Browser, content: str, width: int) -> None:
    with shown(browser, content, width, "light") as page:
        found = page.evaluate(_STYLES)
    assert len(found) > 50
    assert [each for each in found if each[1:] != ["rtl", "right"]] == []


def test_margins_of_lists_bars_of_quotations_and_buttons_are_on_the_right(browser: Browser, content: str) -> None:
    with shown(browser, content, 640, "light") as page:
        for each in page.locator("ul, ol").all():
            left, right = each.evaluate("e => [getComputedStyle(e).marginLeft, getComputedStyle(e).marginRight]")
            assert (left, right != "0px") == ("0px", True)
        for each in page.locator("blockquote").all():
            bars = each.evaluate("e => [getComputedStyle(e).borderLeftWidth, getComputedStyle(e).borderRightWidth]")
            assert (bars[0], bars[1] != "0px") == ("0px", True)
        title, more = (page.get_by_text(text).last.bounding_box() for text in ("حين تقول", "تابع القراءة"))
    assert title
    assert more
    # The sheet of 600 or 640 pixels in the middle has a margin of 24 or 40.
    assert 595 < more["x"] + more["width"] < 605
    assert 595 < title["x"] + title["width"] < 605


def test_columns_of_the_editor_s_own_begin_on_the_right(browser: Browser, content: str) -> None:
    with shown(browser, content, 640, "light") as page:
        right, left = (page.get_by_text(word, exact=True).bounding_box() for word in ("اليمين", "اليسار"))
    assert right
    assert left
    assert right["x"] > left["x"]
    assert right["y"] == left["y"]


def test_code_runs_from_left_to_right(browser: Browser, content: str) -> None:
    with shown(browser, content, 640, "light") as page:
        assert page.locator("pre").evaluate("e => getComputedStyle(e).direction") == "ltr"


# Of each paragraph and heading with words: its first words, its direction, its alignment; what is centred is meant so.
_STYLES = """() => [...document.querySelectorAll('p, h1, h2, h3, li, caption, .folio span')]
  .filter((each) => each.innerText.trim() && getComputedStyle(each).textAlign !== 'center')
  .map((each) => [each.innerText.slice(0, 30), getComputedStyle(each).direction,
    getComputedStyle(each).textAlign.replace('start', 'right')])"""

from __future__ import annotations

import re
from statistics import median

import pytest
from playwright.sync_api import Browser

from tests.colours import luminance
from tests.grounds import words
from tests.screens import ISSUES, LAYOUTS, SCHEMES, WIDTHS, Scheme, html, shown

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=[f"{issue} {layout}" for issue in ISSUES for layout in LAYOUTS])
def content(request: pytest.FixtureRequest) -> str:
    return html(*request.param.split())


@pytest.mark.parametrize("width", [320, *WIDTHS])
def test_an_issue_never_scrolls_sideways(browser: Browser, content: str, width: int) -> None:
    with shown(browser, content, width, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_word_of_an_issue_stands_out_from_its_ground(
    browser: Browser, content: str, width: int, scheme: Scheme
) -> None:
    """WCAG 2.2 success criterion 1.4.3: a contrast of at least 4.5 to 1, measured in what the browser computed."""
    with shown(browser, content, width, scheme) as page:
        seen = words(page)
    assert len(seen) > 50
    assert [str(mark) for mark in seen if mark.contrast < 4.5] == []


def test_dark_is_dark_and_light_is_light(browser: Browser, content: str) -> None:
    grounds = {}
    for scheme in SCHEMES:
        with shown(browser, content, 640, scheme) as page:
            grounds[scheme] = [luminance(mark.ground) for mark in words(page)]
    # A filled button stands out in both, so it is the ground of most words that counts.
    assert median(grounds["light"]) > 0.9
    assert median(grounds["dark"]) < 0.05


def test_buttons_and_footer_links_are_large_enough_for_a_thumb(browser: Browser, content: str) -> None:
    """WCAG 2.2 success criterion 2.5.5 asks for targets of 44 CSS pixels."""
    with shown(browser, content, 375, "light") as page:
        links = page.locator("a").filter(has_text=re.compile("Unsubscribe|Read on|Share|browser"))
        heights = [box["height"] for box in (link.bounding_box() for link in links.all()) if box]
    assert len(heights) >= 4
    assert min(heights) >= 44


def test_without_its_style_sheet_an_issue_still_reads_well(browser: Browser, content: str) -> None:
    """Gmail drops a style element that it does not like; the inlined styles must carry the letter alone."""
    with shown(browser, re.sub(r"<style.*?</style>", "", content, flags=re.DOTALL), 640, "light") as page:
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 640
        sizes = page.locator("p").evaluate_all("all => all.map((each) => parseFloat(getComputedStyle(each).fontSize))")
    assert median(sizes) >= 16
    assert min(sizes) >= 13

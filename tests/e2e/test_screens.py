from __future__ import annotations

import re
from statistics import median

import pytest
from playwright.sync_api import Browser

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
        pairs: list[tuple[str, str, str]] = page.evaluate(_PAIRS)
    assert len(pairs) > 50
    faint = {(text, ink, ground) for text, ink, ground in pairs if _contrast(ink, ground) < 4.5}
    assert faint == set()


def test_dark_is_dark_and_light_is_light(browser: Browser, content: str) -> None:
    grounds = {}
    for scheme in SCHEMES:
        with shown(browser, content, 640, scheme) as page:
            grounds[scheme] = [_luminance(ground) for _, _, ground in page.evaluate(_PAIRS)]
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


def _contrast(one: str, two: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# For every visible text: its first words, its colour, and the colour of the nearest ground behind it.
_PAIRS = """() => {
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\\)$|transparent/.test(colour)) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const pairs = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    const box = element.getBoundingClientRect();
    const hidden = getComputedStyle(element).visibility === 'hidden' || box.width < 2 || box.height < 2;
    if (!text || hidden || /^[\\u034f\\u200c\\u00a0\\s]+$/.test(text)) continue;
    pairs.push([text.slice(0, 40), getComputedStyle(element).color, ground(element)]);
  }
  return pairs;
}"""

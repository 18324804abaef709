"""What stands on what in a letter, as a browser computes it: words, the edges of buttons, and lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page

from tests.colours import Colour, contrast, parse

Part = Literal["words", "button", "line"]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be seen, what it says or is, and its colour and that of the ground around it."""

    part: Part
    said: str
    ink: Colour
    ground: Colour

    @property
    def contrast(self) -> float:
        return contrast(self.ink, self.ground)

    def __str__(self) -> str:
        return f"{self.part} {self.said!r}: {self.ink} on {self.ground}, {self.contrast:.2f}"


def marks(page: Page) -> list[Mark]:
    """Return everything that a page shows. Of a button's edge and its fill, the one that stands out more counts."""
    return list(_marks(page))


def words(page: Page) -> list[Mark]:
    """Return the words alone."""
    return [mark for mark in _marks(page) if mark.part == "words"]


def _marks(page: Page) -> Iterator[Mark]:
    found: list[tuple[Part, str, list[str], str]] = page.evaluate(_MARKS)
    for part, said, inks, behind in found:
        ground = parse(behind) or Colour(255, 255, 255)
        seen = [ink for ink in map(parse, inks) if ink]
        if seen:
            yield max((Mark(part, said, ink, ground) for ink in seen), key=lambda mark: mark.contrast)


# A button of MJML is a link alone in a cell for layout. A line is a border of any other element.
_MARKS = """() => {
  const CLEAR = 'rgba(0, 0, 0, 0)';
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== CLEAR) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const hidden = (element) => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return style.visibility === 'hidden' || style.opacity === '0' || box.width < 1 || box.height < 1;
  };
  const marks = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, text = walker.currentNode.textContent.trim();
    if (!/[^\\u034f\\u200c\\u00a0\\s]/.test(text) || element.closest('style, script') || hidden(element)) continue;
    if (element.getBoundingClientRect().height < 2) continue;
    marks.push(['words', text.slice(0, 40), [getComputedStyle(element).color], ground(element)]);
  }
  for (const element of document.body.querySelectorAll('*')) {
    if (hidden(element)) continue;
    const style = getComputedStyle(element), edges = [];
    for (const side of ['Top', 'Right', 'Bottom', 'Left']) {
      if (parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== 'none') {
        edges.push(style[`border${side}Color`]);
      }
    }
    const button = element.matches('td[role=presentation]') && element.querySelector(':scope > a, :scope > p');
    const around = ground(element.parentElement ?? element), said = element.textContent.trim().slice(0, 40);
    if (button) marks.push(['button', said, [...edges, style.backgroundColor], around]);
    else for (const edge of new Set(edges)) marks.push(['line', said, [edge], around]);
  }
  return marks;
}"""

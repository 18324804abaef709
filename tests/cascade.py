"""The colours of a letter by day and by night, worked out from its HTML and style sheets without a browser.

The part of CSS that letters use: rules with plain selectors, `!important`, style attributes, and the media query for
the night. Widths, paper and pointers are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cssselect import HTMLTranslator
from cssselect import parse as parse_selector
from lxml import etree, html

from tests.colours import Colour, parse
from tests.fidelity.clients import blocks
from tests.screens import Scheme

_NIGHT = "@media (prefers-color-scheme: dark)"
# Outlook.com and Outlook's apps mark elements instead: https://www.hteumeuleu.com/2019/dealing-with-outlook-com-s-dark-mode/
OUTLOOK = "[data-ogsc]"
_COLOURED = {"color", "background-color", "border-color", "display"}
_LONGHANDS = {
    "background": "background-color",
    **dict.fromkeys(("border", "border-top", "border-right", "border-bottom", "border-left"), "border-color"),
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,6}\b")


@dataclass(frozen=True, slots=True)
class Cascade:
    """A letter in one scheme: for each element and property, the value that wins."""

    root: Any
    values: Mapping[Any, Mapping[str, str]] = field(repr=False)

    def texts(self) -> Iterator[tuple[str, Colour, Colour]]:
        """Yield the words of each element that shows some, their colour and their ground's."""
        for element in self.root.iter(etree.Element):
            words = [element.text, *(child.tail for child in element)]
            if any(each and re.search(r"\w", each) for each in words) and not self._hidden(element):
                said = " ".join(" ".join(each for each in words if each).split())[:40]
                yield said, self._nearest(element, "color"), self.ground(element)

    def buttons(self) -> Iterator[tuple[str, list[Colour], Colour]]:
        """Yield the words of each button of MJML, the colours of its fill and edge, and the ground around it."""
        for cell in self.root.iterfind(".//td[@role='presentation']"):
            if cell.find("a") is not None or cell.find("p") is not None:
                own = (parse(self.values[cell].get(name, "")) for name in ("background-color", "border-color"))
                yield cell.text_content().strip()[:40], [each for each in own if each], self.ground(cell.getparent())

    def lines(self) -> Iterator[tuple[str, Colour, Colour]]:
        """Yield the tag of each element with a border, the border's colour and the ground around it."""
        for element in self.root.iter(etree.Element):
            if colour := parse(self.values[element].get("border-color", "")):
                yield element.tag, colour, self.ground(element.getparent())

    def ground(self, element: Any) -> Colour:
        """Return the colour of the nearest ground."""
        return self._nearest(element, "background-color")

    def _nearest(self, element: Any, name: str) -> Colour:
        for each in (element, *element.iterancestors()):
            if colour := parse(self.values[each].get(name, "")):
                return colour
        return Colour(0, 0, 0) if name == "color" else Colour(255, 255, 255)

    def _hidden(self, element: Any) -> bool:
        ancestors = (element, *element.iterancestors())
        return any(each.tag in {"head", "style"} or self.values[each].get("display") == "none" for each in ancestors)


def cascade(letter: str, scheme: Scheme, *, by: str = _NIGHT) -> Cascade:
    """Return the colours of a letter; `by` is what the mail program goes by at night."""
    root = html.document_fromstring(letter.encode(), parser=html.HTMLParser(encoding="utf-8"))
    winners: dict[Any, dict[str, tuple[tuple[bool, bool, tuple[int, ...]], str]]] = {}

    def claim(element: Any, declared: str, *, inline: bool, weight: tuple[int, ...]) -> None:
        own = winners.setdefault(element, {})
        for name, value, important in _declarations(declared):
            rank = (important, inline, weight)
            if name not in own or own[name][0] <= rank:
                own[name] = (rank, value)

    for order, (selector, declared) in enumerate(_rules(root, scheme, by)):
        for part in parse_selector(selector):
            path = HTMLTranslator().selector_to_xpath(part)
            for element in root.xpath(path):
                claim(element, declared, inline=False, weight=(*part.specificity(), order))
    for element in root.iter(etree.Element):
        claim(element, element.get("style", ""), inline=True, weight=())
    return Cascade(
        root, {element: {name: value for name, (_, value) in own.items()} for element, own in winners.items()}
    )


def _rules(root: Any, scheme: Scheme, by: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and declarations, in their order, of what holds in a scheme on every screen."""
    for sheet in root.iter("style"):
        for prelude, body in blocks(re.sub(r"/\*.*?\*/", "", sheet.text or "", flags=re.DOTALL)):
            if prelude.startswith("[data-ogs") and scheme == "dark" and by == OUTLOOK:
                yield re.sub(r"\[data-ogs[bc]\] ", "", prelude), body
            elif prelude == _NIGHT and scheme == "dark" and by == _NIGHT:
                yield from blocks(body)
            elif not prelude.startswith(("@", "[data-ogs")):
                yield prelude, body


def _declarations(text: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what declares a colour or hides something: its longhand, its value, and whether it is important."""
    for part in re.findall(r"""(?:[^;"']|"[^"]*"|'[^']*')+""", text):
        name, _, value = (each.strip().lower() for each in part.partition(":"))
        name = {"background": "background-color"}.get(
            name, re.sub(r"^border(-top|-right|-bottom|-left)?$", "border-color", name)
        )
        if name in _COLOURED:
            colour = _COLOUR.search(value)
            yield name, colour[0] if colour else value.removesuffix("!important").strip(), "!important" in value

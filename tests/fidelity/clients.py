"""Which features of HTML and CSS a letter uses, and which mail programs are known not to have them.

What is known is the data of https://www.caniemail.com (MIT), as the npm package `caniemail` carries it. Comments that
are conditional on Outlook are left out: their markup is written for that one program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from typing import Any

from tests.fidelity import node

# By caniemail's names, family and platform. Outlook on Windows is the one that draws with Word.
CLIENTS = (
    "apple-mail.ios",
    "apple-mail.macos",
    "gmail.android",
    "gmail.desktop-webmail",
    "gmail.ios",
    "gmail.mobile-webmail",
    "outlook.outlook-com",
    "outlook.windows",
    "samsung-email.android",
    "yahoo.android",
    "yahoo.desktop-webmail",
    "yahoo.ios",
)

# Longhands that caniemail tests together with their shorthand.
_SHORTHANDS = ("padding", "margin", "border", "background", "outline", "list-style")
_ELEMENT_GROUPS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "html-h1-h6"),
    **dict.fromkeys(("ul", "ol", "li"), "html-lists"),
    **dict.fromkeys(("table", "tbody", "tr", "td"), "html-table"),
}
_PARTS_OF_SELECTORS = {
    "css-selector-attribute": re.compile(r"\["),
    "css-selector-class": re.compile(r"\.[\w-]"),
    "css-selector-id": re.compile(r"#[\w-]"),
    "css-selector-universal": re.compile(r"\*"),
    "css-selector-grouping": re.compile(r","),
    "css-selector-child": re.compile(r">"),
    "css-selector-adjacent-sibling": re.compile(r"\+"),
    "css-selector-general-sibling": re.compile(r"~(?!=)"),
    "css-selector-descendant": re.compile(r"[\w\])] +[\w.#\[*:]"),
    "css-selector-chaining": re.compile(r"[\w-]+[.#]\w|\.[\w-]+\["),
    "css-selector-type": re.compile(r"(?:^|[\s>,])[a-z]"),
}
_PARTS_OF_VALUES = {
    "css-important": re.compile("!important"),
    "css-rgb": re.compile(r"\brgb\("),
    "css-rgba": re.compile(r"\brgba\("),
    "css-unit-calc": re.compile(r"\bcalc\("),
    "css-variables": re.compile(r"\bvar\("),
    "css-sytem-ui": re.compile(r"\b(?:system-ui|ui-(?:serif|sans-serif|rounded|monospace))\b"),
    "css-unit-percent": re.compile(r"\d%"),
    **{
        f"css-unit-{unit}": re.compile(rf"\d{unit}\b")
        for unit in ("ch", "cm", "em", "ex", "in", "mm", "pc", "pt", "px", "rem", "vh", "vw", "vmin", "vmax")
    },
}


@dataclass(slots=True)
class Used:
    """What a document uses: features that caniemail has tested, by their slugs, and names that it has not."""

    features: set[str] = field(default_factory=set)
    untested: set[str] = field(default_factory=set)


def used(html: str) -> Used:
    """Return what a document uses."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


def unsupported(features: set[str]) -> dict[str, set[str]]:
    """Return, by feature, the mail programs whose newest tested version does not have it."""
    lacking = {feature: {client for client in CLIENTS if _lacks(feature, client)} for feature in features}
    return {feature: clients for feature, clients in lacking.items() if clients}


def _lacks(feature: str, client: str) -> bool:
    family, platform = client.split(".")
    versions: Mapping[str, str] = _features()[feature]["stats"].get(family, {}).get(platform, {})
    return bool(versions) and list(versions.values())[-1].startswith("n")


@cache
def _features() -> Mapping[str, Any]:
    node.require()
    data = json.loads((node.INSTALLED / "caniemail/data/caniemail.json").read_text(encoding="utf-8"))
    return {feature["slug"]: feature for feature in data["data"]}


class _Reader(HTMLParser):
    """Notes everything that a document uses as the parser comes by."""

    def __init__(self) -> None:
        super().__init__()
        self.found = Used()
        self._in_style = False

    def handle_decl(self, decl: str) -> None:
        self._note("html-doctype", decl)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        self._note(_ELEMENT_GROUPS.get(tag, f"html-{tag}"), f"<{tag}>")
        if ("name", "color-scheme") in attrs:
            self._note("html-meta-color-scheme", "")
        for name, value in attrs:
            if name == "style":
                self._declarations(value or "")
            else:
                self._attribute(name, value or "")

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._sheet(re.sub(r"/\*.*?\*/", "", data, flags=re.DOTALL))
            self._in_style = False

    def _attribute(self, name: str, value: str) -> None:
        if name == "href" and value.startswith("mailto:"):
            self._note("html-mailto-links", "")
        if name == "href" and value.startswith("#"):
            self._note("html-anchor-links", "")
        if name == "src":
            self._note(f"image-{value.rpartition('.')[2].lower()}", value)
        tested = _features().get(f"html-{name}", {"title": ""})["title"].endswith("attribute")
        self._note(f"html-{name}" if tested else "", f"{name}=")

    def _sheet(self, css: str) -> None:
        for prelude, body in blocks(css):
            if not prelude.startswith("@"):
                self._parts(prelude, _PARTS_OF_SELECTORS)
                for pseudo in re.findall(r"(?<!:):([a-z-]+)", prelude):
                    self._note(f"css-pseudo-class-{pseudo}", f":{pseudo}")
                self._declarations(body)
                continue
            self._note(f"css-at-{prelude[1:].split()[0]}", prelude)
            for feature in re.findall(r"\(([a-z-]+)", prelude):
                if feature not in {"min-width", "max-width"}:  # what caniemail tests @media with
                    self._note(f"css-at-media-{feature}", f"({feature})")
            self._sheet(body)

    def _declarations(self, text: str) -> None:
        for part in re.findall(r"""(?:[^;"']|"[^"]*"|'[^']*')+""", text):
            name, _, value = (each.strip() for each in part.partition(":"))
            if name:
                self._note(f"css-{_tested_name(name)}", f"{name}:")
                self._parts(value, _PARTS_OF_VALUES)
            if name == "display":
                for each in ("none", "flex", "grid"):
                    if value.startswith(each):
                        self._note(f"css-display-{each}", "")

    def _parts(self, text: str, parts: Mapping[str, re.Pattern[str]]) -> None:
        self.found.features.update(feature for feature, pattern in parts.items() if pattern.search(text))

    def _note(self, feature: str, name: str) -> None:
        if feature in _features():
            self.found.features.add(feature)
        else:
            self.found.untested.add(name)


def _tested_name(name: str) -> str:
    if f"css-{name}" in _features():
        return name
    return next((shorthand for shorthand in _SHORTHANDS if name.startswith(f"{shorthand}-")), name)


def blocks(css: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before each outermost pair of braces, and what stands between them."""
    depth, start, prelude = 0, 0, ""
    for brace in re.finditer(r"[{}]", css):
        if brace[0] == "{":
            if depth == 0:
                prelude, start = css[start : brace.start()].strip(), brace.end()
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield prelude, css[start : brace.start()]
                start = brace.end()

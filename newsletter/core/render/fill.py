"""What templates see: the issue and what is around it, and the filters that bring values into shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel

from newsletter.core import bidi
from newsletter.core.chart import Chart
from newsletter.core.issue import Issue, slug_of
from newsletter.core.layout import Layout
from newsletter.core.merge import LINKS, Field, Tokens
from newsletter.core.outline import outline
from newsletter.core.publication import Publication
from newsletter.core.render import charts, markdown, plain
from newsletter.core.render.album import Album, Shown
from newsletter.core.render.ems import longest_word
from newsletter.core.render.tabular import tabular
from newsletter.core.render.templates import Filter, Templates
from newsletter.core.table import Table
from newsletter.core.words import ISSUE, reference, said


@dataclass(frozen=True, slots=True)
class Filling:
    """Everything that templates are filled from.

    Templates see: `publication`, `issue`, `block` (inside blocks/), `tokens` (brand tokens), `links` (per-subscriber
    links), `ways` (the names of those that stand at the end), `here` (this issue's address in the archive),
    `volume_line` ("Volume 1 | Issue 6"; empty in a greeting), `outline` (of each block the title and anchor that a
    table of contents needs), `rtl` (the text runs from right to left), and `start` and `end` ("left" and "right" where
    lines begin and end).
    """

    issue: Issue
    publication: Publication
    layout: Layout
    tokens: Tokens
    album: Album = field(default_factory=Album)

    def archive(self, volume: int, number: int) -> str | None:
        """Return the address of an earlier issue; later ones and this one have none to link to."""
        if self.issue.volume and (volume, number) >= (self.issue.volume, self.issue.number):
            return None
        return f"{self.publication.archive}/{slug_of(volume, number)}"

    def mjml(self, name: str, mark: Callable[[int], str] | None = None) -> str:
        """Fill a template whose values are escaped for HTML; `name` is its name inside the layout.

        With `mark`, what it returns for the index of a block stands before and behind what that block becomes.
        """

        def to_html(text: str) -> Markup:
            return markdown.to_html(text, self.archive, reference(self.layout.tokens))

        filters: dict[str, Filter] = {
            "markdown": to_html,
            "longest_word": longest_word,
            "picture": self.album.shown,
            "drawn": self._drawn,
        }
        return self._templates(filters, mark, escaped=True).fill(name, self._context)

    def text(self, name: str) -> str:
        """Fill a template for plain text, where nothing is escaped."""

        def to_plain(text: str, references: plain.References, indent: str = "") -> str:
            form = reference(self.layout.tokens)
            return plain.to_plain(text, self.archive, references, indent=indent, form=form)

        def to_table(table: Table | Chart) -> str:
            cells = "\n".join(cell for line in (table.header, *table.rows) for cell in line)
            # Columns would change places where words of both directions meet on a line.
            loose = self._rtl or re.search(self.tokens.pattern, cells) is not None
            numeric = table.numeric
            rows = [
                [self._ordered(cell) if of else cell for cell, of in zip(row, numeric, strict=True)]
                for row in table.rows
            ]
            return tabular(table.header, rows, numeric, loose=loose)

        filters: dict[str, Filter] = {
            "markdown": to_plain,
            "wrap": plain.wrapped,
            "heading": plain.heading,
            "underlined": plain.underlined,
            "tabular": to_table,
        }
        return self._templates(filters, escaped=False).fill(name, self._context)

    def _templates(
        self, filters: Mapping[str, Filter], mark: Callable[[int], str] | None = None, *, escaped: bool
    ) -> Templates:
        either: dict[str, Filter] = {
            "upper": self._around_tokens(str.upper),
            "lower": self._around_tokens(str.lower),
            "title": self._around_tokens(str.title),
            "print_date": self.publication.print_date,
            "say": said,
            "sides": self._sides,
            "ordered": self._ordered,
            "above_cut": markdown.above_cut,
        }
        return Templates(
            self.layout,
            {**filters, **either},
            {"references": plain.References},
            escaped=escaped,
            finish=self._without_merge_fields,
            mark=mark,
        )

    def _drawn(self, chart: Chart, width: int) -> Shown:
        """Draw a chart in the layout's colours, to be shown so many CSS pixels wide."""
        names = [each.name for each in fields(charts.Colours)]
        if lacking := [name for name in names if name not in self.layout.tokens]:
            raise ValueError(f"charts are drawn with tokens that the layout does not have: {', '.join(lacking)}")
        colours = charts.Colours(**{name: self.layout.tokens[name] for name in names})
        asset = charts.drawn(chart, width, colours, language=self.publication.language)
        origin = f"chart {self.tokens.restore(chart.title)!r}"
        self.album.add(replace(asset, origin=origin, shown=width))
        return Shown(asset.reference, width, round(asset.height * width / asset.width), chart.alt)

    def _context(self) -> dict[str, Any]:
        return {
            "publication": self._with_tokens(self.publication),
            "issue": self._with_tokens(self.issue),
            "byline": self.tokens.replace(self.issue.byline or self.publication.byline),
            "rtl": self._rtl,
            "start": "right" if self._rtl else "left",
            "end": "left" if self._rtl else "right",
            "tokens": {name: self.tokens.replace(value) for name, value in self._brand.items()},
            "links": {name: self.tokens.token(Field("links", name)) for name in LINKS},
            "ways": self.issue.ways,
            "here": f"{self.publication.archive}/{self.issue.slug}" if self.issue.volume else self.publication.archive,
            "outline": self._with_tokens(outline(self.issue.blocks)),
            "volume_line": self._volume_line,
        }

    @property
    def _brand(self) -> Mapping[str, str]:
        return {**self.layout.tokens, "say_why": self.issue.reason} if self.issue.reason else self.layout.tokens

    @property
    def _volume_line(self) -> str:
        if not self.issue.volume:
            return ""
        form = self.layout.tokens.get("say_issue", ISSUE)
        return said(form, volume=self.issue.volume, number=self.issue.number)

    @property
    def _rtl(self) -> bool:
        return self.publication.direction == "rtl"

    def _sides(self, values: str) -> str:
        """Return CSS values for top, right, bottom and left of a text from left to right, for this publication's."""
        top, right, bottom, left = values.split(" ")
        return f"{top} {left} {bottom} {right}" if self._rtl else values

    def _ordered(self, number: str) -> str:
        return bidi.ordered(number) if self._rtl and number else number

    def _with_tokens(self, value: Any) -> Any:
        """Return a value with its merge fields replaced, before any filter can wrap or change them."""
        match value:
            case str() if not isinstance(value, StrEnum):
                return self.tokens.replace(value)
            case tuple():
                return tuple(map(self._with_tokens, value))
            case BaseModel():
                fields = {name: self._with_tokens(getattr(value, name)) for name in type(value).model_fields}
                return value.model_copy(update=fields)
            case _:
                return value

    def _around_tokens(self, change: Callable[[str], str]) -> Filter:
        """Return a filter that changes a text, but not the tokens in it."""

        def changed(text: str) -> str:
            parts = re.split(f"({self.tokens.pattern})", text)
            return type(text)("".join(part if at % 2 else change(part) for at, part in enumerate(parts)))

        return changed

    def _without_merge_fields(self, value: object) -> object:
        if not isinstance(value, str) or "{{" not in value:
            return value
        return type(value)(self.tokens.replace(value))

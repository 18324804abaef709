"""Templates and their data: the only module that knows Jinja2."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

import jinja2
from markupsafe import Markup
from pydantic import BaseModel

from newsletter.core.assets import Asset
from newsletter.core.chart import Chart
from newsletter.core.issue import Issue, slug_of
from newsletter.core.layout import Layout
from newsletter.core.merge import LINKS, Field, Tokens
from newsletter.core.outline import outline
from newsletter.core.publication import Publication
from newsletter.core.render import charts, markdown, plain
from newsletter.core.render.ems import longest_word
from newsletter.core.render.tabular import tabular
from newsletter.core.source import Mark, Problem
from newsletter.core.table import Table
from newsletter.errors import InvalidSource

Filter = Callable[..., object]

# What a template can raise besides Jinja2's own errors: a filter given the wrong thing, a missing key.
_TEMPLATE_ERRORS = (jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a template shows it: what to write for its address, and its size in CSS pixels."""

    reference: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Filling:
    """Everything that templates are filled from.

    Templates see: `publication`, `issue`, `block` (inside blocks/), `tokens` (brand tokens), `links` (per-subscriber
    links), `here` (this issue's address in the archive), `volume_line` ("Volume 1 | Issue 6") and `outline` (of each
    block the title and anchor that a table of contents needs).
    """

    issue: Issue
    publication: Publication
    layout: Layout
    tokens: Tokens
    album: dict[str, Asset] = field(default_factory=dict)  # the pictures that templates asked for, by their names

    def archive(self, volume: int, number: int) -> str | None:
        """Return the address of an earlier issue; later ones and this one have none to link to."""
        if (volume, number) >= (self.issue.volume, self.issue.number):
            return None
        return f"{self.publication.archive}/{slug_of(volume, number)}"

    def mjml(self, name: str) -> str:
        """Fill a template whose values are escaped for HTML; `name` is its name inside the layout."""

        def to_html(text: str) -> Markup:
            return markdown.to_html(text, self.archive)

        filters: dict[str, Filter] = {"markdown": to_html, "longest_word": longest_word, "drawn": self._drawn}
        return self._filled(name, autoescape=True, filters=filters)

    def text(self, name: str) -> str:
        """Fill a template for plain text, where nothing is escaped."""

        def to_plain(text: str, references: plain.References, indent: str = "") -> str:
            return plain.to_plain(text, self.archive, references, indent=indent)

        def to_table(table: Table | Chart) -> str:
            cells = "\n".join(cell for line in (table.header, *table.rows) for cell in line)
            loose = re.search(self.tokens.pattern, cells) is not None
            return tabular(table.header, table.rows, table.numeric, loose=loose)

        filters: dict[str, Filter] = {
            "markdown": to_plain,
            "wrap": plain.wrapped,
            "heading": plain.heading,
            "underlined": plain.underlined,
            "tabular": to_table,
        }
        return self._filled(name, autoescape=False, filters=filters)

    def _filled(self, name: str, *, autoescape: bool, filters: Mapping[str, Filter]) -> str:
        environment = jinja2.Environment(
            loader=jinja2.FunctionLoader(self._load),
            autoescape=autoescape,  # noqa: S701 - False for plain text alone; select_autoescape() would miss .mjml.j2
            undefined=jinja2.StrictUndefined,
            finalize=self._without_merge_fields,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        environment.filters.update(filters)
        for case, change in {"upper": str.upper, "lower": str.lower, "title": str.title}.items():
            environment.filters[case] = self._around_tokens(change)
        environment.filters["print_date"] = self.publication.print_date
        environment.filters["above_cut"] = markdown.above_cut
        environment.globals["references"] = plain.References
        try:
            return environment.get_template(name).render(self._context())
        except _TEMPLATE_ERRORS as err:
            raise InvalidSource([self._problem(name, err)]) from err

    def _drawn(self, chart: Chart, width: int) -> Shown:
        """Draw a chart in the layout's colours, to be shown so many CSS pixels wide."""
        names = [each.name for each in fields(charts.Colours)]
        if lacking := [name for name in names if name not in self.layout.tokens]:
            raise ValueError(f"charts are drawn with tokens that the layout does not have: {', '.join(lacking)}")
        colours = charts.Colours(**{name: self.layout.tokens[name] for name in names})
        asset = charts.drawn(chart, width, colours, language=self.publication.language)
        self.album[asset.name] = asset
        return Shown(asset.reference, width, round(asset.height * width / asset.width))

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self.layout.templates.get(name)
        return None if source is None else (source, f"layouts/{self.layout.name}/{name}", lambda: True)

    def _context(self) -> dict[str, Any]:
        return {
            "publication": self._with_tokens(self.publication),
            "issue": self._with_tokens(self.issue),
            "byline": self.tokens.replace(self.issue.byline or self.publication.byline),
            "tokens": self.layout.tokens,
            "links": {name: self.tokens.token(Field("links", name)) for name in LINKS},
            "here": f"{self.publication.archive}/{self.issue.slug}",
            "outline": self._with_tokens(outline(self.issue.blocks)),
            "volume_line": f"Volume {self.issue.volume} | Issue {self.issue.number}",
        }

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

    def _problem(self, name: str, err: Exception) -> Problem:
        """Return the problem with the template's own file and line, which Jinja2 keeps in the traceback."""
        file, line = f"layouts/{self.layout.name}/{name}", getattr(err, "lineno", None) or 1
        if isinstance(err, jinja2.TemplateSyntaxError):
            file = err.filename or file
        frame = err.__traceback__
        while frame is not None:
            if frame.tb_frame.f_code.co_filename.startswith("layouts/"):
                file, line = frame.tb_frame.f_code.co_filename, frame.tb_lineno
            frame = frame.tb_next
        hint = "see `block`, `issue`, `publication`, `tokens`, `links` in the layout's README"
        return Problem(file, Mark(line, 1), "", str(err), hint)

"""Templates and their data: the only module that knows Jinja2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from types import CodeType
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from jinja2.runtime import Context
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
from newsletter.core.source import Mark, Problem
from newsletter.core.table import Table
from newsletter.core.words import ISSUE, reference, said
from newsletter.errors import InvalidSource

Filter = Callable[..., object]
Fill = Callable[[Context], Iterator[str]]

# What a template can raise besides Jinja2's own errors: a filter given the wrong thing, a missing key.
_TEMPLATE_ERRORS = (jinja2.TemplateError, TypeError, ValueError, LookupError, AttributeError)


class _Compiled(jinja2.BytecodeCache):
    """What templates were compiled to, which takes longer than to fill them; of each template the newest."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._kept.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.checksum, bucket.code


# Whether values are escaped is compiled into a template.
_COMPILED = {escaped: _Compiled() for escaped in (True, False)}


class _Environment(jinja2.Environment):
    """One that can mark what the templates of blocks become, wherever these are included."""

    def __init__(self, mark: Callable[[int], str] | None, **options: Any) -> None:
        super().__init__(**options)
        self._mark = mark
        self._marked: set[str] = set()
        self._within = False

    def get_template(
        self,
        name: str | jinja2.Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - jinja2's own name
    ) -> jinja2.Template:
        """Return a template, from the second time on the same."""
        template = super().get_template(name, parent, globals)
        known = str(template.name)
        if self._mark and known.startswith("blocks/") and known not in self._marked:
            self._marked.add(known)
            template.root_render_func = self._marking(template.root_render_func, self._mark)
        return template

    def _marking(self, inner: Fill, mark: Callable[[int], str]) -> Fill:
        """Return what fills a template and marks what it becomes, if it is filled for one of the issue's blocks."""

        def outer(context: Context) -> Iterator[str]:
            blocks, block = getattr(context.get("issue"), "blocks", ()), context.get("block")
            at = next((mark(index) for index, each in enumerate(blocks) if each is block), "")
            if self._within or not at:  # a piece that a block's template includes is part of that block
                yield from inner(context)
                return
            self._within = True
            yield at
            yield from inner(context)
            yield at
            self._within = False

        return outer


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
        return self._filled(name, autoescape=True, filters=filters, mark=mark)

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
        return self._filled(name, autoescape=False, filters=filters)

    def _filled(
        self,
        name: str,
        *,
        autoescape: bool,
        filters: Mapping[str, Filter],
        mark: Callable[[int], str] | None = None,
    ) -> str:
        environment = _Environment(
            mark,
            loader=jinja2.FunctionLoader(self._load),
            bytecode_cache=_COMPILED[autoescape],
            optimized=False,  # or what this filling's filters make of constants would be compiled into the template
            autoescape=autoescape,  # False for plain text alone; select_autoescape() would miss .mjml.j2
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
        environment.filters["say"] = said
        environment.filters["sides"] = self._sides
        environment.filters["ordered"] = self._ordered
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
        origin = f"chart {self.tokens.restore(chart.title)!r}"
        self.album.add(replace(asset, origin=origin, shown=width))
        return Shown(asset.reference, width, round(asset.height * width / asset.width), chart.alt)

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        source = self.layout.templates.get(name)
        return None if source is None else (source, f"layouts/{self.layout.name}/{name}", lambda: True)

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

    @jinja2.pass_context  # so that it is not called when a template is compiled, which other fillings use too
    def _without_merge_fields(self, _: Context, value: object) -> object:
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

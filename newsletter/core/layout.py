"""A layout: its templates, its style, and its brand tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsletter.core.issue import Issue
from newsletter.core.kinds import MJML, SCHEMA, TXT, Kind, files_of, own_kinds
from newsletter.core.publication import Publication
from newsletter.core.source import Document, Mark, Problem
from newsletter.core.typed import did_you_mean
from newsletter.errors import InvalidSource

HTML = "layout.mjml.j2"
TEXT = "text.txt.j2"
STYLE = "inline.css.j2"

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Layout:
    """Templates by their name inside the layout, tokens with the publication's own put in, kinds of block it adds."""

    name: str
    templates: Mapping[str, str]
    tokens: Mapping[str, str]
    own: Mapping[str, Kind] = field(default_factory=dict)

    @property
    def kinds(self) -> frozenset[str]:
        """Return the kinds of block that have both templates; files whose name begins with _ are shared pieces."""
        found = set(files_of(self.templates))
        return frozenset(kind for kind, _ in found if {(kind, MJML), (kind, TXT)} <= found)


def parse_layout(
    name: str, files: Mapping[str, str], tokens: Document, *, publication: Publication, source: Document
) -> Layout:
    """Return a layout of its templates and schemas with the publication's tokens; `source` is where those stand.

    Raises:
        InvalidSource: a template is missing, a schema is wrong, or a token is unknown or of the wrong form.
    """
    problems = [
        Problem(f"layouts/{name}/{needed}", Mark(1, 1), "", "is missing", "every layout has one")
        for needed in (HTML, TEXT, STYLE)
        if needed not in files
    ]
    kinds, wrong = own_kinds(name, files)
    problems += wrong
    own = tokens.data if isinstance(tokens.data, dict) else {}
    defaults = {key: value for key, value in own.items() if isinstance(value, str)}
    problems += [tokens.problem((key,), "must be text", "quote it") for key in own if key not in defaults]
    for key, value in publication.tokens.items():
        if key not in defaults:
            said = f"layout {name} has no token {key!r}"
            problems.append(source.problem(("tokens", key), said, did_you_mean(key, defaults)))
        elif _COLOUR.fullmatch(defaults[key]) and not _COLOUR.fullmatch(value):
            said = f"{value!r} is not a colour"
            problems.append(source.problem(("tokens", key), said, "write six digits, like #1A4D8F"))
    if problems:
        raise InvalidSource(problems)
    templates = {each: text for each, text in files.items() if not each.endswith(SCHEMA)}
    return Layout(name, templates, {**defaults, **publication.tokens}, kinds)


def check_kinds(layout: Layout, issue: Issue, source: Document) -> None:
    """Refuse an issue with blocks that the layout cannot show.

    Raises:
        InvalidSource: one problem per such block.
    """
    problems = [
        source.problem(
            ("blocks", index, "kind"), f"layout {layout.name} cannot show {block.kind!r}", "add its templates"
        )
        for index, block in enumerate(issue.blocks)
        if block.kind not in layout.kinds
    ]
    if problems:
        raise InvalidSource(problems)

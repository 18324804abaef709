"""All templates of a layout: the document, the pieces where they are included, and macros wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from newsletter.core.layout import HTML
from newsletter.core.mjml.branches import BrokenJinja
from newsletter.core.mjml.components import mjml
from newsletter.core.mjml.jinja import masked
from newsletter.core.mjml.places import ANYWHERE, ROOT
from newsletter.core.mjml.walking import Walk, Walked
from newsletter.core.source import Lines, Problem
from newsletter.errors import InvalidSource

_ENDING = ".mjml.j2"
_STRING = re.compile(r"""["']([^"']*)["']""")
_OPTIONS = re.compile(r"\s+(?:ignore\s+missing|with\s+context|without\s+context)\b")
_NOTHING = Walked((), ())
_KEPT = 200  # templates with what was found in them; a preview checks a layout at every save


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a layout: errors would not come out as written, warnings come out but are less than good."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def refuse_broken(name: str, templates: Mapping[str, str]) -> None:
    """Refuse a layout with errors.

    Raises:
        InvalidSource: with all of them, file by file.
    """
    if errors := check(name, templates).errors:
        raise InvalidSource(errors)


def check(name: str, templates: Mapping[str, str]) -> Findings:
    """Return everything that is wrong with the MJML of a layout's templates.

    What Jinja itself refuses is left to Jinja.
    """
    walks = _walks({each: text for each, text in templates.items() if each.endswith(_ENDING)})
    errors: list[Problem] = []
    warnings: list[Problem] = []
    for each in sorted(walks):
        mark = Lines(templates[each] if walks[each].found else "").mark
        for found in walks[each].found:
            problem = Problem(f"layouts/{name}/{each}", mark(found.at), "", found.said(mark), found.hint)
            (warnings if found.poor else errors).append(problem)
    return Findings(tuple(errors), tuple(warnings))


def _walks(templates: Mapping[str, str]) -> dict[str, Walked]:
    """Walk the document first, then what it includes, each in the tag that it was included in."""
    places: dict[str, set[str]] = {_document(templates): {ROOT}}
    waiting = list(places)
    walks: dict[str, Walked] = {}

    def walk(each: str) -> Walked:
        found = places.get(each, {ANYWHERE})
        return _walked(templates[each], min(found) if len(found) == 1 else ANYWHERE)

    while waiting:
        each = waiting.pop()
        if each not in templates:
            continue
        walks[each] = walk(each)
        for included in walks[each].included:
            for piece in _meant(included.expression, templates):
                if included.place not in places.setdefault(piece, set()):
                    places[piece].add(included.place)
                    waiting.append(piece)
    return {**{each: walk(each) for each in templates if each not in walks}, **walks}


def _document(templates: Mapping[str, str]) -> str:
    """Return the template that holds the whole document: the layout, or what it extends."""
    name, seen = HTML, set[str]()
    while name in templates and name not in seen:
        seen.add(name)
        extended = re.search(r"""\{%[-+]?\s*extends\s+["']([^"']+)""", templates[name])
        name = extended[1] if extended else name
    return name


def _meant(expression: str, templates: Mapping[str, str]) -> Iterator[str]:
    """Yield the templates that an include may mean: `"blocks/" ~ block.kind ~ ".mjml.j2"`.

    Names that begin with _ are shared pieces and are meant only in full.
    """
    expression = _OPTIONS.sub("", expression)
    strings = _STRING.findall(expression)
    if expression.startswith("[") or _STRING.fullmatch(expression.strip()):
        yield from (name for name in strings if name in templates)
    elif strings and _STRING.match(expression):
        first, last = strings[0], strings[-1] if len(strings) > 1 else _ENDING
        for name in templates:
            if name.startswith(first) and name.endswith(last) and not name.rpartition("/")[2].startswith("_"):
                yield name


@lru_cache(maxsize=_KEPT)
def _walked(source: str, place: str) -> Walked:
    template = masked(source)
    try:
        return Walk(template, place, mjml().components).walked() if template else _NOTHING
    except BrokenJinja:
        return _NOTHING

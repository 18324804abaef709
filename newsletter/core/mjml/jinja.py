"""Where Jinja's tags stand in a template, so that the markup around them can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

HOLE = "\ue000"  # for each character of a Jinja tag; a private one, which no font of a mail program draws
FIELD = "\ue001"  # for each character of a merge field in a fragment, where it is a word like any other

_BEGIN = re.compile(r"\{([{%#])")
_STATEMENT = re.compile(r"\{%[-+]?\s*(\w+)\s*(.*?)\s*[-+]?%\}", re.DOTALL)
_END_OF_RAW = re.compile(r"\{%[-+]?\s*endraw\s*[-+]?%\}")
_INSIDE = re.compile(r"""("(?:\\.|[^"\\])*+"|'(?:\\.|[^'\\])*+')|([%}]\})|([\[({])|([\])}])|["']""", re.DOTALL)
_HOLES = re.compile(f"{HOLE}[{HOLE}\n]*")
_FIELDS = re.compile(f"{FIELD}+")
_MERGED = re.compile(rf"\{{\{{.*?\}}\}}|{HOLE}", re.DOTALL)
_ON_THE_LINE = re.compile(r"[^\n]")


@dataclass(frozen=True, slots=True)
class Statement:
    """A tag like `{% if title %}`: where it begins, its name `if`, and the rest `title`."""

    start: int
    name: str
    rest: str


@dataclass(frozen=True, slots=True)
class Masked:
    """A template of the same length and lines, with holes where Jinja's tags stood."""

    markup: str
    statements: tuple[Statement, ...]


def masked(source: str) -> Masked | None:
    """Return a template's markup and its statements, or None if a Jinja tag does not end: Jinja itself says where."""
    parts: list[str] = []
    statements: list[Statement] = []
    at = 0
    while begin := _BEGIN.search(source, at):
        end = _end(source, begin)
        if end is None:
            return None
        tag = source[begin.start() : end]
        parts += source[at : begin.start()], _ON_THE_LINE.sub(HOLE, tag)
        at = end
        if statement := _STATEMENT.fullmatch(tag):
            statements.append(Statement(begin.start(), statement[1], statement[2]))
            if statement[1] == "raw":
                ending = _END_OF_RAW.search(source, at)
                if ending is None:
                    return None
                parts += source[at : ending.start()], _ON_THE_LINE.sub(HOLE, ending[0])
                at = ending.end()
    return Masked("".join([*parts, source[at:]]), tuple(statements))


def without_fields(source: str) -> Masked:
    """Return a fragment of an issue, in which there is no Jinja but merge fields, whose quotes end nothing."""
    return Masked(_MERGED.sub(lambda match: FIELD * len(match[0]), source), ())


def shown(markup: str) -> str:
    """Return masked text for reading, with dots in place of Jinja's tags and merge fields."""
    return _FIELDS.sub("{{ ... }}", _HOLES.sub("...", markup))


def _end(source: str, begin: re.Match[str]) -> int | None:
    """Return where a tag ends; strings and brackets inside it may hold what would end it."""
    if begin[1] == "#":
        found = source.find("#}", begin.end())
        return None if found < 0 else found + 2
    closer = "}}" if begin[1] == "{" else "%}"
    at, depth = begin.end(), 0
    while inside := _INSIDE.search(source, at):
        string, ending, opening, closing = inside.groups()
        if not depth and ending == closer:
            return inside.end()
        at = inside.end() if string or opening else inside.start() + 1
        depth += (1 if opening else 0) - (1 if closing or ending == "}}" else 0)
        if depth < 0 or not any(inside.groups()):  # a bracket or a quote without its other half
            return None
    return None

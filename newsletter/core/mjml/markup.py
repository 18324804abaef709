"""The markup of a template as tags, words and comments, each with its place; nothing is refused here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from newsletter.core.mjml.jinja import HOLE

NAMED_BY_JINJA = "..."

_DECLARATION = re.compile(r"(<\?\w*|<!\w+|<!\[CDATA\[)(?:(?<=\[).*?\]\]>|[^<>]*>)?", re.DOTALL)
_CLOSING = re.compile(rf"</([A-Za-z][^\s<>/{HOLE}]*|(?={HOLE}))[\s{HOLE}]*>")
_OPENING = re.compile(rf"""<([A-Za-z][^\s<>/"'={HOLE}]*|(?={HOLE}))""")
_ATTRIBUTE = re.compile(r"""(\s*+)([^\s=<>/"']++)(?:(\s*+=\s*+)(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>=`]++)))?+""")
_END = re.compile(r"\s*+(/?)>")
_LINES_OF_JINJA = re.compile(f"(?<={HOLE})\n+(?={HOLE})")
_TO_THE_NEXT = re.compile(r"[^<>]*?(/?)(?:>|(?=<)|\Z)")
_SWALLOWED = re.compile(r"</?mj")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute; `value` is None without one, and `at` is where the value begins."""

    start: int
    name: str
    value: str | None
    at: int
    quoted: bool
    spaced: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """An opening tag. `open_ended`: it may have other attributes, from Jinja or behind what cannot be read.

    `unended` is where the attribute with a missing quote begins, or the tag itself if something else is missing.
    """

    start: int
    end: int
    name: str
    attributes: tuple[Attribute, ...]
    alone: bool
    open_ended: bool
    unended: int | None


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing tag."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Words:
    """Text that is not only white space or Jinja; begins at its first word."""

    start: int
    end: int


class Kind(Enum):
    """A plain comment, one that does not end, or the beginning or end of one for Outlook."""

    PLAIN = auto()
    UNENDED = auto()
    CONDITION = auto()
    END = auto()


# Mail programs other than Outlook see a comment in a condition; for mjml-python the markup inside is markup.
_COMMENTS = {
    Kind.CONDITION: re.compile(r"<!(?:--\s*)?\[if[^\]]*\]>(?:\s*<!-+\s*-*>)?"),
    Kind.END: re.compile(r"<!(?:--\s*<!)?\s*\[endif\]\s*(?:--)?>"),
    Kind.PLAIN: re.compile(r"<!--(.*?)-->", re.DOTALL),
    Kind.UNENDED: re.compile(r"<!--.*", re.DOTALL),
}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; `text` is all of it, but what stands inside if it is a plain one."""

    start: int
    end: int
    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """An XML declaration, a doctype or a CDATA section; `name` is how it begins."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Less:
    """A `<` that begins nothing."""

    start: int
    end: int


Token = Opening | Closing | Words | Comment | Declaration | Less


def tokens(markup: str) -> Iterator[Token]:
    """Yield the tokens of a masked template in its order."""
    at = 0
    while at < len(markup):
        less = markup.find("<", at)
        yield from _words(markup, at, less if less >= 0 else len(markup))
        if less < 0:
            return
        token = _token(markup, less)
        yield token
        at = token.end


def _words(markup: str, start: int, end: int) -> Iterator[Words]:
    text = markup[start:end]
    first = text.lstrip().lstrip(HOLE + " \t\n")
    if first:
        yield Words(end - len(first), end)


def _token(markup: str, at: int) -> Token:
    for kind, pattern in _COMMENTS.items():
        if match := pattern.match(markup, at):
            return Comment(at, match.end(), kind, match[match.re.groups])
    if match := _DECLARATION.match(markup, at):
        return Declaration(at, match.end(), match[1])
    if match := _CLOSING.match(markup, at):
        return Closing(at, match.end(), match[1] or NAMED_BY_JINJA)
    if match := _OPENING.match(markup, at):
        return _opening(markup, match)
    return Less(at, at + 1)


def _opening(markup: str, begin: re.Match[str]) -> Opening:
    attributes: list[Attribute] = []
    at, open_ended, unended = begin.end(), False, None
    while not (end := _END.match(markup, at)):
        match = _ATTRIBUTE.match(markup, at)
        if match is None:
            unended = begin.start()
            break
        attribute = _attribute(match)
        if _SWALLOWED.search(attribute.value or ""):
            unended, at = attribute.start, attribute.at
            break
        if HOLE in attribute.name:
            open_ended = True
        else:
            attributes.append(attribute)
        at = match.end()
    end = end or _TO_THE_NEXT.match(markup, at)
    return Opening(
        start=begin.start(),
        end=end.end() if end else at,
        name=begin[1] or NAMED_BY_JINJA,
        attributes=tuple(attributes),
        alone=bool(end and end[1]),
        open_ended=open_ended or unended is not None,
        unended=unended,
    )


def _attribute(match: re.Match[str]) -> Attribute:
    space, name = match[1], match[2]
    group = next((number for number in (4, 5, 6) if match[number] is not None), None)
    return Attribute(
        start=match.start(2),
        name=name,
        value=None if group is None else _LINES_OF_JINJA.sub("", match[group]),
        at=match.end(2) if group is None else match.start(group),
        quoted=group != 6,
        spaced=bool(space) or match.string[match.start() - 1] == HOLE,
    )

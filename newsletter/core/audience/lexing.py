"""An audience expression as words, quoted words and signs, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

_PIECE = re.compile(
    r"""(?P<open>\() | (?P<close>\)) | (?P<sign>!=|=)
      | (?P<quoted>"(?:[^"]|"")*" | '(?:[^']|'')*')
      | (?P<word>tag:(?=['"]) | (?!['"])(?:[^\s()"=!“”„]|!(?!=))+)""",
    re.VERBOSE | re.IGNORECASE,
)
_SPACE = re.compile(r"\s*")


class FlawedExpression(Exception):
    """What is wrong with an expression, at which of its characters (from 0), and what to do."""

    def __init__(self, at: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.hint = hint


class Kind(Enum):
    """What a piece is."""

    OPEN = auto()
    CLOSE = auto()
    SIGN = auto()
    QUOTED = auto()
    WORD = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an expression, from one of its characters up to another; `text` is without the quotes around it."""

    kind: Kind
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Tell whether this is one of some words of the grammar, in any case."""
        return self.kind is Kind.WORD and self.text.lower() in words


def pieces(text: str) -> Iterator[Piece]:
    """Yield the pieces of an expression, and at last its end.

    Raises:
        FlawedExpression: a quote is not closed, or a character is none that stands in expressions.
    """
    at = _after_space(text, 0)
    while at < len(text):
        match = _PIECE.match(text, at)
        if match is None:
            raise _unreadable(text, at)
        kind = Kind[str(match.lastgroup).upper()]
        yield Piece(kind, _bare(match[0]) if kind is Kind.QUOTED else match[0], at, match.end())
        at = _after_space(text, match.end())
    yield Piece(Kind.END, "", len(text), len(text))


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _bare(quoted: str) -> str:
    return quoted[1:-1].replace(quoted[0] * 2, quoted[0])


def _unreadable(text: str, at: int) -> FlawedExpression:
    if text[at] in "“”„":
        return FlawedExpression(at, "a curly quote", 'write straight quotes, like "Bath"')
    return FlawedExpression(at, "a quote that is not closed", f"write another {text[at]} where the words end")

"""Where a parser is in an expression: what comes next, and what to say where it cannot stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from newsletter.core.audience.lexing import FlawedExpression, Kind, Piece, pieces
from newsletter.core.typed import did_you_mean

# What other languages call it.
ELSEWHERE: Final[Mapping[str, str]] = {
    "&&": "and", "&": "and", "||": "or", "|": "or", ",": "and", "!": "not",
    "==": "=", "<>": "!=", "<": "before", ">": "since", "<=": "before", ">=": "since",
    "after": "since", "like": "contains",
}  # fmt: skip


class Cursor:
    """Goes through the pieces of one text from left to right.

    Raises:
        FlawedExpression: the text cannot be taken to pieces.
    """

    def __init__(self, text: str) -> None:
        self._pieces = list(pieces(text))
        self._at = 0

    @property
    def next(self) -> Piece:
        """Return the next piece, and leave it there."""
        return self._pieces[self._at]

    def sees(self, kind: Kind) -> bool:
        """Tell whether the next piece is of a kind."""
        return self.next.kind is kind

    def take(self) -> Piece:
        """Return the next piece and go on; behind the end there is nothing."""
        piece = self.next
        self._at += piece.kind is not Kind.END
        return piece

    def takes(self, *words: str) -> bool:
        """Take the next word if it is one of these; tell whether it was."""
        there = self.next.is_word(*words)
        self._at += there
        return there

    def joining(self) -> str:
        """Return what to do about a piece that follows a whole expression."""
        text = self.next.text.lower()
        return f"write `{ELSEWHERE[text]}`" if text in ELSEWHERE else "join two audiences by `and` or `or`"

    def expected(self, said: str, known: Sequence[str]) -> FlawedExpression:
        """Return that the next piece is none of those known here."""
        text = self.next.text.lower()
        if text in ELSEWHERE and ELSEWHERE[text] in known:
            return self.flaw(f"{self.shown()} cannot stand here", f"write `{ELSEWHERE[text]}`")
        if self.sees(Kind.END):
            return self.flaw(f"the expression ends here, but {said}", f"write one of: {', '.join(known)}")
        return self.flaw(f"{self.shown()} cannot stand here: {said}", did_you_mean(text, known))

    def shown(self) -> str:
        """Return the next piece as it is named in messages."""
        return repr(self.next.text) if self.next.text else "the end"

    def flaw(self, message: str, hint: str) -> FlawedExpression:
        """Return that something is wrong with the next piece."""
        return FlawedExpression(self.next.start, message, hint)

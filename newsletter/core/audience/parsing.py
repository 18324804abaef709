"""An audience expression from its text.

expression:  part, or part, ...          part:  term, and term, ...          term:  not term, (expression), or one of

everybody          tag:us   tag:"long name"
WORDS = Bath       WORDS != Bath     WORDS contains "a b"     for first_name, last_name, address, field.NAME
TIME since DAY     TIME before DAY   TIME in last 30 days     for joined, consent, mailed, opened, clicked
WORDS is set       TIME is missing   standing = bounced       standing != active
got ISSUE          opened ISSUE      clicked ISSUE            a name of `audiences:`
"""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.core.audience.cursor import ELSEWHERE, Cursor
from newsletter.core.audience.lexing import FlawedExpression, Kind, Piece
from newsletter.core.audience.single import BEGINNINGS, Terms
from newsletter.core.audience.terms import FIELD, Expression, Not, all_of, any_of, depth
from newsletter.core.typed import did_you_mean

MAX_DEPTH = 20  # expressions inside each other

_FIRST = (*BEGINNINGS, "not")
RESERVED = frozenset({*_FIRST, "and", "or", "tag"})  # no names of `audiences:`


def parse(text: str, names: Mapping[str, Expression] | None = None, *, deepest: int = MAX_DEPTH) -> Expression:
    """Return the expression of a text; `names` are those of `audiences:`.

    Raises:
        FlawedExpression: with the first thing that is wrong.
    """
    return _Parser(text, names or {}, deepest).whole()


class UnusableNameError(LookupError):
    """A name of `audiences:` has no expression; the words say why, and are empty where that was told already."""


class _Parser:
    """Reads one text from left to right."""

    def __init__(self, text: str, names: Mapping[str, Expression], deepest: int) -> None:
        self._cursor = Cursor(text)
        self._terms = Terms(self._cursor)
        self._names = names
        self._depth, self._deepest = 0, deepest

    def whole(self) -> Expression:
        """Return the expression, after which nothing may follow."""
        if self._cursor.sees(Kind.END):
            raise FlawedExpression(0, "nothing is written here", "write `everybody` for the whole list")
        found = self._either()
        if self._cursor.sees(Kind.CLOSE):
            raise self._cursor.flaw("nothing was opened that this could close", "delete it")
        if not self._cursor.sees(Kind.END):
            raise self._cursor.flaw(f"{self._cursor.shown()} cannot stand here", self._cursor.joining())
        return found

    def _either(self) -> Expression:
        parts = [self._both()]
        while self._cursor.takes("or"):
            parts.append(self._both())
        return any_of(parts)

    def _both(self) -> Expression:
        parts = [self._one()]
        while self._cursor.takes("and"):
            parts.append(self._one())
        return all_of(parts)

    def _one(self) -> Expression:
        self._depth += 1
        if self._depth > self._deepest:
            raise self._cursor.flaw(
                "too deep inside of other expressions", "give a part of it a name under `audiences:`"
            )
        if self._cursor.takes("not"):
            found: Expression = Not(self._one())
        elif self._cursor.sees(Kind.OPEN):
            found = self._bracketed()
        else:
            found = self._term()
        self._depth -= 1
        return found

    def _bracketed(self) -> Expression:
        opened = self._cursor.take()
        found = self._either()
        if self._cursor.sees(Kind.END):
            raise FlawedExpression(opened.start, "a bracket that is not closed", "write a ) where it ends")
        if not self._cursor.sees(Kind.CLOSE):
            raise self._cursor.flaw(f"{self._cursor.shown()} cannot stand here", self._cursor.joining())
        self._cursor.take()
        return found

    def _term(self) -> Expression:
        if not self._cursor.sees(Kind.WORD) or self._cursor.next.is_word("and", "or"):
            here = (
                "the expression ends here"
                if self._cursor.sees(Kind.END)
                else f"{self._cursor.shown()} cannot stand here"
            )
            raise self._cursor.flaw(
                f"{here}, where an audience is expected", "write for instance tag:us or joined since 2026-01-01"
            )
        word = self._cursor.take()
        found = self._terms.begun_by(word)
        return self._named(word) if found is None else found

    def _named(self, word: Piece) -> Expression:
        if word.text in self._names:
            try:
                found = self._names[word.text]
            except UnusableNameError as err:
                raise FlawedExpression(word.start, str(err), "change one of them") from err
            if self._depth + depth(found) > self._deepest:
                raise FlawedExpression(
                    word.start, f"{word.text!r} is too deep inside of others", "make one of them simpler"
                )
            return found
        said, text = f"{word.text!r} is not known here", word.text.lower()
        if text in ELSEWHERE:
            hint = f"write `{ELSEWHERE[text]}`"
        elif text == "tag":
            hint = "write tag:us"
        else:
            hint = did_you_mean(word.text, [*_FIRST, *self._names])
            if "did you mean" not in hint and (
                self._cursor.next.is_word("is", "contains") or self._cursor.sees(Kind.SIGN)
            ):
                hint = f"a field of your list is written {FIELD}{word.text}"
        raise FlawedExpression(word.start, said, hint)

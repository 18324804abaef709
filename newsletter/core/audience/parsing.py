"""An audience expression from its text.

expression:  part, or part, ...          part:  term, and term, ...          term:  not term, (expression), or one of

everybody          tag:us   tag:"long name"
WORDS = Bath       WORDS != Bath     WORDS contains "a b"     for first_name, last_name, address, field.NAME
TIME since DAY     TIME before DAY   TIME in last 30 days     for joined, consent, mailed, opened, clicked
WORDS is set       TIME is missing   standing = bounced       standing != active
got ISSUE          opened ISSUE      clicked ISSUE            a name of `audiences:`
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from newsletter.core.audience.cursor import ELSEWHERE, Cursor
from newsletter.core.audience.lexing import FlawedExpression, Kind, Piece
from newsletter.core.audience.terms import (
    ATTENTION,
    FIELD,
    NAMES,
    Did,
    Everybody,
    Expression,
    Got,
    How,
    Known,
    Lately,
    Not,
    Says,
    Stands,
    Tag,
    Time,
    When,
    all_of,
    any_of,
    check_tags,
    depth,
)
from newsletter.core.subscriber import Standing
from newsletter.core.typed import did_you_mean

MAX_DEPTH = 20  # expressions inside each other
MAX_DAYS = 9_999

_FIELD = re.compile(rf"{re.escape(FIELD)}[A-Za-z_][A-Za-z0-9_]*")  # as merge fields name them
_ISSUE = re.compile(r"vol-[1-9][0-9]{0,3}-issue-[1-9][0-9]{0,3}")
_STANDINGS = tuple(each.value for each in Standing if each is not Standing.REMOVED)
_FIRST = ("everybody", "tag:", FIELD, *NAMES, *(each.value for each in Time), "standing", "got", "not")
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
        self._names = names
        self._depth, self._deepest = 0, deepest
        self._terms: Mapping[str, Callable[[Piece], Expression]] = {
            "everybody": lambda _: Everybody(),
            "standing": self._stands,
            "got": lambda _: Got(self._issue("got")),
            **{time.value: self._timed for time in Time},
            **{time.value: self._attended for time in ATTENTION},
            **dict.fromkeys(NAMES, self._worded),
        }

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
        if known := self._terms.get(word.text.lower()):
            return known(word)
        if word.text.lower().startswith("tag:"):
            return self._tag(word)
        if _FIELD.fullmatch(word.text):
            return self._worded(word)
        return self._named(word)

    def _tag(self, word: Piece) -> Expression:
        name = word.text[len("tag:") :]
        if not name and self._cursor.sees(Kind.QUOTED) and self._cursor.next.start == word.end:
            name = self._cursor.take().text
        if not name:
            raise FlawedExpression(
                word.end, "the tag is missing", 'write it behind the colon, like tag:us or tag:"long name"'
            )
        try:
            (tag,) = check_tags([name])
        except ValueError as err:
            said, _, hint = str(err).partition("; ")
            raise FlawedExpression(word.start, said, hint) from err
        return Tag(tag)

    def _worded(self, word: Piece) -> Expression:
        subject = word.text if word.text.startswith(FIELD) else word.text.lower()
        if self._cursor.takes("is"):
            return self._known(subject)
        ways = {How.IS, How.IS_NOT, How.CONTAINS}
        if (said := self._cursor.next.text.lower()) not in ways or self._cursor.sees(Kind.QUOTED):
            raise self._cursor.expected(f"{subject} is compared with something here", [*ways, "is set", "is missing"])
        self._cursor.take()
        words = self._value(f"what {subject} {said}")
        return Says(subject, How(said), words)

    def _value(self, what: str) -> str:
        if self._cursor.next.kind not in {Kind.WORD, Kind.QUOTED}:
            raise self._cursor.flaw(f"{what} is missing", 'write it here, between quotes if it has spaces: "New York"')
        if not self._cursor.next.text:
            raise self._cursor.flaw("there is nothing between these quotes", "write `is missing` or `is set`")
        return self._cursor.take().text

    def _known(self, subject: str) -> Expression:
        if self._cursor.takes("set"):
            return Known(subject)
        if self._cursor.takes("missing"):
            return Known(subject, known=False)
        raise self._cursor.expected(f"{subject} is", ["set", "missing"])

    def _attended(self, word: Piece) -> Expression:
        if self._cursor.sees(Kind.WORD) and self._cursor.next.text.lower().startswith("vol-"):
            return Did(Time(word.text.lower()), self._issue(word.text.lower()))
        return self._timed(word)

    def _timed(self, word: Piece) -> Expression:
        subject = Time(word.text.lower())
        if self._cursor.takes("is") or self._cursor.next.is_word("set", "missing"):
            return self._known(subject)
        if self._cursor.takes("since"):
            return When(subject, since=True, day=self._day())
        if self._cursor.takes("before"):
            return When(subject, since=False, day=self._day())
        if not self._cursor.takes("in"):
            ways, issue = ["since", "before", "in last", "is set", "is missing"], subject in ATTENTION
            raise self._cursor.expected(
                f"{subject} is compared with {'an issue or ' if issue else ''}a day here",
                [*(["vol-2-issue-3"] if issue else []), *ways],
            )
        self._cursor.takes("the")
        if not self._cursor.takes("last"):
            raise self._cursor.expected(f"{subject} in", ["last"])
        return Lately(subject, self._days())

    def _day(self) -> date:
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", self._cursor.next.text):
                day = date.fromisoformat(self._cursor.next.text)
                self._cursor.take()
                return day
        except ValueError:
            pass
        raise self._cursor.flaw(f"{self._cursor.shown()} is not a day", "write it like 2026-01-31")

    def _days(self) -> int:
        if not re.fullmatch(r"[0-9]{1,4}", self._cursor.next.text) or not int(self._cursor.next.text):
            raise self._cursor.flaw(
                f"{self._cursor.shown()} is not a number of days", f"write 1 to {MAX_DAYS:,}, like: in last 30 days"
            )
        count = int(self._cursor.take().text)
        if not self._cursor.takes("day", "days"):
            raise self._cursor.flaw("the word days is missing", f"write: in last {count} days")
        return count

    def _stands(self, _: Piece) -> Expression:
        sign = self._cursor.next
        if sign.kind is not Kind.SIGN:
            raise self._cursor.expected("standing is compared here", [How.IS, How.IS_NOT])
        self._cursor.take()
        if self._cursor.next.text.lower() not in _STANDINGS:
            raise self._cursor.flaw(
                f"{self._cursor.shown()} is not a standing", did_you_mean(self._cursor.next.text.lower(), _STANDINGS)
            )
        return Stands(Standing(self._cursor.take().text.lower()), so=sign.text == How.IS)

    def _issue(self, word: str) -> str:
        if not _ISSUE.fullmatch(self._cursor.next.text):
            raise self._cursor.flaw(
                f"{self._cursor.shown()} is not an issue", f"write its name, like: {word} vol-2-issue-3"
            )
        return self._cursor.take().text

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

"""A single term of an audience expression from its text: a tag, or a comparison of words, of a time, of a standing."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from newsletter.core.audience.cursor import Cursor
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
    Says,
    Stands,
    Tag,
    Time,
    When,
    check_tags,
)
from newsletter.core.subscriber import Standing
from newsletter.core.typed import did_you_mean

MAX_DAYS = 9_999
BEGINNINGS = ("everybody", "tag:", FIELD, *NAMES, *(each.value for each in Time), "standing", "got")

_FIELD = re.compile(rf"{re.escape(FIELD)}[A-Za-z_][A-Za-z0-9_]*")  # as merge fields name them
_ISSUE = re.compile(r"vol-[1-9][0-9]{0,3}-issue-[1-9][0-9]{0,3}")
_STANDINGS = tuple(each.value for each in Standing if each is not Standing.REMOVED)


class Terms:
    """Reads terms, each from behind its first word."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._readings: Mapping[str, Callable[[Piece], Expression]] = {
            "everybody": lambda _: Everybody(),
            "standing": self._stands,
            "got": lambda _: Got(self._issue("got")),
            **{time.value: self._timed for time in Time},
            **{time.value: self._attended for time in ATTENTION},
            **dict.fromkeys(NAMES, self._worded),
        }

    def begun_by(self, word: Piece) -> Expression | None:
        """Return the term that begins with a word, which is taken already; None if none begins with it.

        Raises:
            FlawedExpression: what follows the word cannot follow it.
        """
        if reading := self._readings.get(word.text.lower()):
            return reading(word)
        if word.text.lower().startswith("tag:"):
            return self._tag(word)
        if _FIELD.fullmatch(word.text):
            return self._worded(word)
        return None

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

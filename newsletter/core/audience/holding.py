"""Whether a reader belongs to an audience: what the words of an expression mean, without a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import assert_never

from newsletter.core.audience.spelling import folded, spellings
from newsletter.core.audience.terms import (
    FIELD,
    AllOf,
    AnyOf,
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
)
from newsletter.core.subscriber import Addressed, Subscriber


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber, when they joined, and when they were sent, last opened and last clicked which issues, in UTC."""

    subscriber: Subscriber
    joined: datetime
    got: Mapping[str, datetime] = field(default_factory=dict)
    opened: Mapping[str, datetime] = field(default_factory=dict)
    clicked: Mapping[str, datetime] = field(default_factory=dict)


def holds(expression: Expression, reader: Reader) -> bool:  # noqa: C901, PLR0911, PLR0912 - a table, one line per row
    """Tell whether a reader belongs to a resolved expression (`core.audience.resolving`)."""
    match expression:
        case Everybody():
            return True
        case Tag(name):
            return name in reader.subscriber.tags
        case Says(subject, how, words):
            return says(reader.subscriber, subject, how, words)
        case Known(subject, known):
            there = _time(reader, subject) is not None if subject in set(Time) else words_of(reader.subscriber, subject)
            return bool(there) is known
        case When(subject, since, day):
            at = _time(reader, subject)
            return at is not None and (at >= beginning(day)) is since
        case Lately():
            raise ValueError("who belongs depends on the day; resolve the expression first")
        case Stands(standing, so):
            return (reader.subscriber.standing is standing) is so
        case Got(issue):
            return issue in reader.got
        case Did(what, issue):
            return issue in (reader.opened if what is Time.OPENED else reader.clicked)
        case Not(of):
            return not holds(of, reader)
        case AllOf(of):
            return all(holds(each, reader) for each in of)
        case AnyOf(of):
            return any(holds(each, reader) for each in of)
        case _:
            assert_never(expression)


def beginning(day: date) -> datetime:
    """Return when a day begins, UTC."""
    return datetime.combine(day, time(), UTC)


def words_of(subscriber: Addressed, subject: str) -> str:
    """Return what somebody has in a field or as a name; nothing where it is missing."""
    if subject.startswith(FIELD):
        return subscriber.fields.get(subject.removeprefix(FIELD), "")
    return str(getattr(subscriber, subject))


def says(subscriber: Addressed, subject: str, how: How, words: str) -> bool:
    """Tell whether somebody has these words in a field or as a name."""
    plain, wanted = folded(words_of(subscriber, subject)), spellings(words)
    match how:
        case How.IS:
            return plain in wanted
        case How.IS_NOT:
            return plain not in wanted
        case How.CONTAINS:
            return any(each in plain for each in wanted)
        case _:
            assert_never(how)


def _time(reader: Reader, subject: str) -> datetime | None:
    match Time(subject):
        case Time.JOINED:
            return reader.joined
        case Time.CONSENT:
            return reader.subscriber.consent.at
        case Time.MAILED:
            return max(reader.got.values(), default=None)
        case Time.OPENED:
            return max(reader.opened.values(), default=None)
        case Time.CLICKED:
            return max(reader.clicked.values(), default=None)

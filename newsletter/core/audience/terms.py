"""What an audience expression is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from newsletter.core.subscriber import Standing

_TAG = re.compile(r"[^\s,;][^,;]{0,99}")

FIELD = "field."  # what stands before the name of a field of the list's own
NAMES = ("first_name", "last_name", "address")  # the other words that a reader has, as merge fields name them


class How(StrEnum):
    """How words are compared."""

    IS = "="
    IS_NOT = "!="
    CONTAINS = "contains"


class Time(StrEnum):
    """What has a time: `MAILED` is the last one at which somebody was sent an issue.

    `OPENED` and `CLICKED` are when they last did so themselves; what programs did (`core.machines`) is left out.
    """

    JOINED = "joined"
    CONSENT = "consent"
    MAILED = "mailed"
    OPENED = "opened"
    CLICKED = "clicked"


ATTENTION = (Time.OPENED, Time.CLICKED)  # what is known only where it is tracked


@dataclass(frozen=True, slots=True)
class Everybody:
    """Whoever is on the list."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Readers with a tag."""

    name: str


@dataclass(frozen=True, slots=True)
class Says:
    """Readers with these words in one of NAMES or in a field of the list's own."""

    subject: str
    how: How
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """Readers of whom something is known, or is not; `subject` is one of NAMES, a field, or a Time."""

    subject: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class When:
    """Readers whose time is on or after the beginning of a day, UTC, or before it."""

    subject: Time
    since: bool
    day: date


@dataclass(frozen=True, slots=True)
class Lately:
    """Readers whose time is at most so many days ago."""

    subject: Time
    days: int


@dataclass(frozen=True, slots=True)
class Stands:
    """Readers with a standing, or with another one."""

    standing: Standing
    so: bool = True


@dataclass(frozen=True, slots=True)
class Got:
    """Readers who were sent an issue: their delivery was accepted."""

    issue: str


@dataclass(frozen=True, slots=True)
class Did:
    """Readers who opened an issue, or clicked in it; `what` is one of ATTENTION."""

    what: Time
    issue: str


@dataclass(frozen=True, slots=True)
class Not:
    """Everybody else."""

    of: Expression


@dataclass(frozen=True, slots=True)
class AllOf:
    """Readers who belong to each of two or more."""

    of: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Readers who belong to at least one of two or more."""

    of: tuple[Expression, ...]


Term = Everybody | Tag | Says | Known | When | Lately | Stands | Got | Did
Expression = Term | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Size:
    """How many belong to an audience, by standing, and how many of those active are paused."""

    standings: Mapping[Standing, int] = field(default_factory=dict)
    paused: int = 0

    @property
    def everybody(self) -> int:
        """Return how many there are, whatever their standing."""
        return sum(self.standings.values())

    @property
    def active(self) -> int:
        """Return how many may be mailed."""
        return self.standings.get(Standing.ACTIVE, 0)

    @property
    def suppressed(self) -> Mapping[str, int]:
        """Return how many may not be mailed, by standing."""
        return {each.value: count for each, count in self.standings.items() if not each.mailable}


def all_of(parts: Iterable[Expression]) -> Expression:
    """Return what belongs to each of one or more; those inside that say so themselves are taken in."""
    flat = tuple(inner for each in parts for inner in (each.of if isinstance(each, AllOf) else (each,)))
    return AllOf(flat) if len(flat) > 1 else flat[0]


def any_of(parts: Iterable[Expression]) -> Expression:
    """Return what belongs to one of one or more; those inside that say so themselves are taken in."""
    flat = tuple(inner for each in parts for inner in (each.of if isinstance(each, AnyOf) else (each,)))
    return AnyOf(flat) if len(flat) > 1 else flat[0]


def attention(expression: Expression) -> frozenset[Time]:
    """Return what readers must have done, of ATTENTION, that an expression asks for."""
    asked = {each.what if isinstance(each, Did) else getattr(each, "subject", None) for each in terms(expression)}
    return frozenset(each for each in ATTENTION if each in asked)


def tagged(*tags: str) -> Expression:
    """Return readers with at least one of some tags."""
    return any_of(map(Tag, tags))


def inside(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions that this one is made of, none for a term."""
    if isinstance(expression, AllOf | AnyOf):
        return expression.of
    return (expression.of,) if isinstance(expression, Not) else ()


def terms(expression: Expression) -> Iterable[Term]:
    """Yield the terms, from left to right."""
    if isinstance(expression, Not | AllOf | AnyOf):
        for each in inside(expression):
            yield from terms(each)
    else:
        yield expression


def depth(expression: Expression) -> int:
    """Return how many expressions stand inside each other."""
    return 1 + max(map(depth, inside(expression)), default=0)


def check_tags(tags: Iterable[str]) -> frozenset[str]:
    """Return the tags, each without spaces around it.

    Raises:
        ValueError: a tag is empty, longer than 100 characters, or holds a comma or semicolon.
    """
    found = frozenset(tag.strip() for tag in tags)
    for tag in found:
        if not _TAG.fullmatch(tag):
            raise ValueError(f"{tag!r} is not a tag; use up to 100 characters without commas and semicolons")
    return found

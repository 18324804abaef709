"""Audiences as conditions on the subscribers table, and how many belong to one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import assert_never

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, true

from newsletter.core.audience import Audience, Size
from newsletter.core.audience.holding import beginning
from newsletter.core.audience.spelling import spellings
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
from newsletter.core.delivery import State
from newsletter.core.subscriber import Standing
from newsletter.edges.store.attention import check_known, did
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import Folded, among, value_at
from newsletter.edges.store.tables import deliveries, mailings, subscriber_tags, subscribers

Condition = ColumnElement[bool]

on_the_list = subscribers.c.standing != Standing.REMOVED.value


@dataclass(frozen=True, slots=True)
class StoredAudiences:
    """Implements `core.ports.Audiences`."""

    _database: Database

    def size(self, audience: Audience, at: datetime) -> Size:
        """Count who belongs to an audience, by standing; those paused are active and wait for a later moment."""
        paused = and_(subscribers.c.paused_until.is_not(None), subscribers.c.paused_until > at).label("paused")
        kinds = (
            select(subscribers.c.standing, paused, func.count())
            .where(belongs_to(audience))
            .group_by(subscribers.c.standing, paused)
        )
        standings, waiting = Counter[Standing](), 0
        with self._database.reading() as connection:
            check_known(connection, audience)
            for standing, is_paused, count in connection.execute(kinds):
                standings[Standing(standing)] += count
                waiting += count if is_paused and Standing(standing).mailable else 0
        return Size(standings, waiting)


def belongs_to(audience: Audience) -> Condition:
    """Return the condition that a subscriber is on the list and in an audience, whatever their standing.

    It never comes out as NULL, so that `not` means everybody else.
    """
    return and_(on_the_list, _condition(audience.expression, audience.through))


def _condition(expression: Expression, through: str) -> Condition:  # noqa: C901, PLR0911, PLR0912 - a table, one line per row
    inner = partial(_condition, through=through)
    match expression:
        case Everybody():
            return true()
        case Tag(name):
            return _tagged([name])
        case Says(subject, how, words):
            return _says(subject, how, words)
        case Known(subject, known):
            there = _is_known(subject, through)
            return there if known else not_(there)
        case When(subject, since, day):
            return _when(subject, day, since=since, through=through)
        case Lately():
            raise ValueError("who belongs depends on the day; resolve the expression first")
        case Stands(standing, so):
            return (subscribers.c.standing == standing.value) if so else (subscribers.c.standing != standing.value)
        case Got(issue):
            return _was_sent(through, deliveries.c.issue == storable(issue))
        case Did(what, issue):
            return did(what, through, issue=issue)
        case Not(of):
            return not_(inner(of))
        case AllOf(of):
            return and_(*map(inner, of))
        case AnyOf(of):
            tags = [each.name for each in of if isinstance(each, Tag)]
            others = [inner(each) for each in of if not isinstance(each, Tag)]
            return or_(*([_tagged(tags)] if tags else []), *others)
        case _:
            assert_never(expression)


def _tagged(tags: Iterable[str]) -> Condition:
    return exists().where(
        subscriber_tags.c.subscriber_id == subscribers.c.id,
        # Not the bare column: SQLite would look each wanted tag up for each subscriber, minutes for thousands of tags.
        among(subscriber_tags.c.tag.concat(""), [storable(tag) for tag in tags]),
    )


def _words(subject: str) -> ColumnElement[str]:
    if subject.startswith(FIELD):
        return func.coalesce(value_at(subscribers.c.fields, subject.removeprefix(FIELD)), "")
    return subscribers.c[subject]


def _says(subject: str, how: How, words: str) -> Condition:
    found, wanted = Folded(_words(subject)), sorted(map(storable, spellings(words)))
    match how:
        case How.IS:
            return found.in_(wanted)
        case How.IS_NOT:
            return found.not_in(wanted)
        case How.CONTAINS:
            return or_(*(found.contains(each, autoescape=True) for each in wanted))
        case _:
            assert_never(how)


def _is_known(subject: str, through: str) -> Condition:
    match subject:
        case Time.JOINED:
            return true()
        case Time.CONSENT:
            return subscribers.c.consent_at.is_not(None)
        case Time.MAILED:
            return _was_mailed(through)
        case Time.OPENED | Time.CLICKED:
            return did(Time(subject), through)
        case _:
            return _words(subject) != ""


def _when(subject: Time, day: date, *, since: bool, through: str) -> Condition:
    begins = beginning(day)
    match subject:
        case Time.MAILED:
            after = _was_mailed(through, begins)
            return after if since else and_(_was_mailed(through), not_(after))
        case Time.OPENED | Time.CLICKED:
            after = did(subject, through, since=begins)
            return after if since else and_(did(subject, through), not_(after))
        case Time.JOINED | Time.CONSENT:
            column = subscribers.c.created_at if subject is Time.JOINED else subscribers.c.consent_at
            return and_(column.is_not(None), column >= begins if since else column < begins)
        case _:
            assert_never(subject)


def _was_mailed(through: str, since: datetime | None = None) -> Condition:
    """Return the condition that somebody was sent an issue, perhaps since a moment.

    Nobody was sent anything after the mailing was finished, even if a doubt was settled later. The mailings in question
    are few, and found once; by their issues the index of deliveries leads to each subscriber.
    """
    of_these: list[Condition] = [mailings.c.transport == storable(through)]
    if since:
        of_these.append(or_(mailings.c.finished_at.is_(None), mailings.c.finished_at >= since))
    asked = [
        deliveries.c.issue.in_(select(mailings.c.issue).where(*of_these)),
        deliveries.c.mailing_id.in_(select(mailings.c.id).where(*of_these)),
    ]
    return _was_sent(through, *asked, *([deliveries.c.settled_at >= since] if since else []))


def _was_sent(through: str, *asked: Condition) -> Condition:
    return exists().where(
        *asked,
        deliveries.c.transport == storable(through),
        deliveries.c.subscriber_id == subscribers.c.id,
        ~deliveries.c.released,
        deliveries.c.state == State.ACCEPTED.value,
    )

"""The figures of a list, counted by the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, case, func, null, or_, select

from newsletter.core.growth import Course, Figures
from newsletter.core.standing import BLOCKED, LEFT
from newsletter.core.subscriber import Standing
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import Month
from newsletter.edges.store.erasing import ERASED
from newsletter.edges.store.tables import erasures, subscriber_tags, subscribers

_MOST_TAGS: Final = 10
_ACTIVE: Final = subscribers.c.standing == Standing.ACTIVE.value


@dataclass(frozen=True, slots=True)
class StoredStatistics:
    """Implements `core.ports.Statistics`."""

    _database: Database

    def figures(self, at: datetime) -> Figures:
        """Return how the list stands at a moment, and how it came there."""
        with self._database.reading() as connection:
            return Figures(
                standings=_standings(connection),
                paused=_count(connection, at),
                erased=connection.scalar(select(func.count()).select_from(erasures)) or 0,
                tags=_tags(connection),
                courses=_courses(connection, at),
            )


def _standings(connection: Connection) -> dict[Standing, int]:
    query = (
        select(subscribers.c.standing, func.count())
        .where(subscribers.c.address != ERASED)
        .group_by(subscribers.c.standing)
    )
    found = {Standing(standing): count for standing, count in connection.execute(query)}
    return {standing: found.get(standing, 0) for standing in Standing}


def _count(connection: Connection, at: datetime) -> int:
    query = select(func.count()).where(_ACTIVE, subscribers.c.paused_until > at)
    return connection.scalar(query) or 0


def _tags(connection: Connection) -> Sequence[tuple[str, int]]:
    number = func.count()
    query = (
        select(subscriber_tags.c.tag, number)
        .join_from(subscriber_tags, subscribers)
        .where(_ACTIVE)
        .group_by(subscriber_tags.c.tag)
        .order_by(number.desc(), subscriber_tags.c.tag)
        .limit(_MOST_TAGS)
    )
    return [(tag, count) for tag, count in connection.execute(query)]


def _courses(connection: Connection, at: datetime) -> Sequence[Course]:
    """Count who joined and left when. Who never was active before they were blocked joined and left at once: nobody.

    A list from elsewhere may say that it will happen yet: then what counts is when that was written here.
    """
    agreed, since = subscribers.c.consent_at, subscribers.c.standing_since
    joined = case((agreed <= at, agreed), else_=subscribers.c.created_at)
    left = case((since > at, subscribers.c.updated_at), else_=since)
    gone = subscribers.c.standing.in_([standing.value for standing in BLOCKED | LEFT])
    came, went = Month(joined), case((_ACTIVE, null()), else_=Month(left))
    query = (
        select(came, went, func.count())
        .where(or_(_ACTIVE, and_(gone, left > joined)))
        .group_by(came, went)
        .order_by(came, went)
    )
    return [Course(*row) for row in connection.execute(query)]

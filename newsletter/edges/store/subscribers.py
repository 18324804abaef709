"""The list of subscribers in the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select

from newsletter.core.audience import Audience
from newsletter.core.ports.readers import Change, Intake
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Subscriber, address_key
from newsletter.edges.store.attention import check_known
from newsletter.edges.store.audiences import belongs_to
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.erasing import ERASED
from newsletter.edges.store.intake import take_in
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.rows import PERSON, subscriber_of
from newsletter.edges.store.tables import subscribers

_CHUNK: Final = 1_000  # subscribers in memory at a time


@dataclass(frozen=True, slots=True)
class StoredSubscribers:
    """Implements `core.ports.Subscribers`."""

    _database: Database

    def put(self, subscribers: Iterable[Subscriber], at: datetime, came: Entry | None = None) -> Mapping[Change, int]:
        """Add or merge all of them in one transaction; count what was done, every kind of change being named."""
        people = self.take_in(subscribers, at, came).people
        return {change: sum(people[effect] for effect in people if effect.change is change) for change in Change}

    def take_in(
        self, subscribers: Iterable[Subscriber], at: datetime, came: Entry | None = None, *, rehearsal: bool = False
    ) -> Intake:
        """Do the same, and return an account of it; a rehearsal does it all, and undoes it."""
        with self._database.writing() as connection:
            take_turn(connection, Turn.PUT)
            intake = take_in(connection, subscribers, at, came)
            if rehearsal:
                connection.rollback()
        return intake

    def get(self, address: str) -> Subscriber | None:
        """Return the subscriber of this address, whatever its case, also when they were removed."""
        query = select(*PERSON).where(subscribers.c.address_key == address_key(storable(address)))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return subscriber_of(row) if row else None

    def stream(self, audience: Audience) -> Iterator[Subscriber]:
        """Yield an audience in the order they joined; no transaction is open while the caller works."""
        with self._database.reading() as connection:
            check_known(connection, audience)
        return self._stream(belongs_to(audience))

    def _stream(self, wanted: ColumnElement[bool]) -> Iterator[Subscriber]:
        query = select(*PERSON).where(wanted).order_by(subscribers.c.id)
        with self._database.reading() as connection:
            end = connection.scalar(select(func.max(subscribers.c.id))) or 0
        # By numbers, not by so many of those found: PostgreSQL would look all deliveries over for each chunk.
        for last in range(0, end, _CHUNK):
            chunk = subscribers.c.id.between(last + 1, last + _CHUNK)
            with self._database.reading() as connection:
                people = connection.execute(query.where(chunk)).all()
            yield from map(subscriber_of, people)

    def everybody(self) -> Iterator[Subscriber]:
        """Yield everybody whose address is known in the order they joined, also those removed."""
        return self._stream(subscribers.c.address != ERASED)

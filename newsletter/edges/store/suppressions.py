"""Those who are blocked, in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from newsletter.core.acts import Block
from newsletter.core.ports import Whom
from newsletter.core.standing import BLOCKED, RELEASED
from newsletter.core.subscriber import Standing, Subscriber, address_key
from newsletter.core.suppression import Sighting
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import among
from newsletter.edges.store.erasures import erased_among
from newsletter.edges.store.readers import changed
from newsletter.edges.store.rows import PERSON, subscriber_of
from newsletter.edges.store.tables import history, subscribers

_CHUNK: Final = 1_000  # subscribers in memory at a time
_RELEASED_AT: Final = (
    select(func.max(history.c.at))
    .where(history.c.subscriber_id == subscribers.c.id, history.c.what == RELEASED)
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class StoredSuppressions:
    """Implements `core.ports.Suppressions`."""

    _database: Database

    def blocked(self) -> Iterator[Subscriber]:
        """Yield who bounced, complained or was disabled; no transaction is open while the caller works."""
        query = select(*PERSON).where(subscribers.c.standing.in_([standing.value for standing in sorted(BLOCKED)]))
        page = query.order_by(subscribers.c.id).limit(_CHUNK)
        last = 0
        while True:
            with self._database.reading() as connection:
                people = connection.execute(page.where(subscribers.c.id > last)).all()
            if not people:
                return
            yield from map(subscriber_of, people)
            last = people[-1].id

    def look_up(self, addresses: Collection[str]) -> Mapping[str, Sighting]:
        """Return what is known of each of these addresses, by `core.subscriber.address_key`; not of strangers."""
        keys = [address_key(storable(address)) for address in addresses]
        query = select(subscribers.c.address_key, subscribers.c.standing, _RELEASED_AT.label("released_at")).where(
            among(subscribers.c.address_key, keys)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            erased = erased_among(connection, addresses)
        found = {row.address_key: Sighting(Standing(row.standing), row.released_at) for row in rows}
        return dict.fromkeys(erased, Sighting(None)) | found

    def block(self, blocks: Iterable[tuple[str, Block]], at: datetime) -> int:
        """Block addresses, also those of strangers, in one transaction; count for how many it was news."""
        with self._database.writing() as connection:
            steps = [changed(connection, Whom(address), act, at) for address, act in blocks]
        return sum(1 for step in steps if step and step.entry)

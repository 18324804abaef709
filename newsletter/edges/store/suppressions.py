"""Those who are blocked, in the database."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import Connection, func, insert, select

from newsletter.core.acts import Block
from newsletter.core.ports.readers import Whom
from newsletter.core.standing import BLOCKED, RELEASED, Step, after, stranger
from newsletter.core.subscriber import Standing, Subscriber, address_key
from newsletter.core.suppression import Sighting
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import among
from newsletter.edges.store.erasures import erased_among
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.readers import changed, line_of
from newsletter.edges.store.rows import PERSON, columns_of, storable_subscriber, subscriber_of
from newsletter.edges.store.tables import history, subscribers

_CHUNK: Final = 1_000  # subscribers in memory at a time
_Blocking: TypeAlias = tuple[str, Block]
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
            take_turn(connection, Turn.PUT)  # nobody else adds these addresses meanwhile
            new, others = _parted(connection, blocks)
            _begin(connection, [(address, after(act, stranger(address), at)) for address, act in new], at)
            steps = [changed(connection, Whom(address), act, at) for address, act in others]
        return len(new) + sum(1 for step in steps if step and step.entry)


def _parted(connection: Connection, blocks: Iterable[_Blocking]) -> tuple[Sequence[_Blocking], Sequence[_Blocking]]:
    """Return the blocks of strangers, who can be many, and the others: of who is known, or was erased."""
    all_of_them = [(storable(address).strip(), act) for address, act in blocks]
    keys = [address_key(address) for address, _ in all_of_them]
    known = set(connection.scalars(select(subscribers.c.address_key).where(among(subscribers.c.address_key, keys))))
    known |= erased_among(connection, keys)
    new: list[_Blocking] = []
    others: list[_Blocking] = []
    for key, each in zip(keys, all_of_them, strict=True):
        (others if key in known else new).append(each)
        known.add(key)  # the same address once more is that of somebody known
    return new, others


def _begin(connection: Connection, steps: Sequence[tuple[str, Step]], at: datetime) -> None:
    """Write strangers and the first lines of their history."""
    if not steps:
        return
    people = [replace(storable_subscriber(step.subscriber), uid=secrets.token_urlsafe(16)) for _, step in steps]
    rows = [columns_of(person) | {"created_at": at, "updated_at": at} for person in people]
    connection.execute(insert(subscribers), rows)
    query = select(subscribers.c.address_key, subscribers.c.id).where(
        among(subscribers.c.address_key, [row["address_key"] for row in rows])
    )
    numbers = {row.address_key: row.id for row in connection.execute(query)}
    lines = [line_of(numbers[address_key(address)], step.entry) for address, step in steps if step.entry]
    connection.execute(insert(history), lines)

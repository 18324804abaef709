"""The list of subscribers in the database."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from newsletter.core.audience import Audience
from newsletter.core.ports import Change
from newsletter.core.subscriber import Standing, Subscriber, address_key, merged
from newsletter.edges.store.audiences import belongs_to, on_the_list
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import among
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.rows import PERSON, columns_of, storable_subscriber, subscriber_of
from newsletter.edges.store.tables import subscriber_tags, subscribers

_CHUNK: Final = 1_000  # subscribers in memory at a time
_CHANGEABLE: Final = (  # what a merge can change of a row
    "first_name",
    "last_name",
    "fields",
    "standing",
    "standing_reason",
    "standing_since",
    "paused_until",
    "consent_source",
    "consent_at",
    "consent_ip",
    "confirmed_at",
    "confirmed_ip",
)


@dataclass(frozen=True, slots=True)
class StoredSubscribers:
    """Implements `core.ports.Subscribers`."""

    _database: Database

    def put(self, subscribers: Iterable[Subscriber], at: datetime) -> Mapping[Change, int]:
        """Add or merge all of them in one transaction; count what was done, every kind of change being named."""
        counts = Counter[Change]()
        storables = map(storable_subscriber, subscribers)
        with self._database.writing() as connection:
            take_turn(connection, Turn.PUT)
            while chunk := list(islice(storables, _CHUNK)):
                counts.update(_put(connection, chunk, at))
        return {change: counts[change] for change in Change}

    def get(self, address: str) -> Subscriber | None:
        """Return the subscriber of this address, whatever its case, also when they were removed."""
        query = select(*PERSON).where(subscribers.c.address_key == address_key(storable(address)))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return subscriber_of(row) if row else None

    def stream(self, audience: Audience) -> Iterator[Subscriber]:
        """Yield an audience in the order they joined; no transaction is open while the caller works."""
        query = select(*PERSON).where(belongs_to(audience)).order_by(subscribers.c.id)
        with self._database.reading() as connection:
            end = connection.scalar(select(func.max(subscribers.c.id))) or 0
        # By numbers, not by so many of those found: PostgreSQL would look all deliveries over for each chunk.
        for last in range(0, end, _CHUNK):
            chunk = subscribers.c.id.between(last + 1, last + _CHUNK)
            with self._database.reading() as connection:
                people = connection.execute(query.where(chunk)).all()
            yield from map(subscriber_of, people)

    def remove(self, address: str, at: datetime) -> bool:
        """Take somebody off the list; the row stays, so that no import brings them back."""
        statement = (
            update(subscribers)
            .where(subscribers.c.address_key == address_key(storable(address)), on_the_list)
            .values(standing=Standing.REMOVED.value, updated_at=at)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount > 0

    def count(self) -> int:
        """Return how many are on the list, not counting those removed."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).select_from(subscribers).where(on_the_list)) or 0


def _put(connection: Connection, chunk: Sequence[Subscriber], at: datetime) -> Counter[Change]:
    """Merge a chunk in memory, then write each person of it once."""
    ids, before = _known(connection, {address_key(incoming.address) for incoming in chunk})
    after, counts = _merge(before, chunk)
    ids |= _insert(connection, [person for key, person in after.items() if key not in before], at)
    _update(connection, [person for key, person in after.items() if key in before and person != before[key]], at)
    _tag(connection, ids, before, after)
    return counts


def _known(connection: Connection, keys: Iterable[str]) -> tuple[dict[str, int], dict[str, Subscriber]]:
    """Return the number and the value of those already here, locked, so that nobody's leaving is overwritten."""
    of_these = among(subscribers.c.address_key, keys)
    rows = connection.execute(select(*PERSON, subscribers.c.address_key).where(of_these).with_for_update()).all()
    return {row.address_key: row.id for row in rows}, {row.address_key: subscriber_of(row) for row in rows}


def _merge(
    before: Mapping[str, Subscriber], chunk: Sequence[Subscriber]
) -> tuple[dict[str, Subscriber], Counter[Change]]:
    """Return everybody of the chunk as they will be, in order; one address may come several times."""
    after: dict[str, Subscriber] = {}
    counts = Counter[Change]()
    for incoming in chunk:
        key = address_key(incoming.address)
        known = after.get(key) or before.get(key)
        after[key] = merged(known, incoming) if known else replace(incoming, uid=secrets.token_urlsafe(16))
        counts[_change(known, incoming, after[key])] += 1
    return after, counts


def _change(known: Subscriber | None, incoming: Subscriber, result: Subscriber) -> Change:
    if known is None:
        return Change.NEW
    if incoming.standing.mailable and not known.standing.mailable:
        return Change.KEPT_OUT
    return Change.UNCHANGED if result == known else Change.CHANGED


def _insert(connection: Connection, people: Sequence[Subscriber], at: datetime) -> dict[str, int]:
    """Write new people; return their numbers, which one more query asks for: rows that return are sent far slower."""
    if not people:
        return {}
    connection.execute(
        insert(subscribers), [columns_of(person) | {"created_at": at, "updated_at": at} for person in people]
    )
    numbers = select(subscribers.c.address_key, subscribers.c.id).where(
        among(subscribers.c.address_key, [address_key(person.address) for person in people])
    )
    return {row.address_key: row.id for row in connection.execute(numbers)}


def _update(connection: Connection, people: Sequence[Subscriber], at: datetime) -> None:
    """Write what a merge can change; uid and address stay as they are."""
    if not people:
        return
    statement = (
        update(subscribers)
        .where(subscribers.c.uid == bindparam("key"))
        .values(updated_at=at, **{name: bindparam(f"new_{name}") for name in _CHANGEABLE})
    )
    connection.execute(statement, [_renamed(columns_of(person)) for person in people])


def _renamed(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": columns["uid"]} | {f"new_{name}": columns[name] for name in _CHANGEABLE}


def _tag(
    connection: Connection, ids: Mapping[str, int], before: Mapping[str, Subscriber], after: Mapping[str, Subscriber]
) -> None:
    rows = [
        {"subscriber_id": ids[key], "tag": tag}
        for key, person in after.items()
        for tag in person.tags - (before[key].tags if key in before else frozenset())
    ]
    if rows:
        connection.execute(insert(subscriber_tags), rows)

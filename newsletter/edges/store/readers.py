"""Subscribers one by one, with their history, in the database."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select, update

from newsletter.core.acts import Act, Amend, Beginning, SignUp
from newsletter.core.ports import Whom
from newsletter.core.standing import Entry, Step, after, stranger
from newsletter.core.subscriber import Subscriber, address_key
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import among
from newsletter.edges.store.erasures import erased_among, forget_erased
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.rows import PERSON, columns_of, storable_subscriber, subscriber_of
from newsletter.edges.store.tables import history, subscriber_tags, subscribers
from newsletter.errors import BadInput


@dataclass(frozen=True, slots=True)
class StoredReaders:
    """Implements `core.ports.Readers`."""

    _database: Database

    def find(self, whom: Whom) -> Subscriber | None:
        """Return a subscriber."""
        with self._database.reading() as connection:
            row = connection.execute(select(*PERSON).where(is_(whom))).one_or_none()
        return subscriber_of(row) if row else None

    def change(self, whom: Whom, act: Act, at: datetime) -> Step | None:
        """Do what `core.standing.after` says and write history, in one transaction that nobody else comes between.

        Raises:
            BadInput: the act is not allowed, or the new address is another subscriber's or was erased.
        """
        with self._database.writing() as connection:
            if isinstance(act, Amend) and act.address:
                take_turn(connection, Turn.PUT)  # nobody else adds the new address meanwhile
            found = _locked(connection, whom)
            if not found and whom.address and isinstance(act, Beginning):
                take_turn(connection, Turn.PUT)  # nor this one
                found = _locked(connection, whom) or _begun(connection, whom.address, act)
            if not found:
                return None
            number, before = found
            step = after(act, before, at)
            if step.entry is None:
                return step
            now = storable_subscriber(step.subscriber)
            number = _write(connection, number, before, now, at)
            connection.execute(insert(history).values(_line(number, step.entry)))
        return replace(step, subscriber=now)

    def history(self, whom: Whom) -> Sequence[Entry]:
        """Return what happened to a subscriber, oldest first."""
        query = (
            select(history.c.at, history.c.what, history.c.detail)
            .join_from(history, subscribers)
            .where(is_(whom))
            .order_by(history.c.id)
        )
        with self._database.reading() as connection:
            return [Entry(*row) for row in connection.execute(query)]


def is_(whom: Whom) -> ColumnElement[bool]:
    """Return the condition that a row is this subscriber's."""
    if whom.uid:
        return subscribers.c.uid == storable(whom.uid)
    return subscribers.c.address_key == address_key(storable(whom.address))


def _locked(connection: Connection, whom: Whom) -> tuple[int, Subscriber] | None:
    row = connection.execute(select(*PERSON).where(is_(whom)).with_for_update()).one_or_none()
    return (row.id, subscriber_of(row)) if row else None


def _begun(connection: Connection, address: str, act: Act) -> tuple[int, Subscriber] | None:
    """Return somebody new, without a number yet; who was erased comes back by a sign-up of their own alone."""
    if isinstance(act, SignUp):
        forget_erased(connection, address)
    elif erased_among(connection, [address]):
        return None
    return 0, replace(stranger(storable(address).strip()), uid=secrets.token_urlsafe(16))


def _write(connection: Connection, number: int, before: Subscriber, now: Subscriber, at: datetime) -> int:
    """Write a subscriber, new or known; return their number."""
    if not number:
        statement = insert(subscribers).values(created_at=at, updated_at=at, **columns_of(now))
        number = connection.scalar(statement.returning(subscribers.c.id)) or 0
    else:
        if address_key(now.address) != address_key(before.address):
            _check_free(connection, now.address)
        values = columns_of(now)
        connection.execute(update(subscribers).where(subscribers.c.id == number).values(updated_at=at, **values))
    _write_tags(connection, number, before.tags, now.tags)
    return number


def _write_tags(connection: Connection, number: int, before: frozenset[str], now: frozenset[str]) -> None:
    if gone := before - now:
        of_these = among(subscriber_tags.c.tag, sorted(gone))
        connection.execute(delete(subscriber_tags).where(subscriber_tags.c.subscriber_id == number, of_these))
    if new := now - before:
        connection.execute(insert(subscriber_tags), [{"subscriber_id": number, "tag": tag} for tag in sorted(new)])


def _check_free(connection: Connection, address: str) -> None:
    taken = exists().where(subscribers.c.address_key == address_key(address))
    if connection.scalar(select(taken)):
        raise BadInput(f"{address} is another subscriber", hint="remove or erase one of the two")
    if erased_among(connection, [address]):
        raise BadInput(f"{address} was erased", hint="only its reader can bring it back, by signing up")


def _line(number: int, entry: Entry) -> dict[str, object]:
    return {"subscriber_id": number, "at": entry.at, "what": entry.what, "detail": entry.detail}

"""Subscribers one by one, with their history, in the database."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update

from newsletter.core.account import Mailed, Told
from newsletter.core.acts import Act, Amend, Beginning, SignUp
from newsletter.core.audience import Audience
from newsletter.core.delivery import State
from newsletter.core.feedback import Kind
from newsletter.core.ports.readers import Whom
from newsletter.core.standing import Entry, Step, after, stranger
from newsletter.core.subscriber import Subscriber, address_key
from newsletter.edges.store.attention import check_known
from newsletter.edges.store.audiences import belongs_to
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import among
from newsletter.edges.store.erasing import erase
from newsletter.edges.store.erasures import erased_among, forget_erased
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.rows import PERSON, AnyRow, columns_of, storable_subscriber, subscriber_of
from newsletter.edges.store.tables import deliveries, events, history, mailings, subscriber_tags, subscribers
from newsletter.errors import BadInput

_CHUNK: Final = 1_000  # subscribers in memory at a time


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
            return changed(connection, whom, act, at)

    def change_all(self, audience: Audience, act: Amend, at: datetime) -> int:
        """Change the tags of an audience, with a line of history each, in one transaction; count who changed."""
        query = select(*PERSON).where(belongs_to(audience)).order_by(subscribers.c.id).limit(_CHUNK).with_for_update()
        count = last = 0
        with self._database.writing() as connection:
            check_known(connection, audience)
            take_turn(connection, Turn.PUT)  # an import locks the same rows in another order
            while rows := connection.execute(query.where(subscribers.c.id > last)).all():
                count += _retag(connection, rows, act, at)
                last = rows[-1].id
        return count

    def erase(self, whom: Whom, at: datetime) -> bool:
        """Make everything about somebody go, but for a salted hash of the address; tell whether they were there."""
        with self._database.writing() as connection:
            done = erase(connection, is_(whom), at)
        if done:
            self._database.settle_down()
        return done

    def mailed(self, whom: Whom) -> Sequence[Mailed]:
        """Return what became of each mailing for a subscriber, newest first."""
        when = func.coalesce(deliveries.c.settled_at, deliveries.c.claimed_at, mailings.c.created_at)
        query = (
            select(
                deliveries.c.id,
                deliveries.c.mailing_id,
                mailings.c.issue,
                mailings.c.subject,
                deliveries.c.transport,
                deliveries.c.state,
                deliveries.c.reason,
                when,
            )
            .join_from(deliveries, subscribers)
            .join(mailings, mailings.c.id == deliveries.c.mailing_id)
            .where(is_(whom))
            .order_by(deliveries.c.id.desc())
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
            told = _told(connection, {row.id: row.mailing_id for row in rows})
        return [
            Mailed(issue, subject, transport, State(state), reason, at, tuple(told[number]))
            for number, _, issue, subject, transport, state, reason, at in rows
        ]

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


def changed(connection: Connection, whom: Whom, act: Act, at: datetime) -> Step | None:
    """Change a subscriber inside a transaction; what this says of the answer is `core.ports.Readers.change`'s."""
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
    connection.execute(insert(history).values(line_of(number, step.entry)))
    return replace(step, subscriber=now)


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
    uid = ""
    if isinstance(act, SignUp):
        forget_erased(connection, address)
        uid = act.uid
    elif erased_among(connection, [address]):
        return None
    return 0, replace(stranger(storable(address).strip()), uid=uid or secrets.token_urlsafe(16))


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


def _told(connection: Connection, of: Mapping[int, int]) -> Mapping[int, Sequence[Told]]:
    """Return what SES told of deliveries, which are named by number with their mailing's, oldest first."""
    query = (
        select(events.c.delivery_id, events.c.at, events.c.kind, events.c.type, events.c.subtype, events.c.machine)
        .where(
            among(events.c.mailing_id, sorted(set(of.values()))),
            events.c.kind.in_([kind.value for kind in Kind]),  # all there are: it stands before the delivery in the key
            among(events.c.delivery_id, sorted(of)),
        )
        .order_by(events.c.at)
    )
    found = defaultdict[int, list[Told]](list)
    for number, at, kind, *types, machine in connection.execute(query) if of else ():
        detail = "/".join(filter(None, types))
        found[number].append(Told(at, kind, " ".join(filter(None, (detail, "by a program" if machine else "")))))
    return found


def line_of(number: int, entry: Entry) -> dict[str, object]:
    """Return a row of history."""
    return {"subscriber_id": number, "at": entry.at, "what": entry.what, "detail": entry.detail}


def _retag(connection: Connection, rows: Sequence[AnyRow], act: Amend, at: datetime) -> int:
    lines: list[dict[str, object]] = []
    gone: list[tuple[int, str]] = []
    new: list[dict[str, object]] = []
    for row in rows:
        before = subscriber_of(row)
        step = after(act, before, at)
        if step.entry:
            lines.append(line_of(row.id, step.entry))
            gone += [(row.id, tag) for tag in before.tags - step.subscriber.tags]
            new += [{"subscriber_id": row.id, "tag": tag} for tag in step.subscriber.tags - before.tags]
    for tag in act.remove:
        of_these = among(subscriber_tags.c.subscriber_id, [number for number, each in gone if each == tag])
        connection.execute(delete(subscriber_tags).where(subscriber_tags.c.tag == tag, of_these))
    if new:
        connection.execute(insert(subscriber_tags), new)
    if lines:
        connection.execute(insert(history), lines)
    return len(lines)

"""Apply events inside one transaction: find what they are about, write each down once, settle what they prove."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Connection, Integer, Text, and_, insert, select

from newsletter.core.delivery import State, reader_of_letter
from newsletter.core.feedback import Event, Kind, Proof
from newsletter.core.machines import is_machine
from newsletter.core.ports.feedback import Applied
from newsletter.edges.store.claiming import number_of
from newsletter.edges.store.columns import storable
from newsletter.edges.store.dialects import among, as_array, rows_of
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.proving import UNKNOWN, disprove, prove
from newsletter.edges.store.suppressing import Known, suppress
from newsletter.edges.store.tables import deliveries, events, mailings, subscribers

_DOUBTS: Final = frozenset({State.IN_DOUBT.value, State.PENDING.value})


class BusyError(Exception):
    """Somebody is writing to a delivery at this moment."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A delivery that an event is about; none of these for mail of no mailing, and somebody who leaves without one."""

    delivery: int | None
    mailing: int | None
    subscriber: int
    state: str


def apply(connection: Connection, told: Sequence[Event], at: datetime, dropped: Collection[Kind]) -> Applied:
    """Do what `StoredEvents.apply` says; events of the `dropped` kinds are not written down.

    Raises:
        BusyError: a sender is writing to one of the deliveries; nothing was done.

    In this order: who gives claims back holds the mailing and then takes deliveries, so a delivery must not be held
    while the mailing is waited for. Nothing is waited for that a sender holds: a send must not fail for an event.
    """
    take_turn(connection, Turn.EVENTS)
    places = _places(connection, told)
    known = [(event, place) for event in told if (place := places.get(_name(event)))]
    kept = [(event, place) for event, place in known if event.kind not in dropped]
    news = _keep(connection, kept, at)
    settled = _settle(connection, known, at)
    suppressed = suppress(connection, [Known(event, place.subscriber, event.at or at) for event, place in kept], at)
    repeated = sum(place.delivery is not None for _, place in kept) - news
    return Applied(news, repeated, len(told) - len(known), settled, suppressed)


def _name(event: Event) -> tuple[str, str]:
    """Return what tells which delivery or subscriber an event is about.

    A mail of no mailing names its subscriber; the address that SES tells is believed of nothing.
    """
    if reader := reader_of_letter(event.delivery):
        return "", reader
    return (event.delivery, "") if event.delivery else (event.mailing, event.subscriber)


def _places(connection: Connection, told: Iterable[Event]) -> dict[tuple[str, str], _Place]:
    """Return where the events belong, of those that are of ours."""
    wanted = {_name(event) for event in told}
    places = dict[tuple[str, str], _Place]()
    named = sorted(
        (number_of(name), storable(name.rpartition("-")[0]), storable(name)) for name, uid in wanted if not uid
    )
    for row in connection.execute(_DELIVERIES, {"named": as_array(named)}) if named else ():
        places[row.called, ""] = _Place(row.delivery, row.mailing, row.subscriber, row.state)
    leaving = sorted((storable(uid), storable(mailing)) for mailing, uid in wanted if uid)
    for row in connection.execute(_LEAVING, {"leaving": as_array(leaving)}) if leaving else ():
        places[row.told_mailing, row.uid] = _Place(row.delivery, row.mailing, row.subscriber, "")
    return places


_named = rows_of("named", number=BigInteger(), mailing=Text(), called=Text())
_DELIVERIES: Final = select(
    _named.c.called,
    deliveries.c.id.label("delivery"),
    deliveries.c.mailing_id.label("mailing"),
    deliveries.c.subscriber_id.label("subscriber"),
    deliveries.c.state,
).where(
    deliveries.c.id == _named.c.number,
    deliveries.c.mailing_id == mailings.c.id,
    mailings.c.uid == _named.c.mailing,
)

_leaving = rows_of("leaving", uid=Text(), mailing=Text())
_LEAVING: Final = (
    select(
        _leaving.c.uid,
        _leaving.c.mailing.label("told_mailing"),
        subscribers.c.id.label("subscriber"),
        deliveries.c.id.label("delivery"),
        deliveries.c.mailing_id.label("mailing"),
    )
    .select_from(_leaving)
    .join(subscribers, subscribers.c.uid == _leaving.c.uid)
    .outerjoin(mailings, mailings.c.uid == _leaving.c.mailing)
    .outerjoin(
        deliveries,
        and_(
            deliveries.c.issue == mailings.c.issue,
            deliveries.c.transport == mailings.c.transport,
            deliveries.c.subscriber_id == subscribers.c.id,
            deliveries.c.mailing_id == mailings.c.id,
            ~deliveries.c.released,
        ),
    )
)


def _settle(connection: Connection, known: Sequence[tuple[Event, _Place]], at: datetime) -> int:
    """Write what is proved of deliveries of which it was not known; return how many are settled by it."""
    accepted, unsent = dict[int, tuple[int, str, str]](), dict[int, tuple[int, str, str, str]]()
    doubts = set[int]()
    for event, place in known:
        if place.delivery is None or (proof := event.proves) is None:
            continue
        row = (place.delivery, storable(event.delivery.rpartition("-")[0]), storable(event.message_id))
        if proof is Proof.NOT_SENT and place.state not in {State.REFUSED.value, State.SUPPRESSED.value}:
            reason = storable(": ".join(filter(None, (event.kind.value, event.detail))))
            unsent[place.delivery] = (*row, reason)
        elif proof is Proof.ACCEPTED and place.state in UNKNOWN:
            accepted[place.delivery] = row
        else:
            continue
        if place.state in _DOUBTS:
            doubts.add(place.delivery)
    _hold(connection, accepted.keys() | unsent.keys())
    if accepted:
        prove(connection, accepted.values(), at)
    if unsent:
        disprove(connection, unsent.values(), at)
    return len(doubts)


def _hold(connection: Connection, numbers: Collection[int]) -> None:
    """Lock deliveries, or none at all; on SQLite a writing transaction holds everything anyway.

    Raises:
        BusyError: somebody holds one of them.
    """
    if not numbers or connection.dialect.name == "sqlite":
        return
    query = select(deliveries.c.id).where(among(deliveries.c.id, sorted(numbers)))
    if len(connection.execute(query.with_for_update(skip_locked=True)).all()) < len(numbers):
        raise BusyError


def _keep(connection: Connection, kept: Iterable[tuple[Event, _Place]], at: datetime) -> int:
    """Write events that are not written yet; return how many those are. Nobody else writes any meanwhile."""
    rows = {
        (place.mailing, event.kind.value, place.delivery, storable(event.key)): {
            "mailing_id": place.mailing,
            "kind": event.kind.value,
            "delivery_id": place.delivery,
            "key": event.key,
            "subscriber_id": place.subscriber,
            "at": event.at or at,
            "type": event.type,
            "subtype": event.subtype,
            "detail": event.detail,
            "machine": is_machine(event),
        }
        for event, place in kept
        if place.delivery is not None
    }
    if rows:
        for key in connection.execute(_KEPT, {"told": as_array(sorted(rows))}):
            rows.pop(tuple(key))
    if rows:
        connection.execute(insert(events), [rows[key] for key in sorted(rows)])
    return len(rows)


_told = rows_of("told", mailing=Integer(), kind=Text(), delivery=BigInteger(), key=Text())
_KEPT: Final = select(_told).where(
    events.c.mailing_id == _told.c.mailing,
    events.c.kind == _told.c.kind,
    events.c.delivery_id == _told.c.delivery,
    events.c.key == _told.c.key,
)

"""What came back of deliveries in the database: each event once, and what it proves and changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Connection, Integer, Text, and_, distinct, func, insert, select

from newsletter.core.delivery import Mailing, Return, State
from newsletter.core.feedback import Event, Kind, Proof
from newsletter.core.machines import is_machine
from newsletter.core.ports import Applied
from newsletter.core.reputation import Tally
from newsletter.core.verdict import LISTED, NOT_SPAM, PERMANENT
from newsletter.edges.store.claiming import number_of
from newsletter.edges.store.columns import storable
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import as_array, rows_of
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.proving import UNKNOWN, disprove, prove
from newsletter.edges.store.suppressing import Known, suppress
from newsletter.edges.store.tables import deliveries, events, mailings, subscribers

_NEVER_KEPT: Final = frozenset({Kind.SEND, Kind.OTHER})  # the account of the mailing says as much
_TRACKED: Final = frozenset({Kind.OPEN, Kind.CLICK})
_DOUBTS: Final = frozenset({State.IN_DOUBT.value, State.PENDING.value})


@dataclass(frozen=True, slots=True)
class _Place:
    """A delivery that an event is about; none of these for somebody who leaves without one."""

    delivery: int | None
    mailing: int | None
    subscriber: int
    state: str


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """Implements `core.ports.Events`."""

    _database: Database

    def apply(self, told: Sequence[Event], at: datetime, *, track: Collection[Kind]) -> Applied:
        """Write down what events tell, settle what they prove and suppress whom they must, in one transaction."""
        if not told:
            return Applied()
        with self._database.writing() as connection:
            take_turn(connection, Turn.EVENTS)
            places = _places(connection, told)
            known = [(event, place) for event in told if (place := places.get(_name(event)))]
            settled = _settle(connection, known, at)
            dropped = _NEVER_KEPT | (_TRACKED - set(track))
            kept = [(event, place) for event, place in known if event.kind not in dropped]
            news = _keep(connection, kept, at)
            judged = [Known(event, place.subscriber, event.at or at) for event, place in kept]
            suppressed = suppress(connection, judged, at)
        repeated = sum(place.delivery is not None for _, place in kept) - news
        return Applied(news, repeated, len(told) - len(known), settled, suppressed)

    def tally(self, mailing: Mailing) -> Tally:
        """Return the hard bounces and complaints of a mailing, as SES counts them."""
        query = select(
            _people(mailing, _HARD, events.c.subtype != LISTED).scalar_subquery(),
            _people(mailing, _COMPLAINED, events.c.subtype != LISTED).scalar_subquery(),
        )
        with self._database.reading() as connection:
            bounced, complained = connection.execute(query).one()
        return Tally(bounced, complained)

    def returns(self, mailing: Mailing) -> Mapping[Return, int]:
        """Count what became of the deliveries of a mailing after they were accepted, as far as events tell."""
        complained, bounced = (_those(mailing, which) for which in (_COMPLAINED, _BOUNCED))
        unspoilt = and_(_DELIVERED, events.c.delivery_id.not_in(complained), events.c.delivery_id.not_in(bounced))
        queries = {
            Return.DELIVERED: _people(mailing, unspoilt),
            Return.BOUNCED: _people(mailing, _BOUNCED, events.c.delivery_id.not_in(complained)),
            Return.COMPLAINED: _people(mailing, _COMPLAINED),
        }
        with self._database.reading() as connection:
            return {kind: connection.scalar(query) or 0 for kind, query in queries.items()}


_DELIVERED: Final = events.c.kind == Kind.DELIVERY.value
_BOUNCED: Final = events.c.kind == Kind.BOUNCE.value
_HARD: Final = and_(_BOUNCED, events.c.type == PERMANENT)
_COMPLAINED: Final = and_(events.c.kind == Kind.COMPLAINT.value, events.c.type != NOT_SPAM)


def _people(mailing: Mailing, *which: ColumnElement[bool]) -> Any:
    return select(func.count(distinct(events.c.delivery_id))).where(events.c.mailing_id == mailing.id, *which)


def _those(mailing: Mailing, which: ColumnElement[bool]) -> Any:
    return select(events.c.delivery_id).where(events.c.mailing_id == mailing.id, which).correlate(None)


def _name(event: Event) -> tuple[str, str]:
    """Return what tells which delivery or subscriber an event is about."""
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
    accepted, unsent = dict[int, tuple[int, str, str]](), dict[int, tuple[int, str, str]]()
    doubts = set[int]()
    for event, place in known:
        if place.delivery is None or (proof := event.proves) is None:
            continue
        mailing = storable(event.delivery.rpartition("-")[0])
        if proof is Proof.NOT_SENT and place.state not in {State.REFUSED.value, State.SUPPRESSED.value}:
            reason = storable(": ".join(filter(None, (event.kind.value, event.detail))))
            unsent[place.delivery] = (place.delivery, mailing, reason)
        elif proof is Proof.ACCEPTED and place.state in UNKNOWN:
            accepted[place.delivery] = (place.delivery, mailing, storable(event.message_id))
        else:
            continue
        if place.state in _DOUBTS:
            doubts.add(place.delivery)
    if accepted:
        prove(connection, accepted.values(), at)
    if unsent:
        disprove(connection, unsent.values(), at)
    return len(doubts)


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

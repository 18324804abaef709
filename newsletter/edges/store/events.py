"""What came back of deliveries in the database: each event once, and what it proves and changes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, distinct, func, select

from newsletter.core.delivery import Mailing, Return
from newsletter.core.feedback import Event, Kind
from newsletter.core.machines import MANY_LINKS, Attention, is_scan
from newsletter.core.ports.feedback import Applied
from newsletter.core.reputation import Tally
from newsletter.core.verdict import LISTED, NOT_SPAM, PERMANENT
from newsletter.edges.store.applying import BusyError, apply
from newsletter.edges.store.database import Database
from newsletter.edges.store.tables import events
from newsletter.errors import StoreError

_TRIES, _PAUSE = 100, 0.05  # times and seconds to wait for others to have written a delivery
_PAGE: Final = 1_000  # clicks in memory at a time
_NEVER_KEPT: Final = frozenset({Kind.SEND, Kind.OTHER})  # the account of the mailing says as much
_TRACKED: Final = frozenset({Kind.OPEN, Kind.CLICK})


@dataclass(frozen=True, slots=True)
class StoredEvents:
    """Implements `core.ports.Events`."""

    _database: Database

    def apply(self, told: Sequence[Event], at: datetime, *, track: Collection[Kind]) -> Applied:
        """Write down what events tell, settle what they prove and suppress whom they must, in one transaction."""
        for _ in range(_TRIES if told else 0):
            with contextlib.suppress(BusyError), self._database.writing() as connection:
                return apply(connection, told, at, _NEVER_KEPT | (_TRACKED - set(track)))
            time.sleep(_PAUSE)
        if told:
            raise StoreError("others keep writing to these deliveries", hint="try again; nothing is lost")
        return Applied()

    def tally(self, mailing: Mailing) -> Tally:
        """Return the hard bounces and complaints of a mailing, as SES counts them."""
        query = select(
            _people(mailing, _HARD, events.c.subtype != LISTED).scalar_subquery(),
            _people(mailing, COMPLAINED, events.c.subtype != LISTED).scalar_subquery(),
        )
        with self._database.reading() as connection:
            bounced, complained = connection.execute(query).one()
        return Tally(bounced, complained)

    def returns(self, mailing: Mailing) -> Mapping[Return, int]:
        """Count what became of the deliveries of a mailing after they were accepted, as far as events tell."""
        complained, bounced = (_those(mailing, which) for which in (COMPLAINED, BOUNCED))
        unspoilt = and_(_DELIVERED, events.c.delivery_id.not_in(complained), events.c.delivery_id.not_in(bounced))
        queries = {
            Return.DELIVERED: _people(mailing, unspoilt),
            Return.BOUNCED: _people(mailing, BOUNCED, events.c.delivery_id.not_in(complained)),
            Return.COMPLAINED: _people(mailing, COMPLAINED),
        }
        with self._database.reading() as connection:
            return {kind: connection.scalar(query) or 0 for kind, query in queries.items()}

    def attention(self, mailing: Mailing) -> Attention:
        """Count the readers who opened a mailing and clicked in it, programs apart (`core.machines`)."""
        with self._database.reading() as connection:
            opened, all_opened, clicked, all_clicked = connection.execute(
                select(
                    *(
                        _people(mailing, events.c.kind == kind.value, *which).scalar_subquery()
                        for kind in (Kind.OPEN, Kind.CLICK)
                        for which in ([~events.c.machine], [])
                    )
                )
            ).one()
            scans = sum(1 for _ in scanned(connection, mailing))
        return Attention(opened, clicked - scans, all_opened - opened, all_clicked - clicked + scans)


_DELIVERED: Final = events.c.kind == Kind.DELIVERY.value
BOUNCED: Final = events.c.kind == Kind.BOUNCE.value
_HARD: Final = and_(BOUNCED, events.c.type == PERMANENT)
COMPLAINED: Final = and_(events.c.kind == Kind.COMPLAINT.value, events.c.type != NOT_SPAM)


def _people(mailing: Mailing, *which: ColumnElement[bool]) -> Any:
    return select(func.count(distinct(events.c.delivery_id))).where(events.c.mailing_id == mailing.id, *which)


def _those(mailing: Mailing, which: ColumnElement[bool]) -> Any:
    return select(events.c.delivery_id).where(events.c.mailing_id == mailing.id, which).correlate(None)


def scanned(connection: Connection, mailing: Mailing) -> Iterator[Sequence[Any]]:
    """Yield the clicks, delivery by delivery, that no rule on a single one catches, and a scanner made together."""
    clicks = events.c.mailing_id == mailing.id, events.c.kind == Kind.CLICK.value, ~events.c.machine
    many = (
        select(events.c.delivery_id)
        .where(*clicks)
        .group_by(events.c.delivery_id)
        .having(func.count(distinct(events.c.detail)) >= MANY_LINKS)
    )
    columns = events.c.delivery_id, events.c.at, events.c.detail, events.c.type, events.c.subtype
    query = select(*columns).where(*clicks, events.c.delivery_id.in_(many))
    rows = connection.execute(query.order_by(events.c.delivery_id), execution_options={"yield_per": _PAGE})
    for _, those in groupby(rows, lambda row: row.delivery_id):
        made = list(those)
        if is_scan((row.at, row.detail) for row in made):
            yield made

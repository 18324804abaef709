"""The senders of a mailing in the database: who is at it, by their leases."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, func, insert, or_, select, update

from newsletter.core.delivery import Mailing, Renewal, Sender, State
from newsletter.edges.store.database import Database
from newsletter.edges.store.locks import Turn, take_turn
from newsletter.edges.store.mailings import mailing_of
from newsletter.edges.store.tables import deliveries, mailings, senders
from newsletter.errors import MailingBusy

LEASE: Final = timedelta(seconds=20)
_ORPHANED: Final = "the sending process ended before the answer was written down"


@dataclass(frozen=True, slots=True)
class StoredSenders:
    """Implements `core.ports.Senders`."""

    _database: Database

    def join(self, mailing: Mailing, at: datetime, *, alone: bool) -> Sender:
        """Begin to send a mailing.

        Raises:
            MailingBusy: `alone`, and another process is sending it, or may be until its lease is over.
        """
        row = {
            "mailing_id": mailing.id,
            "place": _place(),
            "process": os.getpid(),
            "joined_at": at,
            "lease_until": at + LEASE,
            "throttles": 0,
        }
        with self._database.writing() as connection:
            take_turn(connection, Turn.JOIN)
            self._end_dead_neighbours(connection, mailing, at)
            others = connection.scalars(select(senders.c.lease_until).where(_at_work(mailing, at))).all()
            if alone and others:
                raise _busy(mailing, max(others) - at)
            number = connection.scalar(insert(senders).values(**row).returning(senders.c.id))
        return Sender(number or 0, mailing, at + LEASE)

    def renew(self, sender: Sender, at: datetime) -> Renewal:
        """Renew the lease, and put into doubt what senders had claimed whose lease is over."""
        with self._database.writing() as connection:
            connection.execute(_lease_of(sender).values(lease_until=at + LEASE, throttles=sender.throttles))
            orphans = _doubt_orphans(connection, sender.mailing, at)
            row = connection.execute(select(mailings).where(mailings.c.id == sender.mailing.id)).one()
        return Renewal(replace(sender, mailing=mailing_of(row), lease_until=at + LEASE), orphans)

    def leave(self, sender: Sender, at: datetime) -> int:
        """End sending; what is still claimed is in doubt. Return how many that are."""
        with self._database.writing() as connection:
            connection.execute(_lease_of(sender).values(lease_until=at, throttles=sender.throttles))
            return _doubt_orphans(connection, sender.mailing, at)

    def leads(self, sender: Sender, at: datetime) -> bool:
        """Tell whether nobody who joined earlier is still sending."""
        query = select(func.min(senders.c.id)).where(_at_work(sender.mailing, at))
        with self._database.reading() as connection:
            return sender.id <= (connection.scalar(query) or sender.id)

    def _end_dead_neighbours(self, connection: Connection, mailing: Mailing, at: datetime) -> None:
        """End the leases of processes of this very machine that are no more, so that nobody waits for them."""
        query = select(senders.c.id, senders.c.process).where(_at_work(mailing, at), senders.c.place == _place())
        dead = [row.id for row in connection.execute(query) if not _lives(row.process)]
        connection.execute(update(senders).where(senders.c.id.in_(dead)).values(lease_until=at))


def _at_work(mailing: Mailing, at: datetime) -> ColumnElement[bool]:
    return (senders.c.mailing_id == mailing.id) & (senders.c.lease_until > at)


def _lease_of(sender: Sender) -> Any:
    return update(senders).where(senders.c.id == sender.id)


def _doubt_orphans(connection: Connection, mailing: Mailing, at: datetime) -> int:
    """Put into doubt what dead senders had claimed; what is being settled at this very moment is passed over."""
    over = select(senders.c.id).where(senders.c.mailing_id == mailing.id, senders.c.lease_until <= at)
    orphans = (
        select(deliveries.c.id)
        .where(
            deliveries.c.mailing_id == mailing.id,
            deliveries.c.state == State.CLAIMED.value,
            or_(deliveries.c.claimed_by.in_(over), deliveries.c.claimed_by.is_(None)),
        )
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(deliveries)
        .where(deliveries.c.id.in_(orphans))
        .values(state=State.IN_DOUBT.value, reason=_ORPHANED, settled_at=at)
    )
    return connection.execute(statement).rowcount


def _busy(mailing: Mailing, left: timedelta) -> MailingBusy:
    seconds = max(1, round(left.total_seconds()))
    return MailingBusy(
        f"another process is sending the mailing of {mailing.issue} at this moment",
        hint=f"let it finish, or help with --join; if it died on another machine, try again in {seconds} s",
    )


@cache
def _place() -> str:
    """Return what tells this machine, since when it runs, and this container from all others."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    space = Path("/proc/self/ns/pid")
    started = boot.read_text().strip() if boot.exists() else ""
    return f"{socket.gethostname()} {started} {space.stat().st_ino if space.exists() else ''}".strip()


def _lives(process: int) -> bool:
    """Tell whether a process of this machine may be alive; another one may have its number by now."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

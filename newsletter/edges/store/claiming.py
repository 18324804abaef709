"""Claim pending deliveries inside one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, Update, select, update

from newsletter.core.delivery import Claim, Mailing, Sender, State
from newsletter.core.subscriber import Standing
from newsletter.edges.store.dialects import among
from newsletter.edges.store.rows import PERSON, AnyRow, with_tags
from newsletter.edges.store.tables import deliveries, subscribers


def delivery_id(mailing: Mailing, number: int) -> str:
    """Return what a delivery is called outside: in its message, in SES's tags, in the account."""
    return f"{mailing.uid}-{number}"


def number_of(delivery: str) -> int:
    """Return the number of a delivery by what it is called; -1 for what is none."""
    number = delivery.rpartition("-")[2]
    return int(number) if number.isdecimal() and number.isascii() else -1


def claim_some(connection: Connection, sender: Sender, limit: int, at: datetime) -> tuple[Sequence[Claim], int]:
    """Claim the mailable among the next `limit` pending deliveries, suppress the others; return claims and how many.

    What another transaction is claiming at this moment is passed over; when nothing else is left it is waited for,
    so that both answers being empty means that nothing is pending.
    """
    mailing = sender.mailing
    rows = _pending(connection, mailing, limit, wait=False) or _pending(connection, mailing, limit, wait=True)
    mailable = [row for row in rows if Standing(row.standing).mailable]
    suppressed = _suppress(connection, [row for row in rows if not Standing(row.standing).mailable], at)
    return _claim(connection, sender, mailable, at), suppressed


def _pending(connection: Connection, mailing: Mailing, limit: int, *, wait: bool) -> Sequence[AnyRow]:
    query = (
        select(deliveries.c.id.label("delivery"), *PERSON)
        .join_from(deliveries, subscribers)
        .where(deliveries.c.mailing_id == mailing.id, deliveries.c.state == State.PENDING.value)
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(of=deliveries, skip_locked=not wait)
    )
    return connection.execute(query).all()


def _claim(connection: Connection, sender: Sender, rows: Sequence[AnyRow], at: datetime) -> Sequence[Claim]:
    if not rows:
        return ()
    statement = _if_pending(row.delivery for row in rows).values(
        state=State.CLAIMED.value, attempts=deliveries.c.attempts + 1, reason="", claimed_by=sender.id, claimed_at=at
    )
    won = set(connection.scalars(statement.returning(deliveries.c.id)))
    ours = [row for row in rows if row.delivery in won]
    people = with_tags(connection, ours)
    return [Claim(delivery_id(sender.mailing, row.delivery), person) for row, person in zip(ours, people, strict=True)]


def _suppress(connection: Connection, rows: Sequence[AnyRow], at: datetime) -> int:
    by_standing = defaultdict[str, list[int]](list)
    for row in rows:
        by_standing[row.standing].append(row.delivery)
    return sum(
        connection.execute(
            _if_pending(ids).values(state=State.SUPPRESSED.value, reason=standing, settled_at=at, released=True)
        ).rowcount
        for standing, ids in by_standing.items()
    )


def _if_pending(ids: Iterable[int]) -> Update:
    return update(deliveries).where(among(deliveries.c.id, ids), deliveries.c.state == State.PENDING.value)

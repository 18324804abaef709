"""Claim pending deliveries inside one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    literal,
    select,
    tuple_,
    update,
)

from newsletter.core.delivery import Claim, Mailing, Sender, State
from newsletter.core.subscriber import Standing
from newsletter.edges.store.columns import Moment
from newsletter.edges.store.dialects import among_those, as_array
from newsletter.edges.store.mailings import right_at
from newsletter.edges.store.rows import ADDRESSEE, NAMED, AnyRow, addressee, named
from newsletter.edges.store.tables import deliveries, subscribers

_ACTIVE: Final = Standing.ACTIVE.value
_LONGEST_NUMBER: Final = 18  # digits; more may not fit into 64 bits


def delivery_id(mailing: Mailing, number: int) -> str:
    """Return what a delivery is called outside: in its message, in SES's tags, in the account."""
    return f"{mailing.uid}-{number}"


def number_of(delivery: str) -> int:
    """Return the number of a delivery by what it is called; -1 for what is none."""
    number = delivery.rpartition("-")[2]
    return int(number) if number.isdecimal() and number.isascii() and len(number) <= _LONGEST_NUMBER else -1


def claim_some(
    connection: Connection, sender: Sender, limit: int, at: datetime, *, details: bool
) -> tuple[Sequence[Claim], int]:
    """Claim the mailable among the next `limit` pending deliveries, suppress the others; return claims and how many.

    What another transaction is claiming at this moment is passed over; when nothing else is left it is waited for,
    so that both answers being empty means that nothing is pending. Without `details` nobody has tags and fields.
    """
    asked = {"mailing": sender.mailing.id, "limit": limit, "at": at}
    free, every = _pending(details=details, awaited=False), _pending(details=details, awaited=True)
    rows = connection.execute(free, asked).all() or connection.execute(every, asked).all()
    mailable = [row for row in rows if row[1] == _ACTIVE]
    if len(mailable) < len(rows):
        _suppress(connection, rows, at)
    if mailable:
        claimed = {"ids": as_array([row[0] for row in mailable]), "sender": sender.id, "at": at}
        connection.execute(_CLAIM, claimed)
    prefix = delivery_id(sender.mailing, 0)[:-1]
    read = addressee if details else named
    claims = [Claim(f"{prefix}{row[0]}", read(*row[2:])) for row in mailable]
    return claims, len(rows) - len(mailable)


def _suppress(connection: Connection, rows: Sequence[AnyRow], at: datetime) -> None:
    by_right = defaultdict[str, list[int]](list)
    for row in rows:
        by_right[row.right].append(row.delivery)
    by_right.pop(_ACTIVE, None)
    for right, ids in by_right.items():
        connection.execute(_SUPPRESS, {"ids": as_array(ids), "right": right, "at": at})


# All statements are made once: to make one takes longer than to run it.
_place = tuple_(deliveries.c.mailing_id, deliveries.c.state, deliveries.c.id)


def _bound(number: int) -> ColumnElement[Any]:
    return tuple_(bindparam("mailing", type_=Integer), State.PENDING.value, literal(number, BigInteger))


# A stretch of the index, in its order. Asked for one mailing, one state and the order of the numbers, PostgreSQL may
# go through the primary key instead, past everybody who was mailed before, again with each claim.
@cache
def _pending(*, details: bool, awaited: bool) -> Select[Any]:
    person = ADDRESSEE if details else NAMED
    return (
        select(deliveries.c.id.label("delivery"), right_at(bindparam("at", type_=Moment)).label("right"), *person)
        .join_from(deliveries, subscribers)
        .where(_place >= _bound(0), _place <= _bound(10**_LONGEST_NUMBER))
        .order_by(deliveries.c.mailing_id, deliveries.c.state, deliveries.c.id)
        .limit(bindparam("limit", type_=Integer))
        .with_for_update(of=deliveries, skip_locked=not awaited)
    )


# Those just read, by their numbers alone: they are locked, on SQLite with the whole database, and still pending.
_THOSE: Final = update(deliveries).where(among_those(deliveries.c.id, "ids"))
_CLAIM: Final = _THOSE.values(
    state=State.CLAIMED.value,
    attempts=deliveries.c.attempts + 1,
    reason="",
    claimed_by=bindparam("sender"),
    claimed_at=bindparam("at", type_=Moment),
)
_SUPPRESS: Final = _THOSE.values(
    state=State.SUPPRESSED.value,
    reason=bindparam("right"),
    settled_at=bindparam("at", type_=Moment),
    released=True,
)

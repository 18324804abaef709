"""How the sending of a mailing went, by what its deliveries and senders have written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, Select, case, func, select

from newsletter.core.account import Course
from newsletter.core.delivery import Mailing, State
from newsletter.core.orders import Orders
from newsletter.core.pace import SLOWEST
from newsletter.edges.store.tables import deliveries, mailings, senders

_PAGE: Final = 1_000  # moments in memory at a time
_TURN: Final = timedelta(seconds=1 / SLOWEST)  # what a throttle makes a sender wait at most
_LONGEST: Final = timedelta(minutes=1)
_ANSWERED: Final = (State.ACCEPTED.value, State.REFUSED.value, State.IN_DOUBT.value)


def course_of(connection: Connection, mailing: Mailing) -> Course:
    """Return how the sending went."""
    orders = Orders.read(connection.execute(select(mailings.c.orders).where(mailings.c.id == mailing.id)).scalar_one())
    met = select(func.coalesce(func.sum(senders.c.throttles), 0)).where(senders.c.mailing_id == mailing.id)
    throttles = connection.scalar(met) or 0
    turn = max(_TURN, timedelta(seconds=1 / orders.rate if orders.rate else 0))
    moments = connection.execute(_moments(mailing), execution_options={"yield_per": _PAGE})
    return Course(_seconds_at_work(moments, turn, throttles), throttles, _again(connection, mailing, orders.again))


def _moments(mailing: Mailing) -> Select[Any]:
    """Return the query for the moments at which answers were written down, and when the first of each was claimed.

    What became known only after its sender had left, by an event or by the editor, tells nothing of the sending.
    """
    written = (
        select(deliveries.c.settled_at, deliveries.c.claimed_by, func.min(deliveries.c.claimed_at).label("claimed_at"))
        .where(deliveries.c.mailing_id == mailing.id, deliveries.c.state.in_(_ANSWERED))
        .group_by(deliveries.c.settled_at, deliveries.c.claimed_by)
        .subquery()
    )
    return (
        select(written.c.settled_at, func.min(written.c.claimed_at))
        .join_from(written, senders, senders.c.id == written.c.claimed_by)
        .where(written.c.settled_at <= senders.c.lease_until)
        .group_by(written.c.settled_at)
        .order_by(written.c.settled_at)
    )


def _seconds_at_work(moments: Iterable[Sequence[datetime]], turn: timedelta, throttles: int) -> float:
    """Return the seconds from the first answer to the last, but for the time in which nobody was sending.

    A sender claims before its turn has come, and holds that while it waits for the rate, however slow that is: this is
    work. While a mailing is paused, waits for a canary, a window or a quota, and between two runs, nothing is claimed:
    where the next to be answered was claimed more than a moment after the answer before it, the time between these two
    is left out. What was throttled is claimed anew, and leaves no trace but the number of throttles: for each of them
    that moment is a `turn` longer, so that waiting for the account is not taken for a pause. What took longer than any
    call takes was no work either: a machine slept, for instance.
    """
    longest = max(_LONGEST, 2 * turn)
    moment = min(longest, (1 + throttles) * turn)
    spans = (
        later - (claimed if claimed - earlier > moment else earlier)
        for (earlier, _), (later, claimed) in pairwise(moments)
    )
    return sum((span for span in spans if span < longest), timedelta()).total_seconds()


def _again(connection: Connection, mailing: Mailing, asked: int) -> int:
    """Count the copies that may have gone out before those that the editor asked for, of which there are `asked`.

    Each was a claim more. One for which an event proved meanwhile that it had arrived was not claimed once more; but
    claims are counted too where the transport failed for a reason of its own, so that they alone would be too many.
    """
    if not asked:
        return 0
    last = case((deliveries.c.state.in_([*_ANSWERED, State.CLAIMED.value]), 1), else_=0)
    before = select(func.sum(deliveries.c.attempts - last)).where(
        deliveries.c.mailing_id == mailing.id, deliveries.c.attempts > 0
    )
    return min(asked, connection.scalar(before) or 0)

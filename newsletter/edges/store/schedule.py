"""The schedule that all senders of a transport share, so that together they hold one rate."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, case, insert, literal, select, update

from newsletter.edges.store.tables import schedules

# Seconds. A sender that comes a little late finds its places still there: what the machine delays is caught up with,
# and the rate is held. More than SES's own bucket forgives, one second's worth, must never come together.
SLACK = 0.25


def take_places(connection: Connection, transport: str, count: int, rate: float, at: datetime) -> datetime:
    """Take places for so many recipients at a rate (per second); return when the first of them is."""
    earliest, needs = literal(at.timestamp() - SLACK), literal(count / rate)
    later = case((schedules.c.next_at > earliest, schedules.c.next_at), else_=earliest)
    mine = schedules.c.transport == transport
    end = connection.scalar(update(schedules).where(mine).values(next_at=later + needs).returning(schedules.c.next_at))
    if end is None:
        end = _first(connection, transport, at.timestamp() + count / rate)
    return datetime.fromtimestamp(end - count / rate, UTC)


def _first(connection: Connection, transport: str, end: float) -> float:
    """Begin a schedule; whoever claims at the same moment waits for this transaction, by the table's key."""
    if connection.scalar(select(schedules.c.next_at).where(schedules.c.transport == transport)) is None:
        connection.execute(insert(schedules).values(transport=transport, next_at=end))
    return end

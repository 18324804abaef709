"""The schedule that all senders of a transport share, so that together they hold one rate."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, text

_MOST_SLACK: Final = 0.25  # seconds

# The first to come begins the schedule. Whoever comes at the same moment waits for this row, in both databases.
_TAKE: Final = text(
    "INSERT INTO schedules (transport, next_at) VALUES (:transport, :now + :needs)"
    " ON CONFLICT (transport) DO UPDATE SET next_at = :needs"
    " + CASE WHEN schedules.next_at > :earliest THEN schedules.next_at ELSE :earliest END"
    " RETURNING next_at"
)


def slack(rate: float) -> float:
    """Return how many seconds late a sender may come and still find its places there.

    What the machine delays is caught up with, so that the rate is held. Half of what SES's own bucket forgives, which
    holds one second's worth: all but one recipient of it, nothing at one recipient per second.
    """
    return min(_MOST_SLACK, max(0.0, (rate - 1) / rate / 2))


def take_places(connection: Connection, transport: str, count: int, rate: float, at: datetime) -> datetime:
    """Take places for so many recipients at a rate (per second); return when the first of them is."""
    now, needs = at.timestamp(), count / rate
    values = {"transport": transport, "now": now, "needs": needs, "earliest": now - slack(rate)}
    return datetime.fromtimestamp(connection.execute(_TAKE, values).scalar_one() - needs, UTC)

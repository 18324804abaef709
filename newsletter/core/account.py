"""Accounts of a mailing: what it would do, where everybody stands, how it went, and what became of it for one reader.

intended = accepted + refused + suppressed + in doubt, once nothing is left to send.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from newsletter.core.delivery import State


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a send to an audience would do: how many now, how many have this issue already, how many may not get it."""

    to_send: int
    already: int
    suppressed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """How many deliveries of a mailing are in each state; every frozen recipient is in exactly one."""

    counts: Mapping[State, int]

    def __getitem__(self, state: State) -> int:
        return self.counts.get(state, 0)

    @property
    def intended(self) -> int:
        """Return how many recipients were frozen."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Return how many are still to be sent or being sent."""
        return self[State.PENDING] + self[State.CLAIMED]

    @property
    def settled(self) -> int:
        """Return how many have reached an end: accepted, refused, suppressed or in doubt."""
        return self.intended - self.open

    @property
    def parts(self) -> Sequence[tuple[State, int]]:
        """Return what adds up to those intended, state by state; those still to be sent only while there are any."""
        ends = (State.ACCEPTED, State.REFUSED, State.SUPPRESSED, State.IN_DOUBT)
        waiting = [state for state in (State.PENDING, State.CLAIMED) if self[state]]
        return [(state, self[state]) for state in (*ends, *waiting)]


@dataclass(frozen=True, slots=True)
class Course:
    """How the sending of a mailing went: seconds at work, breaks left out, and how often it was throttled.

    `again` is how many copies may have gone out before others that the editor asked for, to the same readers.
    """

    seconds: float
    throttles: int
    again: int = 0


@dataclass(frozen=True, slots=True)
class Named:
    """A delivery with the person it was for and why it is in its state; for the editor's eyes."""

    delivery_id: str
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """What SES told of a delivery, and when it happened (UTC)."""

    at: datetime
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Mailed:
    """What became of one mailing for one subscriber, and when (UTC); what SES told of it is oldest first."""

    issue: str
    subject: str
    transport: str
    state: State
    reason: str
    at: datetime
    told: tuple[Told, ...] = ()

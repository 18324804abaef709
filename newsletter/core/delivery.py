"""Deliveries (one mailing x one subscriber): their mailing, their states, and what a transport can answer.

pending --claim--> claimed --Accepted--> accepted --feedback--> delivered | bounced | complained (`Return`)
   ^                 | |----Refused---> refused
   |-----Deferred----| |----InDoubt, lease over----> in doubt --feedback, late answer, the editor--> accepted | pending
claimed, in doubt, pending again or accepted --SES says that it was never sent--> refused
pending or frozen --standing forbids mail, reader paused, mailing cancelled--> suppressed
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from newsletter.core.orders import AT_ONCE, Orders, Wish
from newsletter.core.subscriber import Addressed

DELIVERY_HEADER = "X-Newsletter-Delivery"  # in each message, with what we call its delivery

_LETTER = re.compile(r"[a-z]+-(?P<uid>[A-Za-z0-9_-]+)-[0-9]{8}T[0-9]{6}Z")


def letter_id(kind: str, uid: str, at: datetime) -> str:
    """Return what we call the delivery of a mail that is of no mailing: its kind, whose it is, and when it went out."""
    return f"{kind}-{uid}-{at:%Y%m%dT%H%M%SZ}"


def reader_of_letter(delivery_id: str) -> str:
    """Return whose such a mail is, by their uid; nothing for a delivery of a mailing, which ends with its number."""
    found = _LETTER.fullmatch(delivery_id)
    return found["uid"] if found else ""


class State(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    SUPPRESSED = "suppressed"
    IN_DOUBT = "in doubt"

    @property
    def ends(self) -> bool:
        """Tell whether a delivery stays in this state unless the editor or an event moves it."""
        return self not in {State.PENDING, State.CLAIMED}


class Return(StrEnum):
    """What became of a delivery after it was accepted, as far as feedback tells; the last that is true counts."""

    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The transport took the message and will not lose it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The transport will never take this message for this recipient; it was certainly not sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """It was certainly not sent, and may be tried again.

    `throttled`: the rate was too high. `stop`: nobody can be mailed now (quota spent, sending paused, credentials);
    `hint` then says what to do. `counts`: the transport failed at this very message; after MOST_ATTEMPTS it is refused.
    """

    reason: str
    throttled: bool = False
    stop: bool = False
    hint: str = ""
    counts: bool = False


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Nobody can tell whether it was sent: the request left and no answer came. Never sent again by itself."""

    reason: str


Outcome = Accepted | Refused | Deferred | InDoubt


# A claim is given up after so many times that the transport could not take it for a reason of its own.
MOST_ATTEMPTS = 5

CANCELLED = "cancelled"  # the reason of those whom a cancelled mailing had not reached
PAUSED = "paused"  # the reason of those who want no mail for a while


@dataclass(frozen=True, slots=True)
class Mailing:
    """One build going to one audience, an expression that counts no days back. `uid` is random and public.

    Times are UTC.
    """

    id: int
    uid: str
    issue: str
    digest: str
    subject: str
    audience: str
    transport: str
    created_at: datetime
    finished_at: datetime | None = None
    wish: Wish = Wish.GO
    orders: Orders = AT_ONCE

    @property
    def goes_out_at(self) -> datetime:
        """Return when its first message may go out: at once, or when it was scheduled."""
        return max(self.created_at, self.orders.begin or self.created_at)


@dataclass(frozen=True, slots=True)
class NewMailing:
    """What is needed to begin a mailing."""

    issue: str
    digest: str
    subject: str
    transport: str
    orders: Orders = AT_ONCE


@dataclass(frozen=True, slots=True)
class Sender:
    """A process that sends a mailing. Until `lease_until` (UTC), which it renews, what it claims is its own.

    `throttles` counts how often it was told to slow down.
    """

    id: int
    mailing: Mailing
    lease_until: datetime
    throttles: int = 0


@dataclass(frozen=True, slots=True)
class Renewal:
    """What renewing a lease told: the mailing as it is now, and how many claims of dead senders are now in doubt."""

    sender: Sender
    orphans: int


class Claim(NamedTuple):
    """A delivery that this process alone may send, with its subscriber as they are now."""

    delivery_id: str
    subscriber: Addressed


@dataclass(frozen=True, slots=True)
class Batch:
    """Some claims, and the moment (UTC) at which the first may start; the rate then spaces the others."""

    claims: Sequence[Claim]
    start: datetime


class Settlement(NamedTuple):
    """What became of a claimed delivery."""

    delivery_id: str
    outcome: Outcome

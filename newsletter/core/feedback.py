"""What comes back of accepted mail: an event that Amazon SES, or a public door, tells of, as one typed value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LEAVES: Final = "unsubscribe"  # the type of a subscription event by which somebody left
BLOCK_TAG, LINK_TAG = "block", "link"  # what links say of themselves, each with a number from 1 (`core.render.tagged`)
LONGEST: Final = 300  # characters kept of what mail servers and links say


class Kind(StrEnum):
    """What an event tells. `OTHER` is a kind that SES has added since."""

    SEND = "send"
    DELIVERY = "delivery"
    DELAY = "delay"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    REJECT = "reject"
    RENDERING_FAILURE = "rendering failure"
    OPEN = "open"
    CLICK = "click"
    SUBSCRIPTION = "subscription"
    UNSUBSCRIBE = "unsubscribe"
    OTHER = "other"


class Proof(StrEnum):
    """What an event proves of its delivery."""

    ACCEPTED = "accepted"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that SES, or a public door, says happened.

    `delivery` is what we called the delivery, empty for mail that is not ours. `at` (UTC) is when it happened,
    `sent_at` when SES took the message. `type`, `subtype`: of a bounce or complaint, in SES's words; of a click,
    "block 3" and "link 1", if the link said where it stands. `detail` is a status code (RFC 3463), a link or a reason;
    never an address. `key` tells apart events of one kind and delivery: the same event that comes again has the same.
    A wish to leave names `subscriber` and `mailing` by their uids.
    """

    kind: Kind
    delivery: str = ""
    message_id: str = ""
    at: datetime | None = None
    sent_at: datetime | None = None
    type: str = ""
    subtype: str = ""
    detail: str = ""
    key: str = ""
    user_agent: str = ""
    subscriber: str = ""
    mailing: str = ""

    @property
    def proves(self) -> Proof | None:
        """Return what it proves; each event of a message proves that SES took it.

        But for two, which say that it was never sent: SES could not fill the template, or found a virus.
        """
        if not self.delivery or self.kind is Kind.UNSUBSCRIBE:
            return None
        never_sent = self.kind in {Kind.REJECT, Kind.RENDERING_FAILURE}
        return Proof.NOT_SENT if never_sent else Proof.ACCEPTED

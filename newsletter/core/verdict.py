"""What comes of feedback for a subscriber: who is not to be mailed again, by which rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from newsletter.core.acts import Block, By, Unsubscribe
from newsletter.core.feedback import LEAVES, Event, Kind
from newsletter.core.standing import Step, after
from newsletter.core.subscriber import Standing, Subscriber

# SES developer guide, "Contents of event data", bounce types: a permanent bounce is not retried, and SES asks to take
# its address off the list; each subtype (General, NoEmail, Suppressed, OnAccountSuppressionList) is about the address.
# All others are soft: a transient bounce (General, MailboxFull, MessageTooLarge, ContentRejected, AttachmentRejected)
# is about a message, a day or a full mailbox, and an undetermined one says nothing. SES tells of a soft bounce once it
# has given up trying, so it is more than a delay.
PERMANENT: Final = "Permanent"
# Our own rule for soft bounces: so many, in so many mailings one after another that were for this reader.
SOFT_BOUNCES: Final = 3
OF_MAILINGS: Final = 5
# RFC 5965 3.5 and 7.3: a report that a message is wanted after all is no complaint.
NOT_SPAM: Final = "not-spam"
# SES did not send at all: the address is on the account's suppression list. SES counts that neither as a bounce nor as
# a complaint (SES developer guide, "Using the account-level suppression list").
LISTED: Final = "OnAccountSuppressionList"

_WAY: Final = "through the public pages"
_WAY_OF_SES: Final = "through the unsubscribe link of Amazon SES"


@dataclass(frozen=True, slots=True)
class Round:
    """A mailing that was for a subscriber, and when it bounced softly if it did; times are UTC."""

    mailing: int
    bounced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a subscriber, and from when on (UTC) it holds."""

    act: Block | Unsubscribe
    at: datetime


def is_hard(event: Event) -> bool:
    """Tell whether an event is a bounce after which an address is never tried again."""
    return event.kind is Kind.BOUNCE and event.type == PERMANENT


def is_soft(event: Event) -> bool:
    """Tell whether an event is a bounce that counts only with others."""
    return event.kind is Kind.BOUNCE and event.type != PERMANENT


def judge(event: Event, at: datetime, rounds: Sequence[Round] = ()) -> Verdict | None:
    """Return what an event that happened at `at` means for its subscriber, or None: nothing.

    `rounds`, for a soft bounce: the mailings that were for them, in order, with what bounced softly so far. The answer
    depends on what happened alone, not on when it was learned: nothing else is looked at.
    """
    match event.kind:
        case Kind.BOUNCE if is_hard(event):
            return Verdict(Block(Standing.BOUNCED, _words("hard bounce", event.subtype, event.detail), By.SES), at)
        case Kind.BOUNCE:
            return _softly(rounds)
        case Kind.COMPLAINT if event.type != NOT_SPAM:
            return Verdict(Block(Standing.COMPLAINED, _words("complaint", event.type, event.subtype), By.SES), at)
        case Kind.UNSUBSCRIBE:
            return Verdict(Unsubscribe(_WAY), at)
        case Kind.SUBSCRIPTION if event.type == LEAVES:
            return Verdict(Unsubscribe(_WAY_OF_SES), at)
        case _:
            return None


def _softly(rounds: Sequence[Round]) -> Verdict | None:
    """Find the first mailings in a row of which too many bounced."""
    found = list[datetime]()
    for begin in range(len(rounds)):
        bounced = sorted(each.bounced_at for each in rounds[begin : begin + OF_MAILINGS] if each.bounced_at)
        found += bounced[SOFT_BOUNCES - 1 : SOFT_BOUNCES]
    if not found:
        return None
    return Verdict(
        Block(Standing.BOUNCED, f"{SOFT_BOUNCES} soft bounces in {OF_MAILINGS} mailings", By.SES), min(found)
    )


def applied(verdict: Verdict, known: Subscriber, back_since: datetime | None) -> Step:
    """Return what a verdict makes of a subscriber (`core.standing.after`), whatever was learned first.

    What happened before they last came back, confirmed or were released (`back_since`, UTC) is past and does not count.
    Of two proofs of the same the earlier one stands, so that the same events end the same in every order.
    """
    if back_since and verdict.at < back_since:
        return Step(known)
    step = after(verdict.act, known, verdict.at)
    standing, reason = _outcome(verdict)
    if step.entry or standing is not known.standing or known.since is None:
        return step
    if (verdict.at, reason) < (known.since, known.reason):
        return Step(replace(known, since=verdict.at, reason=reason))
    return step


def _outcome(verdict: Verdict) -> tuple[Standing, str]:
    match verdict.act:
        case Block(standing, reason, _):
            return standing, reason
        case Unsubscribe(how):
            return Standing.UNSUBSCRIBED, how


def _words(what: str, *details: str) -> str:
    said = ", ".join(each for each in details if each)
    return f"{what} ({said})" if said else what

"""What can happen to an accepted message, and the event blocks that tell of it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from tests.doubles.ledger import Accepted

_MTA: Final = "dns; a8-70.smtp-out.amazonses.com"
_DELIVERY_SECONDS: Final = 1.5

Block: TypeAlias = tuple[str, str, dict[str, Any]]


def stamp(at: float) -> str:
    """Write a time as SES does: 2017-08-05T00:40:02.012Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Outcome(StrEnum):
    """The fate of one recipient's copy."""

    DELIVERY = "delivery"
    BOUNCE = "bounce"
    BOUNCE_TRANSIENT = "bounce_transient"
    SUPPRESSED = "suppressed"
    COMPLAINT = "complaint"
    DELIVERY_DELAY = "delivery_delay"
    REJECT = "reject"
    RENDERING_FAILURE = "rendering_failure"
    SEND_ONLY = "send_only"
    SILENCE = "silence"


def _send(_accepted: Accepted, _at: str) -> Block:
    return "Send", "send", {}


def _reject(_accepted: Accepted, _at: str) -> Block:
    return "Reject", "reject", {"reason": "Bad content"}


def _delivery(accepted: Accepted, at: str) -> Block:
    block = {
        "timestamp": at,
        "processingTimeMillis": int(_DELIVERY_SECONDS * 1000),
        "recipients": [accepted.address],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": "a8-70.smtp-out.amazonses.com",
    }
    return "Delivery", "delivery", block


def _hard_bounce(accepted: Accepted, at: str) -> Block:
    details = _failure("5.1.1", "smtp; 550 5.1.1 user unknown")
    return _bounce(accepted, at, ("Permanent", "General"), details)


def _soft_bounce(accepted: Accepted, at: str) -> Block:
    details = _failure("4.2.2", "smtp; 452 4.2.2 mailbox full")
    return _bounce(accepted, at, ("Transient", "MailboxFull"), details)


def _suppressed_bounce(accepted: Accepted, at: str) -> Block:
    return _bounce(accepted, at, ("Permanent", "OnAccountSuppressionList"), {})


def _failure(status: str, diagnostic: str) -> dict[str, str]:
    return {"action": "failed", "status": status, "diagnosticCode": diagnostic}


def _bounce(accepted: Accepted, at: str, kind: tuple[str, str], details: dict[str, str]) -> Block:
    block = {
        "bounceType": kind[0],
        "bounceSubType": kind[1],
        "bouncedRecipients": [{"emailAddress": accepted.address, **details}],
        "timestamp": at,
        "feedbackId": _feedback_id(accepted, "b"),
        "reportingMTA": _MTA,
    }
    return "Bounce", "bounce", block


def _complaint(accepted: Accepted, at: str) -> Block:
    block = {
        "complainedRecipients": [{"emailAddress": accepted.address}],
        "timestamp": at,
        "feedbackId": _feedback_id(accepted, "c"),
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": at,
    }
    return "Complaint", "complaint", block


def _delay(accepted: Accepted, at: str) -> Block:
    recipient = {
        "emailAddress": accepted.address,
        "status": "4.4.1",
        "diagnosticCode": "smtp; 421 4.4.1 Unable to connect to remote host",
    }
    block = {
        "timestamp": at,
        "delayType": "TransientCommunicationFailure",
        "expirationTime": stamp(accepted.at + 14 * 3600),
        "delayedRecipients": [recipient],
        "reportingMTA": "a8-70.smtp-out.amazonses.com",
    }
    return "DeliveryDelay", "deliveryDelay", block


def _rendering_failure(accepted: Accepted, _at: str) -> Block:
    missing = ", ".join(accepted.missing) or "name"
    message = f"Attribute '{missing}' is not present in the rendering data."
    return "Rendering Failure", "failure", {"templateName": "", "errorMessage": message}


def _feedback_id(accepted: Accepted, letter: str) -> str:
    return f"{accepted.message_id.removesuffix('000000')}{letter}{accepted.number:05d}-000000"


_EVENTS: Final[Mapping[Outcome, tuple[Callable[[Accepted, str], Block], ...]]] = {
    Outcome.DELIVERY: (_send, _delivery),
    Outcome.BOUNCE: (_send, _hard_bounce),
    Outcome.BOUNCE_TRANSIENT: (_send, _soft_bounce),
    Outcome.SUPPRESSED: (_send, _suppressed_bounce),
    Outcome.COMPLAINT: (_send, _delivery, _complaint),
    Outcome.DELIVERY_DELAY: (_send, _delay, _delivery),
    Outcome.REJECT: (_send, _reject),
    Outcome.RENDERING_FAILURE: (_rendering_failure,),
    Outcome.SEND_ONLY: (_send,),
    Outcome.SILENCE: (),
}


def blocks(outcome: Outcome, accepted: Accepted) -> list[Block]:
    """Return (eventType, block name, block) for every event of an outcome, in their natural order."""
    at = stamp(accepted.at + _DELIVERY_SECONDS)
    return [event(accepted, at) for event in _EVENTS[outcome]]

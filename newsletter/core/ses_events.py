"""What Amazon SES writes about accepted mail, whatever is wrapped around it, read as an event (`core.feedback`).

Sources: SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS" and "... to Amazon
EventBridge"; SNS developer guide, "Parsing message formats" and "raw message delivery". An unsubscribe wish that a door
without a database took (`{"kind": "unsubscribe", "subscriber": uid, "mailing": uid, "at": time}`) comes the same way.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeAlias

from newsletter.core.delivery import DELIVERY_HEADER
from newsletter.core.feedback import BLOCK_TAG, LEAVES, LINK_TAG, LONGEST, Event, Kind

_Data: TypeAlias = Mapping[str, object]
_DELIVERY_TAG: Final = "delivery"
_GREETING: Final = "Successfully validated SNS topic"  # what SES publishes when a topic is connected
_OF_CONNECTING: Final = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
# What reading a hostile document can raise; OverflowError for times outside of the calendar.
_UNREADABLE: Final = (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError, OverflowError)


class NoEvent(ValueError):
    """Somebody put something into the queue that is no event."""


_KINDS: Final[Mapping[str, tuple[Kind, str]]] = {  # by eventType: the kind, and where its details stand
    "Send": (Kind.SEND, "send"),
    "Delivery": (Kind.DELIVERY, "delivery"),
    "DeliveryDelay": (Kind.DELAY, "deliveryDelay"),
    "Bounce": (Kind.BOUNCE, "bounce"),
    "Complaint": (Kind.COMPLAINT, "complaint"),
    "Reject": (Kind.REJECT, "reject"),
    "Rendering Failure": (Kind.RENDERING_FAILURE, "failure"),
    "RenderingFailure": (Kind.RENDERING_FAILURE, "failure"),
    "Open": (Kind.OPEN, "open"),
    "Click": (Kind.CLICK, "click"),
    "Subscription": (Kind.SUBSCRIPTION, "subscription"),
}


def read_event(text: str | bytes) -> Event | None:
    """Return the event in a message: bare, or as SNS, SQS and EventBridge wrap it.

    None for what SNS says of itself, for instance when a topic is connected.

    Raises:
        NoEvent: it is nothing of the kind; the words say why.
    """
    try:
        said = text if isinstance(text, str) else text.decode()
        data = None if said.startswith(_GREETING) else _inside(json.loads(said))
        return None if data is None else _event(data)
    except NoEvent:
        raise
    except _UNREADABLE as err:
        raise NoEvent("is no event of SES") from err


def _inside(data: object) -> _Data | None:
    """Return the event inside of what is wrapped around it; None for a notice of SNS."""
    if not isinstance(data, dict):
        raise NoEvent("is no event of SES")
    while not data.keys() & {"mail", "eventType", "notificationType"}:
        inner = next((data[key] for key in ("Body", "Message", "detail") if key in data), None)
        if isinstance(inner, str):
            if inner.startswith(_GREETING) or data.get("Type") in _OF_CONNECTING:
                return None
            inner = json.loads(inner)
        if not isinstance(inner, dict):
            break
        data = inner
    return data


def _event(data: _Data) -> Event:
    if "mail" not in data and data.get("kind") == "unsubscribe":
        return _wish(data)
    mail = data["mail"]
    if not isinstance(mail, Mapping):
        raise NoEvent("is an event without its mail")
    name = _text(data.get("eventType") or data.get("notificationType"))
    kind, place = _KINDS.get(name, (Kind.OTHER, ""))
    block = data.get(place)
    about = block if isinstance(block, Mapping) else {}
    delivery = _delivery(mail)
    sent_at = _moment(mail.get("timestamp"))
    at = _moment(about.get("timestamp")) or sent_at
    told = _told(kind, about, at)
    message_id = _text(mail["messageId"] if delivery else mail.get("messageId"))
    return Event(kind=kind, delivery=delivery, message_id=message_id, at=at, sent_at=sent_at, **told)


def _wish(data: _Data) -> Event:
    subscriber, mailing = data["subscriber"], data.get("mailing", "")
    if not (isinstance(subscriber, str) and isinstance(mailing, str) and subscriber):
        raise NoEvent("is a wish to leave of nobody")
    return Event(kind=Kind.UNSUBSCRIBE, at=_moment(data.get("at")), subscriber=subscriber, mailing=mailing)


def _delivery(mail: _Data) -> str:
    """Return what we called the delivery: by the message's tag, or where there are no tags by its header."""
    tags = mail.get("tags")
    named = tags.get(_DELIVERY_TAG) if isinstance(tags, Mapping) else None
    if isinstance(named, list) and named:
        return _text(named[0])
    headers = mail.get("headers")
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, Mapping) and _text(header.get("name")).lower() == DELIVERY_HEADER.lower():
            return _text(header.get("value")).strip()
    return ""


def _told(kind: Kind, about: _Data, at: datetime | None) -> Mapping[str, str]:
    """Return what the details of an event say, as fields of `Event`."""
    read = _DETAILS.get(kind)
    return read(about, at.isoformat() if at else "") if read else {}


def _bounce(about: _Data, moment: str) -> Mapping[str, str]:
    kinds = {"type": _text(about.get("bounceType")), "subtype": _text(about.get("bounceSubType"))}
    return {**kinds, "detail": _status(about.get("bouncedRecipients")), "key": _id(about, moment)}


def _complaint(about: _Data, moment: str) -> Mapping[str, str]:
    kinds = {"type": _text(about.get("complaintFeedbackType")), "subtype": _text(about.get("complaintSubType"))}
    return {**kinds, "key": _id(about, moment)}


def _delay(about: _Data, moment: str) -> Mapping[str, str]:
    return {"type": _text(about.get("delayType")), "detail": _status(about.get("delayedRecipients")), "key": moment}


def _click(about: _Data, moment: str) -> Mapping[str, str]:
    link, block, position = _text(about.get("link")), _tag(about, BLOCK_TAG), _tag(about, LINK_TAG)
    stands = {"type": block, "subtype": position} if block and position else {}
    named = " ".join([link, *stands.values()])
    digest = hashlib.sha256(named.encode(errors="replace")).hexdigest()[:16]
    return {"user_agent": _text(about.get("userAgent")), "detail": link, "key": f"{moment} {digest}", **stands}


def _tag(about: _Data, key: str) -> str:
    """Return a tag of the link that was clicked, if it is one of ours: with a number."""
    tags = about.get("linkTags")
    values = tags.get(key) if isinstance(tags, Mapping) else None
    value = _text(values[0]) if isinstance(values, list) and values else ""
    return f"{key} {value}" if re.fullmatch(r"[1-9][0-9]{0,3}", value) else ""


_DETAILS: Final[Mapping[Kind, Callable[[_Data, str], Mapping[str, str]]]] = {
    Kind.BOUNCE: _bounce,
    Kind.COMPLAINT: _complaint,
    Kind.DELAY: _delay,
    Kind.REJECT: lambda about, _: {"detail": _text(about.get("reason"))},
    Kind.OPEN: lambda about, moment: {"user_agent": _text(about.get("userAgent")), "key": moment},
    Kind.CLICK: _click,
    Kind.SUBSCRIPTION: lambda about, moment: {"type": LEAVES if _leaves(about) else "", "key": moment},
}


def _id(about: _Data, moment: str) -> str:
    return _text(about.get("feedbackId")) or moment


def _status(recipients: object) -> str:
    """Return the status code of the first recipient: we send to one at a time. What servers say can hold addresses."""
    first = recipients[0] if isinstance(recipients, list) and recipients else None
    status = _text(first.get("status")) if isinstance(first, Mapping) else ""
    return status if re.fullmatch(r"\d\.\d{1,3}\.\d{1,3}", status) else ""


def _leaves(about: _Data) -> bool:
    """Tell whether somebody left through SES's own unsubscribing: all of it, or the one topic that we use."""
    wanted = about.get("newTopicPreferences")
    if not isinstance(wanted, Mapping):
        return False
    topics = wanted.get("topicSubscriptionStatus")
    statuses = [each.get("subscriptionStatus") for each in topics or () if isinstance(each, Mapping)]
    return wanted.get("unsubscribeAll") is True or bool(statuses and set(statuses) == {"OptOut"})


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not value:
        return None
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(value: object) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""

"""A made-up list that got two issues through SES, and everything that came back of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from newsletter.core.account import Named
from newsletter.core.acts import Unsubscribe
from newsletter.core.audience import Audience
from newsletter.core.delivery import Accepted, Mailing, NewMailing, Refused, Settlement, State
from newsletter.core.feedback import Event, Kind
from newsletter.core.orders import AT_ONCE, Orders
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Consent, Subscriber
from newsletter.edges.store import Store

FIRST: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECOND: Final = FIRST + timedelta(days=28)
TRACK: Final = (Kind.OPEN, Kind.CLICK)
READER: Final = "Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0"
FIND: Final = "https://finds.example.com/2026/massachusetts-v2x-participants"
HARD: Final[dict[str, Any]] = {"kind": Kind.BOUNCE, "type": "Permanent", "subtype": "NoEmail"}
FULL: Final[dict[str, Any]] = {"kind": Kind.BOUNCE, "type": "Transient", "subtype": "MailboxFull"}


def readers(count: int = 40) -> list[Subscriber]:
    """Return readers, three of four at one provider, and the last alone at a domain of their own."""
    domains = ["mail.example", "mail.example", "mail.example", "post.example"]
    found = [f"reader{number}@{domains[number % 4]}" for number in range(count - 1)] + ["ada@lovelace.example"]
    day = timedelta(days=20)
    return [
        Subscriber(address=each, consent=Consent(source="form", at=FIRST - day * (1 + number % 5)))
        for number, each in enumerate(found)
    ]


def mailed(
    store: Store,
    issue: str,
    at: datetime,
    *,
    digest: str = "abc",
    transport: str = "ses",
    orders: Orders = AT_ONCE,
) -> Mailing:
    """Send an issue to the whole list, all accepted but the second, who is refused."""
    new = NewMailing(issue, digest, f"Subject of {issue}", transport, orders)
    mailing = store.mailings.freeze(new, Audience(), at)
    sender = store.senders.join(mailing, at, alone=False)
    claims = store.ledger.claim(sender, 1_000, at, rate=None).claims
    outcomes = [Refused("bad") if number == 1 else Accepted(f"m{number}") for number, _ in enumerate(claims)]
    settled = [Settlement(claim.delivery_id, each) for claim, each in zip(claims, outcomes, strict=True)]
    store.ledger.settle(sender, settled, at)
    store.senders.leave(sender, at)
    store.mailings.finish(mailing, at + timedelta(minutes=5))
    return next(each for each in store.mailings.of(issue) if each.id == mailing.id)


def tell(store: Store, *events: Event) -> None:
    store.events.apply(events, SECOND, track=TRACK)


def accepted(store: Store, mailing: Mailing) -> Sequence[Named]:
    """Return the accepted deliveries of a mailing, in order."""
    return list(store.ledger.named(mailing, State.ACCEPTED))


def event(delivery: str, at: datetime, minutes: float = 10, **fields: Any) -> Event:
    moment = at + timedelta(minutes=minutes)
    values = {"kind": Kind.DELIVERY, "user_agent": READER, "key": f"{moment} {fields.get('detail', '')}", **fields}
    return Event(delivery=delivery, message_id="m", at=moment, sent_at=at, **values)


def clicks(delivery: str, at: datetime, *links: str, minutes: float = 30) -> list[Event]:
    return [
        event(delivery, at, minutes + 5 * number, kind=Kind.CLICK, detail=link) for number, link in enumerate(links)
    ]


def made_up(store: Store, digest: str = "abc") -> Mailing:
    """Fill a store; return the second mailing, of vol-2-issue-3."""
    store.subscribers.put(readers(), FIRST - timedelta(days=120))
    first = mailed(store, "vol-1-issue-6", FIRST)
    for number, each in enumerate(told.delivery_id for told in accepted(store, first)):
        tell(store, event(each, FIRST))
        if number % 2:
            tell(store, event(each, FIRST, kind=Kind.OPEN))
    second = mailed(store, "vol-2-issue-3", SECOND, digest=digest)
    people = accepted(store, second)
    names = [each.delivery_id for each in people]
    for number, each in enumerate(names[:-1]):
        tell(store, event(each, SECOND, **(HARD if number < 2 else FULL if number == 3 else {})))
    tell(store, event(names[4], SECOND, 60, kind=Kind.COMPLAINT, type="abuse"))
    for each in names[5:20]:
        tell(store, event(each, SECOND, kind=Kind.OPEN), event(each, SECOND, 50, kind=Kind.OPEN))
    tell(store, event(names[20], SECOND, kind=Kind.OPEN, user_agent="Mozilla/5.0"))
    tell(store, *clicks(names[6], SECOND, FIND, "https://www.example.org/interview-russell-vare", FIND))
    tell(store, *clicks(names[7], SECOND, FIND, "https://elsewhere.example/?who=reader7@mail.example"))
    scan = [
        event(names[8], SECOND, 20, kind=Kind.CLICK, detail=each)
        for each in (FIND, "https://a.example/", "https://b.example/")
    ]
    tell(store, *scan)
    # One left by the link, another on the public pages the day after, a third long after.
    tell(store, Event(kind=Kind.UNSUBSCRIBE, delivery=names[9], at=SECOND + timedelta(days=60)))
    for leaver, days in ((people[10], 1), (people[11], 30)):
        store.readers.change(
            Whom(leaver.address), Unsubscribe("through the public pages"), SECOND + timedelta(days=days)
        )
    return second

"""People, mailings and times that several tests use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from newsletter.core.acts import Remove
from newsletter.core.audience import Audience, tagged
from newsletter.core.delivery import Accepted, Claim, Mailing, NewMailing, Outcome, Sender, Settlement
from newsletter.core.feedback import Event, Kind
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.edges.store import Store

AT = datetime(2024, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
EVERYBODY = Audience()
TAKEN = Accepted("1")


def of_tags(*tags: str) -> Audience:
    """Whoever has one of these tags; without tags, everybody."""
    return Audience(tagged(*tags)) if tags else EVERYBODY


def person(name: str, *tags: str, standing: Standing = Standing.ACTIVE) -> Subscriber:
    return Subscriber(address=f"{name}@example.org", tags=frozenset(tags), standing=standing)


def crowd(size: int) -> list[Subscriber]:
    return [person(f"reader{number}") for number in range(size)]


def build(issue: str = "may") -> NewMailing:
    return NewMailing(issue=issue, digest="abc", subject="Hello", transport="outbox")


def frozen(store: Store, *people: Subscriber, issue: str = "may", audience: Audience = EVERYBODY) -> Mailing:
    """Put these people on the list and freeze a mailing."""
    store.subscribers.put(people, AT)
    return store.mailings.freeze(build(issue), audience, AT)


def joined(store: Store, *people: Subscriber, issue: str = "may", at: datetime = AT) -> Sender:
    """Freeze a mailing to these people and begin to send it."""
    return store.senders.join(frozen(store, *people, issue=issue), at, alone=False)


def claims(store: Store, sender: Sender, limit: int = 10, at: datetime = AT) -> Sequence[Claim]:
    """Claim as fast as it goes."""
    return store.ledger.claim(sender, limit, at, rate=None).claims


def settle(store: Store, sender: Sender, claimed: Sequence[Claim], outcome: Outcome = TAKEN, at: datetime = AT) -> None:
    """Give all of these claims one outcome."""
    store.ledger.settle(sender, [Settlement(claim.delivery_id, outcome) for claim in claimed], at)


def proven(store: Store, accepted: Mapping[str, str], at: datetime = LATER) -> int:
    """Tell of deliveries that SES took them under these message ids; return how many are settled by it."""
    told = [
        Event(kind=Kind.SEND, delivery=delivery, message_id=message_id, at=at)
        for delivery, message_id in accepted.items()
    ]
    return store.events.apply(told, at, track=()).settled


def finished(store: Store, mailing: Mailing, at: datetime = AT) -> Mailing:
    """Send a mailing to its end."""
    sender = store.senders.join(mailing, at, alone=False)
    while claimed := claims(store, sender, 1_000, at):
        settle(store, sender, claimed, at=at)
    store.senders.leave(sender, at)
    store.mailings.finish(mailing, at)
    return mailing


def remove(store: Store, name: str, at: datetime = LATER) -> None:
    """Take somebody off the list."""
    assert store.readers.change(Whom(f"{name}@example.org"), Remove(), at)


def addresses(store: Store, *tags: str) -> list[str]:
    return [subscriber.address.split("@")[0] for subscriber in store.subscribers.stream(of_tags(*tags))]

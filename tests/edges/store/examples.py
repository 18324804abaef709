"""People, mailings and times that several tests use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from newsletter.core.audience import Audience
from newsletter.core.delivery import Mailing, NewMailing
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.edges.store import Store

AT = datetime(2024, 5, 1, 12, 30, 15, 123456, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
EVERYBODY = Audience()


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


def addresses(store: Store, *tags: str) -> list[str]:
    return [subscriber.address.split("@")[0] for subscriber in store.subscribers.stream(Audience(tags))]

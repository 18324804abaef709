"""The ports of the doctor: who is asked for facts. None of them raises for what the other side says or does not say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from newsletter.core.diagnosis.facts import (
    Account,
    Caller,
    ConfigurationSet,
    Identity,
    Queue,
    Reply,
    StoreState,
    Subscription,
    Unseen,
)
from newsletter.core.diagnosis.names import Lookup, Question


class Names(Protocol):
    """The DNS."""

    def look_up(self, question: Question) -> Lookup:
        """Ask for the records of a name."""
        ...


class Desk(Protocol):
    """What SES says of the account. Every question is harmless: nothing changes, and no mail leaves."""

    def caller(self) -> Caller | Unseen:
        """Return with which credentials it is asked, and whose they are."""
        ...

    def account(self) -> Account | Unseen:
        """Return limits and standing of the account."""
        ...

    def identity(self, name: str) -> Identity | Unseen:
        """Return what SES knows of a domain or address."""
        ...

    def configuration_set(self, name: str) -> ConfigurationSet | Unseen:
        """Return a configuration set with its event destinations."""
        ...

    def try_sending(self, sender: str) -> Mapping[str, Unseen | None]:
        """Send to nobody, by each call that sends; return by IAM action what stands in the way, or None."""
        ...


class EventPath(Protocol):
    """The way of events behind the configuration set."""

    def subscriptions(self, topic: str) -> Collection[Subscription] | Unseen:
        """Return whom a topic tells."""
        ...

    def queue(self) -> Queue | Unseen:
        """Return what the queue of the publication says of itself."""
        ...


class Visitor(Protocol):
    """The web, as a reader's mail program visits it; it follows no redirection."""

    def visit(self, method: str, url: str) -> Reply | Unseen:
        """Send one request; a POST says what RFC 8058 has mail programs say."""
        ...


class StoreLook(Protocol):
    """A store that is looked at, and not changed."""

    def look(self) -> StoreState | Unseen:
        """Return how it lies there."""
        ...

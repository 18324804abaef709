"""The ports: what flows ask of the outside world, in at most about six methods each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from newsletter.core.assets import Asset
from newsletter.core.audience import Audience
from newsletter.core.delivery import (
    Account,
    Claim,
    Forecast,
    Mailing,
    Named,
    NewMailing,
    Outcome,
    Settlement,
    State,
)
from newsletter.core.subscriber import Subscriber


class Clock(Protocol):
    """The time, and waiting."""

    def now(self) -> datetime:
        """Return the time of day, UTC and aware."""
        ...

    def monotonic(self) -> float:
        """Return seconds since some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class Change(StrEnum):
    """What putting a subscriber did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    KEPT_OUT = "kept out"  # they left, bounced, complained or were removed, and the import does not take them back


class Subscribers(Protocol):
    """The list."""

    def put(self, subscribers: Iterable[Subscriber], at: datetime) -> Mapping[Change, int]:
        """Add or merge all of them (`core.subscriber.merged`) in one transaction; count what was done."""
        ...

    def get(self, address: str) -> Subscriber | None:
        """Return the subscriber of this address, whatever its case."""
        ...

    def stream(self, audience: Audience) -> Iterator[Subscriber]:
        """Yield an audience in the order they joined, in flat memory; not those removed."""
        ...

    def remove(self, address: str, at: datetime) -> bool:
        """Take somebody off the list for good; tell whether they were on it."""
        ...

    def count(self) -> int:
        """Return how many are on the list, not counting those removed."""
        ...


class Mailings(Protocol):
    """Mailings: what was begun, when, of which build."""

    def forecast(self, issue: str, audience: Audience, transport: str) -> Forecast:
        """Return what freezing this audience now, for this transport, would do."""
        ...

    def freeze(self, mailing: NewMailing, audience: Audience, at: datetime) -> Mailing:
        """Begin a mailing: write it and one delivery per subscriber of the audience, in one transaction.

        Somebody who has a delivery of this issue through this transport already gets no second one; what went to the
        outbox was a rehearsal, and does not keep anybody from being mailed. Somebody whose standing forbids mail
        is written as suppressed, with the standing as the reason.

        Raises:
            MailingBusy: a mailing of this issue was begun and is not finished; continue that one.
        """
        ...

    def unfinished(self, issue: str, transport: str) -> Mailing | None:
        """Return the mailing of this issue through this transport that has not been finished, if there is one."""
        ...

    def finish(self, mailing: Mailing, at: datetime) -> None:
        """Write that nothing is left to send."""
        ...

    def of(self, issue: str | None = None) -> Sequence[Mailing]:
        """Return the mailings of an issue, or all, oldest first."""
        ...


class Ledger(Protocol):
    """The account of every recipient of a mailing."""

    def sole_sender(self, mailing: Mailing) -> AbstractContextManager[None]:
        """Hold the mailing for this process; the hold ends with the process, however it dies.

        Raises:
            MailingBusy: another process holds it.
        """
        ...

    def doubt_orphans(self, mailing: Mailing, at: datetime) -> int:
        """Put into doubt what a dead sender had claimed; only its holder (`sole_sender`) may call this."""
        ...

    def claim(self, mailing: Mailing, limit: int, at: datetime) -> Sequence[Claim]:
        """Claim up to `limit` pending deliveries and commit that, oldest first.

        Those whose subscriber may no longer be mailed become suppressed instead and are not returned. An empty
        answer means that nothing is pending.
        """
        ...

    def settle(self, settlements: Sequence[Settlement], at: datetime) -> None:
        """Write what became of claimed deliveries, in one transaction.

        A delivery that is no longer claimed is left as it is.
        """
        ...

    def account(self, mailing: Mailing) -> Account:
        """Count the deliveries by state."""
        ...

    def named(self, mailing: Mailing, state: State) -> Iterator[Named]:
        """Yield the deliveries in a state with address and reason."""
        ...


class TestSends(Protocol):
    """Which builds were test-sent."""

    def remember(self, issue: str, digest: str, recipients: int, at: datetime) -> None:
        """Write that a build was test-sent to so many."""
        ...

    def last(self, digest: str) -> datetime | None:
        """Return when this build was last test-sent, UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message ready to go: who it is for, its own id, and the bytes."""

    delivery_id: str
    mailing_uid: str
    address: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the transport's account permits: recipients per second, and recipients left in the rolling 24 hours.

    `None` means without limit. `notice` is what the editor must know (a sandbox, for instance).
    """

    per_second: float | None = None
    left_today: int | None = None
    notice: str = ""


class Transport(Protocol):
    """The way out."""

    @property
    def name(self) -> str:
        """Return the word for it in publication.yaml."""
        ...

    @property
    def lanes(self) -> int:
        """Return how many messages may be under way at once."""
        ...

    def allowance(self) -> Allowance:
        """Ask the account what it permits.

        Raises:
            TransportError: the account could not be asked.
            MailingStopped: the account may not send at all.
        """
        ...

    def send(self, parcel: Parcel) -> Outcome:
        """Hand over one message; never raises for what the other side did, that is an Outcome."""
        ...


class AssetPlace(Protocol):
    """Where readers load pictures from."""

    def missing(self, names: Sequence[str]) -> Sequence[str]:
        """Return which of these pictures are not there.

        Raises:
            NewsletterError: the place cannot be asked.
        """
        ...


class AssetStore(AssetPlace, Protocol):
    """Such a place that takes pictures; as text it says what it is."""

    def put(self, asset: Asset) -> None:
        """Put a picture there under its name, for good.

        Raises:
            NewsletterError: the place does not take it.
        """
        ...

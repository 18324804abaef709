"""The ports of sending: the time, mailings, who sends them, and the account of every recipient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from newsletter.core.account import Account, Course, Forecast, Named
from newsletter.core.audience import Audience
from newsletter.core.delivery import Batch, Mailing, NewMailing, Renewal, Sender, Settlement, State
from newsletter.core.orders import Orders, Wish


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


class Mailings(Protocol):
    """Mailings: what was begun, when, of which build."""

    def forecast(self, issue: str, audience: Audience, transport: str, at: datetime) -> Forecast:
        """Return what freezing this audience would do, for this transport, of a mailing that goes out at this time."""
        ...

    def freeze(self, mailing: NewMailing, audience: Audience, at: datetime) -> Mailing:
        """Begin a mailing: write it and one delivery per subscriber of the audience, in one transaction.

        Somebody who has a delivery of this issue through this transport already gets no second one; what went to the
        outbox was a rehearsal, and does not keep anybody from being mailed. Somebody whose standing forbids mail
        is written as suppressed, with the standing as the reason; so is somebody whose pause lasts until after it goes
        out.

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

    def order(self, mailing: Mailing, wish: Wish, orders: Orders, at: datetime) -> None:
        """Tell every sender what the editor wants; cancelling suppresses at once whatever is pending."""
        ...

    def of(self, issue: str | None = None) -> Sequence[Mailing]:
        """Return the mailings of an issue, or all, oldest first."""
        ...


class Senders(Protocol):
    """The processes that send a mailing, on one machine or many."""

    def join(self, mailing: Mailing, at: datetime, *, alone: bool) -> Sender:
        """Begin to send a mailing.

        Raises:
            MailingBusy: `alone`, and another process is sending it, or may be until its lease is over.
        """
        ...

    def renew(self, sender: Sender, at: datetime) -> Renewal:
        """Renew the lease, and put into doubt what senders had claimed whose lease is over."""
        ...

    def leave(self, sender: Sender, at: datetime) -> int:
        """End sending; what is still claimed is in doubt. Return how many that are."""
        ...

    def leads(self, sender: Sender, at: datetime) -> bool:
        """Tell whether nobody who joined earlier is still sending."""
        ...


class Ledger(Protocol):
    """The account of every recipient of a mailing."""

    def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None, details: bool = True) -> Batch:
        """Claim up to `limit` pending deliveries and commit that, oldest first.

        With a `rate` (recipients per second) each takes a place in the schedule that all mailings of a transport
        share, whoever sends them. Those whose subscriber may no longer be mailed become suppressed instead and are
        not returned. An empty answer means that nothing is pending. Without `details` nobody has tags and fields,
        which take a while to read.
        """
        ...

    def settle(self, sender: Sender, settlements: Sequence[Settlement], at: datetime) -> None:
        """Write what became of deliveries that this sender claimed, in one transaction.

        One that was put into doubt meanwhile is settled too: what is known ends the doubt. One that is no longer this
        sender's is left as it is.
        """
        ...

    def account(self, mailing: Mailing) -> Account:
        """Count the deliveries by state."""
        ...

    def named(self, mailing: Mailing, state: State) -> Iterator[Named]:
        """Yield the deliveries in a state with address and reason."""
        ...

    def course(self, mailing: Mailing) -> Course:
        """Return how the sending went, from the first answer to the last.

        The time in which nobody was sending is left out: a pause, a wait for a canary, a night, a quota that was spent.
        """
        ...

    def sent_since(self, mailing: Mailing, moment: datetime) -> int:
        """Count the deliveries that were accepted, or may have been, since a moment."""
        ...

    def decide(self, mailing: Mailing, delivery_ids: Sequence[str] | None, state: State, at: datetime) -> int:
        """Settle deliveries in doubt, or all of them, as the editor decides: accepted, or pending to be sent again.

        Raises:
            MailingBusy: the mailing would be open again, and another one of its issue is.
        """
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
class Contents:
    """What a store holds: rows by table, and a digest of where every delivery stands."""

    rows: Mapping[str, int]
    ledger: str


class Copying(Protocol):
    """Two stores, the second of which is to hold what the first does."""

    def copy(self, at: datetime) -> Contents:
        """Copy everything in one transaction, and compare; return what both hold then.

        Raises:
            NotFound: there is no first store.
            BadInput: the second store is not empty.
            MailingBusy: somebody is sending from the first store.
        """
        ...

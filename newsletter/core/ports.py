"""The ports: what flows ask of the outside world, in at most about six methods each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from newsletter.core.acts import Act, Amend, Block
from newsletter.core.audience import Audience, Size
from newsletter.core.delivery import (
    Account,
    Batch,
    Course,
    Forecast,
    Mailed,
    Mailing,
    Named,
    NewMailing,
    Renewal,
    Return,
    Sender,
    Settlement,
    State,
)
from newsletter.core.feedback import Event, Kind
from newsletter.core.growth import Figures
from newsletter.core.machines import Attention
from newsletter.core.orders import Orders, Wish
from newsletter.core.report import Bounced, Clicked, Provider, Totals
from newsletter.core.reputation import Tally
from newsletter.core.standing import Entry, Step
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.core.suppression import Sighting


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


@dataclass(frozen=True, slots=True)
class Effect:
    """What an import did to somebody, and the standing that they have since."""

    change: Change
    standing: Standing


@dataclass(frozen=True, slots=True)
class Intake:
    """What an import did: people by effect, rows that only added to somebody who came before, and who is on the list.

    Everybody is counted once, however many rows they have: people and duplicates together are the rows.
    """

    people: Mapping[Effect, int]
    duplicates: int
    on_the_list: int


class Door(Protocol):
    """Where a whole list comes in."""

    def take_in(
        self, subscribers: Iterable[Subscriber], at: datetime, came: Entry | None = None, *, rehearsal: bool = False
    ) -> Intake:
        """Add or merge all of them (`core.subscriber.merged`) in one transaction; a rehearsal is then undone.

        History keeps that they `came`, as `core.standing.arrival` has it.
        """
        ...


class Subscribers(Door, Protocol):
    """The list."""

    def put(self, subscribers: Iterable[Subscriber], at: datetime, came: Entry | None = None) -> Mapping[Change, int]:
        """Do the same; count what was done."""
        ...

    def get(self, address: str) -> Subscriber | None:
        """Return the subscriber of this address, whatever its case."""
        ...

    def stream(self, audience: Audience) -> Iterator[Subscriber]:
        """Yield an audience in the order they joined, in flat memory; not those removed."""
        ...

    def everybody(self) -> Iterator[Subscriber]:
        """Yield everybody whose address is known in the order they joined, also those removed, in flat memory."""
        ...

    def count(self) -> int:
        """Return how many are on the list, not counting those removed."""
        ...


@dataclass(frozen=True, slots=True)
class Whom:
    """A subscriber by their address, whatever its case, or by their public uid."""

    address: str = ""
    uid: str = ""


class Readers(Protocol):
    """The subscribers one by one, with their history."""

    def find(self, whom: Whom) -> Subscriber | None:
        """Return a subscriber."""
        ...

    def change(self, whom: Whom, act: Act, at: datetime) -> Step | None:
        """Do what `core.standing.after` says and write history, in one transaction that nobody else comes between.

        A stranger comes onto the list by a sign-up or a block of their address. By a sign-up of their own, so does
        somebody who was erased. None: there is nobody to change.

        Raises:
            BadInput: the act is not allowed, or the new address is another subscriber's or was erased.
        """
        ...

    def change_all(self, audience: Audience, act: Amend, at: datetime) -> int:
        """Change the tags of an audience, with a line of history each, in one transaction; count who changed."""
        ...

    def history(self, whom: Whom) -> Sequence[Entry]:
        """Return what happened to a subscriber, oldest first."""
        ...

    def mailed(self, whom: Whom) -> Sequence[Mailed]:
        """Return what became of each mailing for a subscriber, newest first."""
        ...

    def erase(self, whom: Whom, at: datetime) -> bool:
        """Make everything about somebody go, but for a salted hash of the address; tell whether they were there.

        The account of every mailing stays as it is. By the hash an import knows whom not to bring back.
        """
        ...


class Suppressions(Protocol):
    """Those on the list who are blocked."""

    def blocked(self) -> Iterator[Subscriber]:
        """Yield who bounced, complained or was disabled, in flat memory."""
        ...

    def look_up(self, addresses: Collection[str]) -> Mapping[str, Sighting]:
        """Return what is known of each of these addresses, by `core.subscriber.address_key`; not of strangers."""
        ...

    def block(self, blocks: Iterable[tuple[str, Block]], at: datetime) -> int:
        """Block addresses, also those of strangers, in one transaction; count for how many it was news."""
        ...


class Statistics(Protocol):
    """The list in figures."""

    def figures(self, at: datetime) -> Figures:
        """Return how the list stands at a moment, and how it came there; in flat memory."""
        ...


class Audiences(Protocol):
    """Who of the list belongs where."""

    def size(self, audience: Audience, at: datetime) -> Size:
        """Count who belongs to an audience, by standing, and who of them is paused at a moment."""
        ...


class Mailings(Protocol):
    """Mailings: what was begun, when, of which build."""

    def forecast(self, issue: str, audience: Audience, transport: str, at: datetime) -> Forecast:
        """Return what freezing this audience at this time, for this transport, would do."""
        ...

    def freeze(self, mailing: NewMailing, audience: Audience, at: datetime) -> Mailing:
        """Begin a mailing: write it and one delivery per subscriber of the audience, in one transaction.

        Somebody who has a delivery of this issue through this transport already gets no second one; what went to the
        outbox was a rehearsal, and does not keep anybody from being mailed. Somebody whose standing forbids mail
        is written as suppressed, with the standing as the reason; so is somebody who is paused.

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

    def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None) -> Batch:
        """Claim up to `limit` pending deliveries and commit that, oldest first.

        With a `rate` (recipients per second) each takes a place in the schedule that all mailings of a transport
        share, whoever sends them. Those whose subscriber may no longer be mailed become suppressed instead and are
        not returned. An empty answer means that nothing is pending.
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
        """Return how the sending went, from the first acceptance to the last.

        A minute without one is a break: a pause, a night, a quota that was spent.
        """
        ...

    def sent_since(self, mailing: Mailing, moment: datetime) -> int:
        """Count the deliveries that were accepted, or may have been, since a moment."""
        ...

    def prove(self, accepted: Mapping[str, str], at: datetime) -> int:
        """Write that deliveries were accepted under these message ids, as events of SES prove; count what was news."""
        ...

    def decide(self, mailing: Mailing, delivery_ids: Sequence[str] | None, state: State, at: datetime) -> int:
        """Settle deliveries in doubt, or all of them, as the editor decides: accepted, or pending to be sent again.

        Raises:
            MailingBusy: the mailing would be open again, and another one of its issue is.
        """
        ...


class Feedback(Protocol):
    """What has come back of mailings: bounces and complaints."""

    def tally(self, mailing: Mailing) -> Tally | None:
        """Return what has come back of a mailing so far, or None where nobody listens."""
        ...

    def listening(self) -> AbstractContextManager[None]:
        """Return a block in which what comes back is taken in as it comes."""
        ...


@dataclass(frozen=True, slots=True)
class Applied:
    """What some events changed.

    `news` is how many are written down for the first time, `repeated` how many were before; the others that are of our
    mail are not kept, for instance those of what the doors send. `unknown` is how many are of mail that is not ours.
    `settled` is how many deliveries are not in doubt any more. `suppressed` is how many people are not mailed any more,
    by their new standing.
    """

    news: int = 0
    repeated: int = 0
    unknown: int = 0
    settled: int = 0
    suppressed: Mapping[Standing, int] = field(default_factory=dict)


class Events(Protocol):
    """What came back of deliveries, event by event."""

    def apply(self, events: Sequence[Event], at: datetime, *, track: Collection[Kind]) -> Applied:
        """Write down what events tell, settle what they prove and suppress whom they must, in one transaction.

        The same event twice is one, and the order is no matter. Opens and clicks are kept only if they are in `track`.
        """
        ...

    def tally(self, mailing: Mailing) -> Tally:
        """Return the hard bounces and complaints of a mailing, as SES counts them."""
        ...

    def returns(self, mailing: Mailing) -> Mapping[Return, int]:
        """Count what became of the deliveries of a mailing after they were accepted, as far as events tell."""
        ...

    def attention(self, mailing: Mailing) -> Attention:
        """Count the readers who opened a mailing and clicked in it, programs apart (`core.machines`)."""
        ...


class Reports(Protocol):
    """What the editor is told of a mailing afterwards, in figures; nobody by name."""

    def bounces(self, mailing: Mailing) -> Sequence[Bounced]:
        """Count the deliveries that bounced, each once, by its weightiest bounce; not those that complained as well."""
        ...

    def providers(self, mailing: Mailing, *, fewest: int, limit: int) -> Sequence[Provider]:
        """Return the domains with the most accepted deliveries, those with fewer than `fewest` left out."""
        ...

    def left(self, mailing: Mailing, until: datetime) -> int:
        """Count who left by the mailing: as an event of it says, or else got it and left before that moment.

        Who left by an older mailing is that one's, whenever it was.
        """
        ...

    def opens(self, mailing: Mailing) -> Totals:
        """Count how often a mailing was opened, by people and by programs."""
        ...

    def clicked(self, mailing: Mailing) -> Iterator[Clicked]:
        """Yield the links that were clicked. A link can come again, also with less than nothing: a scanner's clicks.

        In flat memory; where a link is every reader's own there are as many as clicks.
        """
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """A message from the queue. `receipt` is what deletes it, `name` how the queue calls it."""

    name: str
    receipt: str
    body: str


class FeedbackInbox(Protocol):
    """The queue that SES's events wait in."""

    def receive(self, wait: float) -> Sequence[Received]:
        """Return some messages, waiting up to `wait` seconds for the first; none when there are none.

        They are hidden from others for some minutes, and come again if they are not deleted in that time.
        """
        ...

    def delete(self, received: Sequence[Received]) -> None:
        """Delete messages for good."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Shelf(Protocol):
    """Where messages are kept that nobody could read."""

    def set_aside(self, received: Received, why: str, at: datetime) -> None:
        """Keep a message, so that it may be deleted from the queue."""
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

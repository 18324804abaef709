"""The ports of feedback: what comes back of mailings, where it waits, and what is told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.core.delivery import Mailing, Return
    from newsletter.core.feedback import Event, Kind
    from newsletter.core.machines import Attention
    from newsletter.core.report import Bounced, Clicked, Provider, Totals
    from newsletter.core.reputation import Tally
    from newsletter.core.subscriber import Standing


class Feedback(Protocol):
    """What has come back of mailings: bounces and complaints."""

    @property
    def wanted(self) -> bool:
        """Tell whether somebody is to listen while a mailing goes out."""
        ...

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
        """Count who left by the mailing: as an event or history says, or else got it and left before that moment.

        Who left by the link in another mail left by that one, whenever it was.
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

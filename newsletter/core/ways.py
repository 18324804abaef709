"""The ports to the ways out: what carries messages, and where readers load pictures from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from newsletter.core.assets import Asset
from newsletter.core.delivery import Outcome
from newsletter.core.subscriber import Standing
from newsletter.errors import MailingStopped

if TYPE_CHECKING:
    from newsletter.core.bulk import Entry, Sheet  # what composes them is more than who only keeps the list needs
    from newsletter.core.suppression import Listed  # and what becomes of a block more than who only sends needs


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

    `None` means without limit. `per_day` is the whole quota of 24 hours. `notice` is what the editor must know (a
    sandbox, for instance). `barred` says why the account may not send at all, if so, and `hint` what to do about it;
    the figures are then those of when it may again.
    """

    per_second: float | None = None
    left_today: int | None = None
    per_day: int | None = None
    notice: str = ""
    barred: str = ""
    hint: str = ""

    def check(self) -> None:
        """Go on where something may be sent.

        Raises:
            MailingStopped: the account may not send at all.
        """
        if self.barred:
            raise MailingStopped(self.barred, hint=self.hint)


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
        """
        ...

    def send(self, parcel: Parcel) -> Outcome:
        """Hand over one message; never raises for what the other side did, that is an Outcome."""
        ...


@runtime_checkable
class BulkTransport(Transport, Protocol):
    """A way out that takes many recipients in one call."""

    def send_bulk(self, sheet: Sheet, mailing_uid: str, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Hand over one call's recipients; return an outcome for each, in their order."""
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


class SuppressionList(Protocol):
    """The list of addresses that the transport's account sends nothing to.

    Every method raises TransportError when the account cannot be asked.
    """

    def pages(self) -> Iterator[Sequence[Listed]]:
        """Yield what is on it, one call at a time."""
        ...

    def put(self, address: str, standing: Standing) -> str:
        """Put an address on it, for having bounced or complained; return why it is not taken, empty when it is."""
        ...

    def lift(self, address: str) -> None:
        """Take an address off it, if it is there."""
        ...

"""The ports of the list: who is on it, how they come, change, are blocked, and who of them belongs where."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from newsletter.core.account import Mailed
    from newsletter.core.acts import Act, Amend, Block
    from newsletter.core.audience import Audience, Size
    from newsletter.core.growth import Figures
    from newsletter.core.standing import Entry, Step
    from newsletter.core.subscriber import Standing, Subscriber
    from newsletter.core.suppression import Sighting


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

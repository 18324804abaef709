"""Figures of one mailing: what became of it, who answered how, and how it stands beside earlier ones; no addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from newsletter.core.account import Account
from newsletter.core.delivery import Mailing, Return
from newsletter.core.growth import Month
from newsletter.core.reputation import Tally
from newsletter.core.verdict import PERMANENT

# Who unsubscribes so soon after a mailing, and before the next issue goes out, is taken to have left by it. A choice:
# most who leave do so within a day or two of opening an issue.
LEFT_WITHIN: Final = timedelta(days=7)
# A domain is named only for so many readers: one with few may be a person's own.
FEWEST_OF_A_DOMAIN: Final = 5
MOST_DOMAINS: Final = 8
COMPARED: Final = 6  # mailings side by side, this one included


class Hearing(StrEnum):
    """Whether anybody can know what came back of a mailing."""

    LISTENED = "listened"
    OUTBOX = "outbox"
    NO_QUEUE = "no queue"


@dataclass(frozen=True, slots=True)
class Bounced:
    """How many deliveries bounced in one way; type and subtype are SES's words."""

    type: str
    subtype: str
    people: int

    @property
    def hard(self) -> bool:
        """Tell whether the addresses are not tried again."""
        return self.type == PERMANENT


@dataclass(frozen=True, slots=True)
class Provider:
    """What became of the deliveries to one domain."""

    domain: str
    accepted: int
    bounced: int
    complained: int


@dataclass(frozen=True, slots=True)
class Totals:
    """How often something was done, by people and by programs."""

    by_people: int
    by_machines: int


@dataclass(frozen=True, slots=True)
class Watched:
    """Opens or clicks: how many readers, and how often in all; programs apart (`core.machines`)."""

    people: int
    only_machines: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Clicked:
    """A link as it was clicked: by how many people, how often, and how often by programs.

    `block` and `link` say where it stands, from 1; they are 0 where the click did not say so.
    """

    url: str
    people: int
    clicks: int
    by_machines: int
    block: int = 0
    link: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A link of an issue: the block (from 1) and which of its links it is (from 1); merge fields are shown as ….

    `also` are other blocks with the same link, where nobody can tell in which of them it was clicked. Of a link that
    stands no longer there, the address ends after its host, and kind and title are empty.
    """

    block: int
    kind: str
    title: str
    position: int
    url: str
    also: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """The clicks on one link of the issue, or on all others that lead to one host (`place` is None)."""

    place: Place | None
    host: str
    people: int
    clicks: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a mailing, in people; opens and clicks are None where they are not tracked."""

    mailing: Mailing
    accepted: int
    returns: Mapping[Return, int]
    left: int
    opened: int | None
    clicked: int | None

    @property
    def delivered(self) -> int:
        """Return how many got it, those included who then complained."""
        return self.returns.get(Return.DELIVERED, 0) + self.complained

    @property
    def bounced(self) -> int:
        """Return how many bounced, hard or soft."""
        return self.returns.get(Return.BOUNCED, 0)

    @property
    def complained(self) -> int:
        """Return how many complained."""
        return self.returns.get(Return.COMPLAINED, 0)

    @property
    def silent(self) -> int:
        """Return of how many nothing was heard yet."""
        return max(0, self.accepted - self.delivered - self.bounced)

    @property
    def unanswered(self) -> bool:
        """Tell whether nothing was heard yet of anybody."""
        return self.silent == self.accepted > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that is told of a mailing. `earlier` are finished ones of before, the latest first.

    `source_changed`: the issue's file is not what was sent, or is gone, so that links may stand elsewhere by now.
    """

    outcome: Outcome
    account: Account
    hearing: Hearing
    tally: Tally
    bounces: Sequence[Bounced] = ()
    providers: Sequence[Provider] = ()
    opens: Watched | None = None
    clicks: Watched | None = None
    links: Sequence[LinkFigures] = ()
    source_changed: bool = False
    earlier: Sequence[Outcome] = ()
    months: Sequence[Month] = ()

    @property
    def mailing(self) -> Mailing:
        """Return the mailing."""
        return self.outcome.mailing

    @property
    def heard(self) -> bool:
        """Tell whether the figures of what came back mean anything."""
        return self.hearing is Hearing.LISTENED

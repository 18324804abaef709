"""Carry claims to the transport: how some recipients become one call, and its answer their outcomes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from newsletter.core.bulk import BulkComposer
from newsletter.core.delivery import Claim, Mailing, Outcome, Refused, Settlement
from newsletter.core.links import LinkMaker
from newsletter.core.message import Composer, Recipient, UnmailableAddress
from newsletter.core.ports.sending import Clock
from newsletter.core.publication import SendMode
from newsletter.core.ways import BulkTransport, Parcel, Transport
from newsletter.flows.build import Edition

# Recipients per second that SendEmail holds on one core with room to spare; beyond, bulk is worth its rules.
SINGLE_HOLDS = 250.0
MOST_BULK_LANES = 8  # at 0.2 s a call, 2,000 recipients per second; each more costs the others time
MOST_PER_CALL = 50  # SES API reference, SendBulkEmail

Load = Sequence[Claim]


class Hands(Protocol):
    """What carrying needs of the office."""

    @property
    def transport(self) -> Transport:
        """Return the way out."""
        ...

    @property
    def links(self) -> LinkMaker:
        """Return the maker of per-subscriber links."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock that dates messages."""
        ...


class Carrier(Protocol):
    """One way to hand claims over."""

    @property
    def most(self) -> int:
        """Return how many recipients one call can have."""
        ...

    @property
    def lanes(self) -> int:
        """Return how many calls may be under way at once."""
        ...

    @property
    def details(self) -> bool:
        """Tell whether a message depends on its reader's tags or fields."""
        ...

    def loads(self, claims: Sequence[Claim]) -> Sequence[Load]:
        """Return the claims as the calls that they will be, in their order as far as possible."""
        ...

    def carry(self, load: Load) -> Sequence[Settlement]:
        """Compose and hand over one load; return what became of each."""
        ...


@dataclass(frozen=True, slots=True)
class Singly:
    """One message, one call."""

    mailing: Mailing
    composer: Composer
    transport: Transport
    links: LinkMaker
    clock: Clock
    details: bool
    most: int = 1

    @property
    def lanes(self) -> int:
        """Return as many as the transport wants."""
        return self.transport.lanes

    def loads(self, claims: Sequence[Claim]) -> Sequence[Load]:
        """Return each claim alone."""
        return [(claim,) for claim in claims]

    def carry(self, load: Load) -> Sequence[Settlement]:
        """Compose and hand over the one message of a load."""
        return [Settlement(claim.delivery_id, self._outcome(claim)) for claim in load]

    def _outcome(self, claim: Claim) -> Outcome:
        try:
            message = self.composer.compose(recipient(claim, self.mailing, self.links), self.clock.now())
        except UnmailableAddress as err:
            return Refused(str(err))
        return self.transport.send(Parcel(claim.delivery_id, self.mailing.uid, claim.subscriber.address, message))


@dataclass(frozen=True, slots=True)
class InBulk:
    """Up to `most` messages of one variant, one call."""

    mailing: Mailing
    composer: BulkComposer
    transport: BulkTransport
    links: LinkMaker
    details: bool
    most: int

    @property
    def lanes(self) -> int:
        """Return a few: a lane of fifty recipients a call carries what fifty lanes of one do."""
        return min(MOST_BULK_LANES, self.transport.lanes)

    def loads(self, claims: Sequence[Claim]) -> Sequence[Load]:
        """Return the claims by variant, in calls as full as can be."""
        alike = defaultdict[int, list[Claim]](list)
        for claim in claims:
            alike[self.composer.key(claim.subscriber)].append(claim)
        return [group[at : at + self.most] for group in alike.values() for at in range(0, len(group), self.most)]

    def carry(self, load: Load) -> Sequence[Settlement]:
        """Compose and hand over a load in one call; who cannot be written to is refused without one."""
        settlements, entries = [], []
        for claim in load:
            try:
                entries.append(self.composer.entry(recipient(claim, self.mailing, self.links)))
            except ValueError as err:  # UnmailableAddress among them
                settlements.append(Settlement(claim.delivery_id, Refused(str(err))))
        if entries:
            sheet = self.composer.sheet(self.composer.key(load[0].subscriber))
            outcomes = self.transport.send_bulk(sheet, self.mailing.uid, entries)
            settlements += map(Settlement, [entry.delivery_id for entry in entries], outcomes)
        return settlements


def carrier(made: Edition, mailing: Mailing, office: Hands, per_second: float | None) -> Carrier:
    """Return the way that fits: in bulk where the publication says so, or where one by one would not hold the rate."""
    mode, transport = made.publication.ses.mode, office.transport
    rate, details = per_second or math.inf, made.build.details
    wanted = mode is SendMode.BULK or (mode is SendMode.AUTO and rate > SINGLE_HOLDS)
    if wanted and isinstance(transport, BulkTransport):
        # Of a second's recipients half, so that two calls that come nearer to each other than they began fit into
        # the second that SES counts.
        most = max(1, math.floor(min(MOST_PER_CALL, rate / 2)))
        return InBulk(mailing, BulkComposer(made.build, made.publication), transport, office.links, details, most)
    return Singly(mailing, Composer(made.build, made.publication), transport, office.links, office.clock, details)


def recipient(claim: Claim, mailing: Mailing, links: LinkMaker) -> Recipient:
    """Return whom a claim is for, with the links that only they get."""
    subscriber = claim.subscriber
    return Recipient(subscriber, claim.delivery_id, links.of(subscriber.uid, mailing.uid))

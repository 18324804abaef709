"""Carry claims to the transport: how some recipients become one call, and its answer their outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from newsletter.core.delivery import Claim, Mailing, Outcome, Refused, Settlement
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.message import Composer, Recipient, UnmailableAddress
from newsletter.core.ports import Clock, Parcel, Transport

Load = Sequence[Claim]


class Carrier(Protocol):
    """One way to hand claims over."""

    @property
    def most(self) -> int:
        """Return how many recipients one call can have."""
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
    most: int = 1

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


def recipient(claim: Claim, mailing: Mailing, links: LinkMaker) -> Recipient:
    """Return whom a claim is for, with the links that only they get."""
    bearer = Bearer(claim.subscriber.uid, mailing.uid)
    return Recipient(claim.subscriber, claim.delivery_id, lambda name: links.make(name, bearer))

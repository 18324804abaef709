"""The office: all the ports that sending needs, opened together and handed on from planning to delivering."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.core.library import Kept
from newsletter.core.links import LinkMaker
from newsletter.core.ports.feedback import Feedback
from newsletter.core.ports.sending import Clock, Ledger, Mailings, Senders, TestSends
from newsletter.core.ways import AssetPlace, Transport
from newsletter.flows.hold import Watch


@dataclass(frozen=True, slots=True)
class Office:
    """The ports that sending needs."""

    mailings: Mailings
    senders: Senders
    ledger: Ledger
    feedback: Feedback
    tests: TestSends
    transport: Transport
    clock: Clock
    links: LinkMaker
    pictures: AssetPlace | None = None
    kept: Kept | None = None

    @property
    def watch(self) -> Watch:
        """Return the ports that tell whether a mailing may go on."""
        return Watch(self.mailings, self.senders, self.ledger, self.feedback, self.transport, self.clock)

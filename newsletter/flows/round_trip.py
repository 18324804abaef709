"""The round trip: mail to the mailbox simulator, and the wait for the events that it makes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Mailing, Outcome, Return
from newsletter.core.diagnosis.facts import Cause, RoundTrip, Unseen
from newsletter.core.diagnosis.simulator import parcels
from newsletter.core.feedback import Event, Kind
from newsletter.core.ports import Applied, Events
from newsletter.core.publication import Publication
from newsletter.core.reputation import Tally
from newsletter.core.ways import Parcel, Transport
from newsletter.errors import NewsletterError
from newsletter.flows.feedback import Post, take_some
from newsletter.flows.test_send import said

PATIENCE = 180.0  # seconds; events of the simulator take some seconds
WAIT = 5.0  # seconds that the queue is asked to wait
REST = 1.0  # seconds between two looks, and between two messages: the sandbox's rate is one a second
TRIES = 3  # of a message that is throttled


def round_trip(
    publication: Publication, transport: Transport, post: Post, *, patience: float = PATIENCE
) -> RoundTrip | Unseen:
    """Send one message to each mailbox of the simulator, and take in feedback until all of them are answered.

    What else waits in the queue is taken in as `newsletter feedback` does, so that nothing is lost.
    """
    clock, began = post.clock, post.clock.monotonic()
    watched = _Watched(post.events)
    try:
        sent = [(kind, parcel, _send(transport, parcel, post)) for kind, parcel in parcels(publication, clock.now())]
        refused = [f"{each.address}: {said(outcome)}" for _, each, outcome in sent if not _may_arrive(outcome)]
        awaited = {(each.delivery_id, kind) for kind, each, outcome in sent if _may_arrive(outcome)}
        post = replace(post, events=watched)
        while not awaited <= watched.seen and clock.monotonic() - began < patience:
            if not take_some(post, wait=WAIT).messages:
                clock.sleep(REST)
    except NewsletterError as err:
        return Unseen(Cause.FAILED, err.message, err.hint)
    missing = tuple(sorted(str(kind) for _, kind in awaited - watched.seen))
    return RoundTrip(clock.monotonic() - began, missing, tuple(refused))


def _send(transport: Transport, parcel: Parcel, post: Post) -> Outcome:
    for _ in range(TRIES):
        outcome = transport.send(parcel)
        post.clock.sleep(REST)
        if not (isinstance(outcome, Deferred) and outcome.throttled):
            break
    return outcome


def _may_arrive(outcome: Outcome) -> bool:
    return isinstance(outcome, Accepted | InDoubt)


@dataclass
class _Watched:
    """Where events are written down, and which of which delivery came by. Implements `core.ports.Events`."""

    events: Events
    seen: set[tuple[str, Kind]] = field(default_factory=set)

    def apply(self, events: Sequence[Event], at: datetime, *, track: Collection[Kind]) -> Applied:
        """Pass them on."""
        self.seen |= {(event.delivery, event.kind) for event in events}
        return self.events.apply(events, at, track=track)

    def tally(self, mailing: Mailing) -> Tally:
        """Ask who knows."""
        return self.events.tally(mailing)

    def returns(self, mailing: Mailing) -> Mapping[Return, int]:
        """Ask who knows."""
        return self.events.returns(mailing)

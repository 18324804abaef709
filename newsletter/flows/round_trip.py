"""The round trip: mail to the mailbox simulator, and the wait for the events that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome
from newsletter.core.diagnosis.facts import Cause, RoundTrip, Unseen
from newsletter.core.diagnosis.simulator import parcels
from newsletter.core.feedback import Kind
from newsletter.core.ports.feedback import FeedbackInbox, Received
from newsletter.core.publication import Publication
from newsletter.core.ses_events import NoEvent, read_event
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
    watched = _Watched(post.inbox)
    try:
        sent = [(kind, parcel, _send(transport, parcel, post)) for kind, parcel in parcels(publication, clock.now())]
        refused = [f"{each.address}: {said(outcome)}" for _, each, outcome in sent if not _may_arrive(outcome)]
        awaited = {(each.delivery_id, kind) for kind, each, outcome in sent if _may_arrive(outcome)}
        post = replace(post, inbox=watched)
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
    """A queue, and which events of which delivery came out of it. Implements `core.ports.FeedbackInbox`."""

    inbox: FeedbackInbox
    seen: set[tuple[str, Kind]] = field(default_factory=set)

    def receive(self, wait: float) -> Sequence[Received]:
        """Take note of what comes."""
        received = self.inbox.receive(wait)
        for each in received:
            with suppress(NoEvent):
                event = read_event(each.body)
                self.seen |= {(event.delivery, event.kind)} if event else set()
        return received

    def delete(self, received: Sequence[Received]) -> None:
        """Pass it on."""
        self.inbox.delete(received)

    def close(self) -> None:
        """Pass it on."""
        self.inbox.close()

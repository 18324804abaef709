"""The round trip: what goes to the simulator, what must come back, and what is said when it does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from newsletter.core.diagnosis.facts import RoundTrip, Unseen
from newsletter.core.ways import Parcel
from newsletter.errors import EdgeError
from newsletter.flows.feedback import Post
from newsletter.flows.round_trip import round_trip
from tests.core.examples import parsed, publication
from tests.core.test_ses_events import recorded
from tests.fakes import PAUSED, THROTTLE, FakeTransport
from tests.flows.desk import Desk
from tests.flows.test_feedback import FakeInbox, FakeShelf

EVENTS = {"success": "delivery", "bounce": "bounce-permanent-general", "complaint": "complaint-abuse"}


@dataclass
class Simulator:
    """Answers each message that arrives with the event of its mailbox, into the queue."""

    inbox: FakeInbox
    silent: tuple[str, ...] = ()

    def __call__(self, parcel: Parcel) -> None:
        mailbox = parcel.address.partition("@")[0]
        if mailbox not in self.silent:
            self.inbox.put(of_delivery(recorded(EVENTS[mailbox]), parcel.delivery_id))


def of_delivery(event: Mapping[str, Any], delivery_id: str) -> Mapping[str, Any]:
    mail = dict(event["mail"])
    mail["tags"] = {**mail.get("tags", {}), "delivery": [delivery_id]}
    mail["headers"] = []
    return {**event, "mail": mail}


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def post(desk: Desk, inbox: FakeInbox) -> Post:
    return Post(inbox=inbox, events=desk.store.events, shelf=FakeShelf(), clock=desk.clock)


def went(post: Post, before: Callable[[Parcel], object], **script: Any) -> tuple[RoundTrip | Unseen, FakeTransport]:
    transport = FakeTransport(before=before, **script)
    return round_trip(publication(), transport, post), transport


def test_delivery_bounce_and_complaint_come_back(post: Post, inbox: FakeInbox) -> None:
    result, transport = went(post, Simulator(inbox))

    assert isinstance(result, RoundTrip)
    assert (result.missing, result.not_sent, inbox.waiting) == ((), (), [])
    assert [each.address for each in transport.parcels] == [
        f"{mailbox}@simulator.amazonses.com" for mailbox in ("success", "bounce", "complaint")
    ]
    message = parsed(transport.parcels[1].message)
    assert (message["From"], message["To"]) == (
        "The Letter <letter@example.com>",
        "bounce@simulator.amazonses.com",
    )


def test_an_event_that_does_not_come_is_named_in_the_end(post: Post, inbox: FakeInbox) -> None:
    result, _ = went(post, Simulator(inbox, silent=("complaint",)))

    assert isinstance(result, RoundTrip)
    assert (result.missing, result.seconds >= 180) == (("complaint",), True)


def test_events_of_an_earlier_trial_prove_nothing(post: Post, inbox: FakeInbox) -> None:
    inbox.put(*(of_delivery(recorded(name), f"doctor-20260101000000-{box}") for box, name in EVENTS.items()))
    result, _ = went(post, Simulator(inbox, silent=("success", "bounce", "complaint")))

    assert isinstance(result, RoundTrip)
    assert result.missing == ("bounce", "complaint", "delivery")


def test_what_else_waits_in_the_queue_is_taken_in_and_not_lost(post: Post, inbox: FakeInbox) -> None:
    inbox.put("no event", recorded("delivery"))
    went(post, Simulator(inbox))

    assert isinstance(post.shelf, FakeShelf)
    assert inbox.waiting == []
    assert len(post.shelf.kept) == 1


def test_a_throttle_is_tried_again(post: Post, inbox: FakeInbox) -> None:
    result, _ = went(post, Simulator(inbox), script=[None, THROTTLE, THROTTLE])

    assert isinstance(result, RoundTrip)
    assert (result.missing, result.not_sent) == ((), ())


def test_what_ses_does_not_take_is_not_waited_for(post: Post, inbox: FakeInbox) -> None:
    result, _ = went(post, lambda _: None, script=[PAUSED] * 3)

    assert isinstance(result, RoundTrip)
    assert (len(result.not_sent), result.missing, result.seconds < 10) == (3, (), True)
    assert "SendingPausedException" in result.not_sent[0]


def test_a_queue_that_cannot_be_read_says_why(post: Post, inbox: FakeInbox) -> None:
    inbox.fails = EdgeError("the queue cannot be read: AccessDenied", hint="allow sqs:ReceiveMessage")
    result, _ = went(post, lambda _: None)

    assert isinstance(result, Unseen)
    assert (result.why, result.hint) == ("the queue cannot be read: AccessDenied", "allow sqs:ReceiveMessage")

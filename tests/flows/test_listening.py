"""Feedback is taken in while a mailing goes out; whatever is wrong with the queue, the mailing goes on."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from newsletter.core.audience import Audience
from newsletter.core.delivery import State
from newsletter.core.orders import Canary, Orders
from newsletter.core.ports.feedback import Received
from newsletter.core.reputation import Tally
from newsletter.core.ways import Parcel
from newsletter.errors import EdgeError, NotConfigured
from newsletter.flows.feedback import Post
from newsletter.flows.listening import Listening
from newsletter.flows.outbox import due
from tests.fakes import FakeTransport
from tests.flows.desk import Desk, reader
from tests.flows.test_feedback import FakeInbox, FakeShelf, event

WITHIN = 10.0  # seconds of real time, on a machine that is busy


@dataclass
class LiveInbox(FakeInbox):
    """Tells when it has been emptied."""

    empty: threading.Event = field(default_factory=threading.Event)

    def receive(self, wait: float) -> Sequence[Received]:
        given = super().receive(wait)
        if not given:
            self.empty.set()
        return given


@dataclass
class Bench:
    desk: Desk
    inbox: LiveInbox = field(default_factory=LiveInbox)
    warnings: list[str] = field(default_factory=list)

    def listening(self, open_post: Callable[[], Post] | None = None) -> Listening:
        post = Post(self.inbox, self.desk.store.events, FakeShelf(), self.desk.clock)
        return Listening(
            self.desk.store.events, open_post or (lambda: post), self.warnings.append, try_again_after=0.01
        )

    def wait_until_empty(self) -> None:
        self.inbox.empty.clear()
        assert self.inbox.empty.wait(WITHIN)


@pytest.fixture
def bench(desk: Desk) -> Bench:
    desk.add(30)
    return Bench(desk)


@dataclass
class Bouncing(FakeTransport):
    """Accepts everything, and each of it bounces before the next is taken."""

    bench: Bench | None = None

    def send(self, parcel: Parcel) -> Any:
        assert self.bench
        self.bench.inbox.put(event("bounce-permanent-general", parcel.delivery_id))
        return super().send(parcel)


def test_a_canary_that_bounces_stops_the_mailing_that_it_belongs_to(bench: Bench) -> None:
    desk = replace(bench.desk, feedback=bench.listening())
    bench.inbox.at_once = 10
    transport = Bouncing(bench=bench)
    desk.clock.at(30, bench.wait_until_empty)

    sent = desk.send(transport, orders=Orders(canary=Canary(10, minutes=5)))

    assert re.match(r"\d+ of 10 bounced", sent.stopped), "as soon as it sees enough, be it all of them or not"
    assert transport.arrived.total() == 10
    taken_in = 10 - len(bench.inbox.waiting)
    suppressed = desk.store.mailings.forecast("june", Audience(), "outbox", desk.clock.now()).suppressed
    assert suppressed == {"bounced": taken_in}


def test_what_cannot_be_read_is_named(bench: Bench) -> None:
    bench.inbox.put("poison")
    with bench.listening().listening():
        bench.wait_until_empty()
    assert bench.warnings == ["set aside: n-1"]


def test_without_trouble_nothing_is_said_and_the_figures_are_those_of_the_store(bench: Bench) -> None:
    listening = bench.listening()
    sent = replace(bench.desk, feedback=listening).send(FakeTransport())
    assert sent.account.counts == {State.ACCEPTED: 30}
    assert bench.warnings == []
    assert listening.tally(sent.mailing) == Tally()


@pytest.mark.parametrize(
    "trouble", [EdgeError("no network"), NotConfigured("no credentials"), RuntimeError("a defect")]
)
def test_a_queue_that_fails_is_told_once_and_the_mailing_goes_on(bench: Bench, trouble: Exception) -> None:
    bench.inbox.fails = trouble
    listening = bench.listening()

    with listening.listening():
        threading.Event().wait(0.3)
        sent = bench.desk.send(FakeTransport())

    assert len(bench.warnings) == 1
    assert "bounces and complaints are not seen" in bench.warnings[0]
    assert sent.account.counts == {State.ACCEPTED: 30}
    assert listening.tally(sent.mailing) is None


def test_a_canary_whose_queue_fails_holds_as_without_feedback(bench: Bench) -> None:
    bench.inbox.fails = EdgeError("no network")
    desk = replace(bench.desk, feedback=bench.listening())
    desk.clock.at(30, lambda: threading.Event().wait(0.2))

    sent = desk.send(FakeTransport(), orders=Orders(canary=Canary(10, minutes=5)))

    assert sent.stopped == "the canary of 10 is out, and no feedback is read"
    assert sent.account[State.ACCEPTED] == 10


def test_a_canary_that_was_out_before_waits_again_for_its_feedback(bench: Bench) -> None:
    stopped = bench.desk.send(FakeTransport(), orders=Orders(canary=Canary(10, minutes=5)))
    desk = replace(bench.desk, feedback=bench.listening())
    before = desk.clock.monotonic()

    sent = desk.send(FakeTransport())

    assert "no feedback is read" in stopped.stopped
    assert sent.account.counts == {State.ACCEPTED: 30}
    assert desk.clock.monotonic() - before >= 5 * 60


@pytest.mark.parametrize("fails", [None, EdgeError("no network")])
def test_a_canary_that_is_out_is_due_by_itself_where_the_queue_can_be_read(
    bench: Bench, fails: EdgeError | None
) -> None:
    mailing = bench.desk.send(FakeTransport(), orders=Orders(canary=Canary(10, minutes=5))).mailing
    bench.inbox.fails = fails
    found = due(bench.desk.store.mailings, bench.desk.store.ledger, bench.listening(), "outbox", bench.desk.clock.now())
    assert [each.uid for each in found] == ([] if fails else [mailing.uid])
    assert len(bench.warnings) == (1 if fails else 0)


def test_a_queue_is_not_read_for_a_mailing_whose_canary_is_not_out(bench: Bench) -> None:
    bench.inbox.fails = EdgeError("no network")
    bench.desk.send(FakeTransport(), orders=Orders(canary=Canary(10, minutes=5)), stop_asked=lambda: True)
    found = due(bench.desk.store.mailings, bench.desk.store.ledger, bench.listening(), "outbox", bench.desk.clock.now())
    assert len(found) == 1
    assert bench.warnings == []


def test_a_queue_that_cannot_even_be_opened_is_the_same(bench: Bench) -> None:
    def refuse() -> Post:
        raise NotConfigured("the profile is unknown")

    sent = replace(bench.desk, feedback=bench.listening(refuse)).send(FakeTransport())
    assert sent.account.counts == {State.ACCEPTED: 30}


def test_who_can_be_heard_again_is_heard(bench: Bench) -> None:
    bench.inbox.fails = EdgeError("no network")
    listening = bench.listening()
    mailing = bench.desk.send(FakeTransport()).mailing
    with listening.listening():
        threading.Event().wait(0.1)
        assert listening.tally(mailing) is None
        named = {each.address: each.delivery_id for each in bench.desk.store.ledger.named(mailing, State.ACCEPTED)}
        bench.inbox.put(event("complaint-abuse", named[reader(0)]))
        bench.inbox.fails = None
        bench.wait_until_empty()
        threading.Event().wait(0.1)
        assert listening.tally(mailing) == Tally(complained=1)

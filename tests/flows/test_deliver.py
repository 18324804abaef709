"""What one run makes of every outcome, of limits, of defects and of being stopped."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from newsletter.core.build import Variant
from newsletter.core.delivery import Batch, Deferred, Sender, Settlement, State
from newsletter.core.merge import Tokens
from newsletter.core.subscriber import Subscriber
from newsletter.core.ways import Allowance, Parcel
from newsletter.errors import StoreError
from newsletter.flows.progress import Progress
from newsletter.flows.run import DOUBTS_IN_A_ROW, REFUSALS_IN_A_ROW, WAITS_WHEN_UNREACHED
from tests.fakes import (
    LOST,
    PAUSED,
    REFUSED,
    THROTTLE,
    UNREACHED,
    AcceptedButLost,
    Act,
    FakeBulkTransport,
    FakeTransport,
)
from tests.flows.desk import Desk, polled, reader


class Defect(Exception):
    """Something in a lane that nobody expected."""


class FailingLedger:
    """The ledger, except that some calls of some methods fail."""

    def __init__(self, real: Any, *, fails: dict[str, set[int]]) -> None:
        self._real, self._fails = real, fails
        self.calls: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None, details: bool = True) -> Batch:
        self._count("claim")
        batch: Batch = self._real.claim(sender, limit, at, rate=rate, details=details)
        return batch

    def settle(self, sender: Sender, settlements: Sequence[Settlement], at: datetime) -> None:
        self._count("settle")
        self._real.settle(sender, settlements, at)

    def _count(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.calls[name] in self._fails.get(name, ()):
            raise StoreError("the disk of the database is full", hint="make room")


def failing(desk: Desk, transport: FakeTransport, **fails: set[int]) -> Any:
    office = desk.office(transport)
    return dataclasses.replace(office, ledger=FailingLedger(office.ledger, fails=fails))


@pytest.mark.parametrize("lanes", [1, 3, 16])
def test_everybody_is_sent_their_own_message(desk: Desk, lanes: int) -> None:
    desk.add(40)
    transport = FakeTransport(lanes=lanes)

    sent = desk.send(transport)

    assert sent.account.counts == {State.ACCEPTED: 40}
    assert transport.arrived == {reader(number): 1 for number in range(40)}
    assert all(f"To: {parcel.address}\r\n".encode() in parcel.message for parcel in transport.parcels)


@pytest.mark.parametrize(
    ("act", "state", "arrived"),
    [
        (REFUSED, State.REFUSED, 0),
        (LOST, State.IN_DOUBT, 0),
        (AcceptedButLost(), State.IN_DOUBT, 1),
        (THROTTLE, State.ACCEPTED, 1),
        (UNREACHED, State.ACCEPTED, 1),
    ],
)
def test_one_bad_answer_concerns_one_reader(desk: Desk, act: Act, state: State, arrived: int) -> None:
    desk.add(3)
    transport = FakeTransport([act])

    sent = desk.send(transport)

    assert desk.where(sent.mailing)[reader(0)] == state
    assert transport.arrived[reader(0)] == arrived
    assert sent.account[State.ACCEPTED] == (3 if state is State.ACCEPTED else 2)
    assert not sent.stopped


@pytest.mark.parametrize("act", [REFUSED, LOST])
def test_what_was_refused_or_is_in_doubt_is_never_sent_again(desk: Desk, act: Act) -> None:
    desk.add(2)
    first = FakeTransport([act])
    desk.send(first, stop_asked=polled(3))
    again = FakeTransport()
    desk.send(again)

    assert first.calls_for(reader(0)) == 1
    assert again.calls_for(reader(0)) == 0


def test_a_throttled_message_goes_out_as_often_as_it_takes_and_more_slowly(desk: Desk) -> None:
    desk.add(5)
    transport = FakeTransport([THROTTLE] * 30, permits=Allowance(per_second=10))

    sent = desk.send(transport)

    assert sent.account.counts == {State.ACCEPTED: 5}
    assert transport.calls_for(reader(0)) == 31
    assert desk.clock.monotonic() > 2 * 35 / 10


def test_many_lanes_meeting_one_throttle_slow_down_once(desk: Desk) -> None:
    desk.add(300)
    transport = FakeTransport([THROTTLE] * 12, lanes=32, permits=Allowance(per_second=100))

    desk.send(transport)

    assert desk.clock.monotonic() < 300 / 50


def test_sending_never_exceeds_the_rate_of_the_account(desk: Desk) -> None:
    desk.add(50)
    transport = FakeTransport(lanes=8, permits=Allowance(per_second=10))

    desk.send(transport)

    assert desk.clock.monotonic() >= 49 / 10


def test_a_network_that_comes_back_is_waited_for(desk: Desk) -> None:
    desk.add(3)

    sent = desk.send(FakeTransport([UNREACHED] * len(WAITS_WHEN_UNREACHED), permits=Allowance(per_second=10)))

    assert sent.account.counts == {State.ACCEPTED: 3}
    assert desk.clock.monotonic() >= sum(WAITS_WHEN_UNREACHED)


def test_a_network_that_stays_away_stops_the_mailing_and_it_can_be_continued(desk: Desk) -> None:
    desk.add(3)

    sent = desk.send(FakeTransport([UNREACHED] * 1000, lanes=4))

    assert "cannot be reached" in sent.stopped
    assert "check the network, then run the same command" in sent.hint
    assert sent.account.counts == {State.PENDING: 3}
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 3}


def test_one_failure_of_the_network_seen_by_many_lanes_is_one(desk: Desk) -> None:
    desk.add(40)

    sent = desk.send(FakeTransport([UNREACHED] * 30, lanes=32))

    assert sent.account.counts == {State.ACCEPTED: 40}


@pytest.mark.parametrize("lanes", [1, 4])
def test_doubts_in_a_row_stop_the_mailing_and_after_the_first_they_go_out_alone(desk: Desk, lanes: int) -> None:
    desk.add(20)

    sent = desk.send(FakeTransport([LOST] * 20, lanes=lanes))

    assert sent.stopped.startswith("5 calls in a row in doubt")
    assert sent.newly_in_doubt == DOUBTS_IN_A_ROW
    assert sent.account.counts == {State.IN_DOUBT: DOUBTS_IN_A_ROW, State.PENDING: 20 - DOUBTS_IN_A_ROW}


def test_doubts_with_an_answer_between_them_stop_nothing(desk: Desk) -> None:
    desk.add(20)
    doubts: list[Act] = [LOST] * 4

    sent = desk.send(FakeTransport([*doubts, REFUSED, *doubts, THROTTLE, *doubts]))

    assert not sent.stopped
    assert sent.account.counts == {State.ACCEPTED: 7, State.REFUSED: 1, State.IN_DOUBT: 12}


def test_refusals_with_an_acceptance_between_them_stop_nothing(desk: Desk) -> None:
    desk.add(20)
    refusals: list[Act | None] = [REFUSED] * (REFUSALS_IN_A_ROW - 1)

    sent = desk.send(FakeTransport([*refusals, None, *refusals]))

    assert not sent.stopped
    assert sent.account.counts == {State.ACCEPTED: 2, State.REFUSED: 18}


def test_refusals_in_a_row_stop_the_mailing(desk: Desk) -> None:
    desk.add(20)

    sent = desk.send(FakeTransport([REFUSED] * 20))

    assert "refused" in sent.stopped
    assert sent.account.counts == {State.REFUSED: REFUSALS_IN_A_ROW, State.PENDING: 20 - REFUSALS_IN_A_ROW}


@pytest.mark.parametrize("lanes", [1, 8])
def test_an_outcome_that_concerns_everybody_stops_at_once_and_leaves_the_rest_pending(desk: Desk, lanes: int) -> None:
    desk.add(20)
    transport = FakeTransport([PAUSED] * 20, lanes=lanes)

    sent = desk.send(transport)

    assert (sent.stopped, sent.hint) == (PAUSED.reason, "resume it")
    assert len(transport.parcels) <= lanes
    assert sent.account.counts == {State.PENDING: 20}
    assert not sent.interrupted


@pytest.mark.parametrize("lanes", [1, 8])
def test_the_quota_of_the_day_is_used_up_and_never_overshot(desk: Desk, lanes: int) -> None:
    desk.add(20)
    transport = FakeTransport([THROTTLE, REFUSED, AcceptedButLost()], lanes=lanes, permits=Allowance(left_today=7))

    sent = desk.send(transport)

    assert transport.arrived.total() == 7
    assert sent.account.counts == {State.ACCEPTED: 6, State.REFUSED: 1, State.IN_DOUBT: 1, State.PENDING: 12}
    assert "quota" in sent.stopped
    assert "goes on where it stopped" in sent.hint


def test_without_any_quota_nothing_is_claimed(desk: Desk) -> None:
    desk.add(2)
    transport = FakeTransport(permits=Allowance(left_today=0))

    sent = desk.send(transport)

    assert not transport.parcels
    assert sent.account.counts == {State.PENDING: 2}
    assert "quota" in sent.stopped


@pytest.mark.parametrize(
    ("last", "permits"),
    [(THROTTLE, Allowance(left_today=3)), (LOST, Allowance(left_today=3)), (REFUSED, Allowance(left_today=2))],
)
def test_a_run_that_reached_the_end_was_not_stopped(desk: Desk, last: Act, permits: Allowance) -> None:
    desk.add(3)

    sent = desk.send(FakeTransport([last], permits=permits), stop_asked=polled(1000))

    assert (sent.stopped, sent.interrupted) == ("", False)
    assert desk.store.mailings.unfinished(sent.mailing.issue, sent.mailing.transport) is None


def test_five_doubts_that_are_the_last_end_the_mailing(desk: Desk) -> None:
    desk.add(5)

    sent = desk.send(FakeTransport([LOST] * 5))

    assert (sent.stopped, sent.newly_in_doubt) == ("", 5)
    assert desk.store.mailings.unfinished(sent.mailing.issue, sent.mailing.transport) is None


def test_an_address_that_no_header_can_hold_is_refused(desk: Desk) -> None:
    desk.put(Subscriber(address="käse@example.net"), Subscriber(address="a b@example.net"))
    desk.add(1)
    transport = FakeTransport()

    sent = desk.send(transport)

    assert sent.account.counts == {State.REFUSED: 2, State.ACCEPTED: 1}
    assert desk.addresses(sent.mailing, State.REFUSED) == ["käse@example.net", "a b@example.net"]
    assert transport.arrived == {reader(0): 1}


def test_who_leaves_between_freeze_and_claim_is_suppressed(desk: Desk) -> None:
    desk.add(6)
    mailing = desk.freeze()
    desk.leave(reader(1))

    def one_more_leaves(parcel: Parcel) -> None:
        if parcel.address == reader(3):
            desk.leave(reader(5))

    transport = FakeTransport(before=one_more_leaves)
    sent = desk.send(transport)

    assert desk.addresses(mailing, State.SUPPRESSED) == [reader(1), reader(5)]
    assert not transport.arrived.keys() & {reader(1), reader(5)}
    assert sent.account.intended == 6


def test_a_defect_in_a_lane_settles_the_others_and_leaves_one_in_doubt(desk: Desk) -> None:
    desk.add(12)
    with pytest.raises(Defect):
        desk.send(FakeTransport([Deferred("x"), Defect(), REFUSED], lanes=4))
    (mailing,) = desk.store.mailings.of()
    before = desk.store.ledger.account(mailing)

    again = FakeTransport()
    sent = desk.send(again)

    assert before[State.IN_DOUBT] == sent.account[State.IN_DOUBT] == 1
    assert sent.account.intended == 12 == sent.account.settled
    assert not again.arrived.keys() & set(desk.addresses(mailing, State.IN_DOUBT))


def test_a_progress_line_that_fails_loses_nothing(desk: Desk) -> None:
    desk.add(12)
    first = FakeTransport(lanes=4)

    def broken(now: Progress) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        desk.send(first, tell=broken)
    (mailing,) = desk.store.mailings.of()

    assert desk.store.ledger.account(mailing)[State.CLAIMED] == 0
    assert set(desk.addresses(mailing, State.ACCEPTED)) == first.arrived.keys()


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_claim_that_fails_leaves_nothing_in_doubt(desk: Desk, nth: int) -> None:
    desk.add(12)
    transport = FakeTransport(lanes=4)

    with pytest.raises(StoreError, match="disk of the database is full"):
        desk.send(transport, office=failing(desk, transport, claim={nth}))
    (mailing,) = desk.store.mailings.of()

    assert desk.store.ledger.account(mailing)[State.CLAIMED] == 0
    assert set(desk.addresses(mailing, State.ACCEPTED)) == transport.arrived.keys()


def test_a_database_that_is_busy_for_a_moment_is_written_to_again(desk: Desk) -> None:
    desk.add(12)
    transport = FakeTransport(lanes=4)

    sent = desk.send(transport, office=failing(desk, transport, settle={1, 2, 4, 5, 6}))

    assert sent.account.counts == {State.ACCEPTED: 12}
    assert transport.arrived.total() == 12


def test_outcomes_that_cannot_be_written_are_named_and_not_sent_again(desk: Desk) -> None:
    desk.add(12)
    transport = FakeTransport([THROTTLE], lanes=4)

    with pytest.raises(StoreError) as raised:
        desk.send(transport, office=failing(desk, transport, settle=set(range(2, 100))))
    arrived = transport.arrived.copy()
    again = FakeTransport()
    sent = desk.send(again)

    assert "could not be written and will be in doubt" in raised.value.message
    assert "make room" in raised.value.hint
    in_doubt = {each.delivery_id for each in desk.store.ledger.named(sent.mailing, State.IN_DOUBT)}
    assert in_doubt
    assert all(f"{delivery_id}: " in raised.value.hint for delivery_id in in_doubt)
    assert "Accepted(message_id=" in raised.value.hint
    assert (arrived + again.arrived).most_common(1)[0][1] == 1
    assert sent.account.settled == 12


def test_a_throttle_that_lands_when_everything_else_is_claimed_is_sent_again(desk: Desk) -> None:
    desk.add(1)
    nothing_left = threading.Event()

    class Watched(FailingLedger):
        def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None, details: bool = True) -> Batch:
            batch = super().claim(sender, limit, at, rate=rate, details=details)
            if not batch.claims:
                nothing_left.set()
            return batch

    transport = FakeTransport([THROTTLE, UNREACHED], lanes=4, before=lambda _: nothing_left.wait(5))
    office: Any = desk.office(transport)

    sent = desk.send(transport, office=dataclasses.replace(office, ledger=Watched(office.ledger, fails={})))

    assert sent.account.counts == {State.ACCEPTED: 1}
    assert not sent.interrupted


def test_what_landed_after_the_database_failed_is_still_written_if_it_can_be(desk: Desk) -> None:
    desk.add(12)
    transport = FakeTransport(lanes=4)

    with pytest.raises(StoreError):
        desk.send(transport, office=failing(desk, transport, settle={1, 2, 3, 4, 5}))
    (mailing,) = desk.store.mailings.of()

    account = desk.store.ledger.account(mailing)
    assert account[State.CLAIMED] == 0
    assert account[State.ACCEPTED] == transport.arrived.total()


def test_a_stop_gives_back_what_was_claimed_and_not_handed_over(desk: Desk) -> None:
    desk.add(20)
    transport = FakeTransport(lanes=16, permits=Allowance(per_second=40))

    sent = desk.send(transport, stop_asked=polled(5))

    assert sent.interrupted
    assert sent.account[State.CLAIMED] == sent.account[State.IN_DOUBT] == 0
    assert 0 < sent.account[State.ACCEPTED] == transport.arrived.total() < 10
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 20}


def test_a_stop_is_noticed_while_waiting_for_the_pace(desk: Desk) -> None:
    desk.add(3)

    sent = desk.send(FakeTransport(permits=Allowance(per_second=0.01)), stop_asked=polled(9))

    assert sent.interrupted
    assert max(desk.clock.naps) <= 0.25
    assert desk.clock.monotonic() < 10


def test_what_lands_during_a_long_wait_is_written_during_it(desk: Desk) -> None:
    desk.add(2)
    seen: list[int] = []

    sent = desk.send(
        FakeTransport(lanes=4, permits=Allowance(per_second=0.0001)),
        tell=lambda now: seen.append(now.done),
        stop_asked=lambda: bool(seen),
    )

    assert seen == [1]
    assert sent.account.counts == {State.ACCEPTED: 1, State.PENDING: 1}


def test_progress_counts_up_to_everybody(desk: Desk) -> None:
    desk.add(10)
    desk.leave(reader(9))
    told: list[Progress] = []

    desk.send(FakeTransport([THROTTLE, REFUSED], permits=Allowance(per_second=5)), tell=told.append)

    done = [now.done for now in told]
    assert done == sorted(done)
    assert (done[-1], told[-1].intended) == (10, 10)
    assert told[-1].per_second is not None
    assert told[-1].per_second < 5


@pytest.mark.parametrize("in_bulk", [False, True])
def test_what_the_tags_of_a_reader_decide_is_in_what_they_get(desk: Desk, *, in_bulk: bool) -> None:
    us = Variant("<p>For the US</p>", "For the US\n", frozenset([frozenset({"us"})]))
    build = dataclasses.replace(desk.made.build, others=(us,))
    varied = dataclasses.replace(desk, made=dataclasses.replace(desk.made, build=build))
    desk.put(Subscriber(address=reader(1), tags=frozenset({"us"})), Subscriber(address=reader(2)))
    transport = FakeBulkTransport()
    (varied.in_bulk() if in_bulk else varied).send(transport)

    assert {each.address: b"For the US" in each.message for each in transport.parcels} == {
        reader(1): True,
        reader(2): False,
    }


def test_what_a_field_of_a_reader_says_is_in_what_they_get(desk: Desk) -> None:
    tokens = Tokens.kept(desk.made.build.tokens.fields)
    subject = tokens.replace("News from {{ subscriber.city }}")
    build = dataclasses.replace(desk.made.build, subject=subject, tokens=tokens)
    desk.put(Subscriber(address=reader(1), fields={"city": "Bern"}))
    transport = FakeTransport()
    dataclasses.replace(desk, made=dataclasses.replace(desk.made, build=build)).send(transport)
    assert b"\r\nSubject: News from Bern\r\n" in transport.parcels[0].message

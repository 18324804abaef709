"""What holds a mailing back lets it go on by itself, or stops it so that it can be continued."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from newsletter.core.acts import Pause
from newsletter.core.delivery import Mailing, Outcome, State
from newsletter.core.feedback import Event, Kind
from newsletter.core.orders import Canary, Orders, WarmUp, Window, Wish
from newsletter.core.ports.readers import Whom
from newsletter.core.reputation import Seen, Tally
from newsletter.core.ways import Allowance, Parcel
from newsletter.errors import TransportError
from newsletter.flows.progress import Progress
from tests.fakes import NOON, FakeClock, FakeFeedback, FakeTransport
from tests.flows.desk import Desk, polled, reader

MINUTE = 60.0
HOUR = 3600.0


@dataclass
class Timed(FakeTransport):
    """A transport that knows when each message came."""

    clock: FakeClock = field(default_factory=FakeClock)
    times: list[float] = field(default_factory=list)

    def send(self, parcel: Parcel) -> Outcome:
        self.times.append(self.clock.monotonic())
        return super().send(parcel)

    def within(self, begin: float, end: float) -> int:
        return sum(begin <= each < end for each in self.times)


@dataclass
class Refilled(Timed):
    """An account whose whole quota is there again after each `every` seconds, and that tells so when it is asked."""

    every: float = 3 * MINUTE
    asked: int = 0

    def allowance(self) -> Allowance:
        self.asked += 1
        since = self.clock.monotonic() // self.every * self.every
        used = sum(each >= since for each in self.times)
        assert self.permits.per_day is not None
        return replace(self.permits, left_today=self.permits.per_day - used)


def until(desk: Desk, seconds: float) -> Callable[[], bool]:
    """Return a Ctrl-C that is pressed at a moment."""
    return lambda: desk.clock.monotonic() >= seconds


def test_with_wait_it_goes_on_by_itself_when_the_quota_is_back(desk: Desk) -> None:
    desk.add(12)
    transport = Refilled(clock=desk.clock, lanes=4, permits=Allowance(per_day=5))
    told: list[Progress] = []

    sent = desk.send(transport, orders=Orders(wait=True), tell=told.append)

    assert sent.account.counts == {State.ACCEPTED: 12}
    assert [transport.within(MINUTE * begin, MINUTE * (begin + 3)) for begin in (0, 3, 6)] == [5, 5, 2]
    assert transport.times[-1] < 7.5 * MINUTE
    assert transport.asked < 30
    assert any("quota of 24 hours is spent" in now.waiting for now in told)


def test_with_wait_a_quota_that_is_just_enough_is_not_waited_for(desk: Desk) -> None:
    desk.add(5)
    transport = Refilled(clock=desk.clock, permits=Allowance(per_day=5))

    assert desk.send(transport, orders=Orders(wait=True)).account.counts == {State.ACCEPTED: 5}
    assert desk.clock.monotonic() < MINUTE


def test_a_share_of_the_quota_is_left_to_others(desk: Desk) -> None:
    desk.add(12)
    transport = FakeTransport(lanes=3, permits=Allowance(left_today=10, per_day=20))

    sent = desk.send(transport, orders=Orders(keep_free=0.25))

    assert transport.arrived.total() == 5
    assert "but for the 25% kept free" in sent.stopped
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 12}, "the rest goes on when there is room"


def test_what_others_send_through_the_account_is_learned_within_a_minute(desk: Desk) -> None:
    desk.add(200)
    transport = FakeTransport(permits=Allowance(per_second=1, left_today=1_000, per_day=1_000))
    desk.clock.at(30, lambda: setattr(transport, "permits", Allowance(per_second=1, left_today=80, per_day=1_000)))

    sent = desk.send(transport)

    assert "quota" in sent.stopped
    assert transport.arrived.total() == 80


def test_an_account_that_cannot_be_asked_again_permits_what_it_did(desk: Desk) -> None:
    desk.add(70)

    class Deaf(FakeTransport):
        def allowance(self) -> Allowance:
            if desk.clock.monotonic() > 10:
                raise TransportError("SES cannot be asked")
            return super().allowance()

    assert desk.send(Deaf(permits=Allowance(1, 1_000))).account.counts == {State.ACCEPTED: 70}


def test_an_account_that_is_paused_meanwhile_stops_the_mailing(desk: Desk) -> None:
    desk.add(200)
    transport = FakeTransport(permits=Allowance(per_second=1))
    desk.clock.at(30, lambda: setattr(transport, "permits", Allowance(per_second=1, barred="paused", hint="write")))

    sent = desk.send(transport)

    assert (sent.stopped, sent.hint) == ("paused", "write")
    assert 55 <= sent.account[State.ACCEPTED] < 70
    assert sent.account[State.IN_DOUBT] == sent.account[State.CLAIMED] == 0


def test_the_rate_that_the_editor_asks_for_is_kept_however_often_the_account_is_asked(desk: Desk) -> None:
    desk.add(200)
    transport = Timed(clock=desk.clock, lanes=8, permits=Allowance(per_second=50))

    desk.send(transport, orders=Orders(rate=1.0))

    assert all(transport.within(second, second + 10) <= 11 for second in range(0, 200, 10))


def test_an_account_that_becomes_slower_or_faster_is_followed(desk: Desk) -> None:
    desk.add(150)
    transport = Timed(clock=desk.clock, lanes=8, permits=Allowance(per_second=1))
    desk.clock.at(50, lambda: setattr(transport, "permits", Allowance(per_second=10)))

    desk.send(transport)

    assert 55 <= transport.within(0, 60) <= 62
    assert transport.times[-1] < 130


def test_it_begins_when_it_is_ordered_to(desk: Desk) -> None:
    desk.add(3)
    transport = Timed(clock=desk.clock)
    told: list[Progress] = []

    desk.send(transport, orders=Orders(begin=NOON + timedelta(minutes=5)), tell=told.append)

    assert 5 * MINUTE <= min(transport.times) < 5 * MINUTE + 1
    assert told[0].waiting == "it begins at 2026-03-02 12:05 UTC"


def test_a_pause_that_is_over_when_it_begins_keeps_nobody_from_it(desk: Desk) -> None:
    desk.add(3)
    begin = NOON + timedelta(minutes=5)
    for number, until in ((0, begin), (1, begin + timedelta(seconds=1))):
        desk.store.readers.change(Whom(reader(number)), Pause(until), NOON)

    planned = desk.plan(FakeTransport(), orders=Orders(begin=begin))
    sent = desk.send(FakeTransport(), orders=Orders(begin=begin))

    assert (planned.to_send, planned.forecast.suppressed) == (2, {"paused": 1})
    assert sent.account.counts == {State.ACCEPTED: 2, State.SUPPRESSED: 1}
    assert desk.addresses(sent.mailing, State.SUPPRESSED) == [reader(1)]


def test_mail_goes_out_in_its_window_alone(desk: Desk) -> None:
    desk.add(100)
    transport = Timed(clock=desk.clock, permits=Allowance(per_second=1))
    window = Window(time(12, 5), time(12, 6))

    sent = desk.send(transport, orders=Orders(window=window), stop_asked=until(desk, 8 * MINUTE))

    assert transport.within(5 * MINUTE, 6 * MINUTE) == len(transport.times) == sent.account[State.ACCEPTED]
    assert 55 <= len(transport.times) <= 60
    assert sent.interrupted
    assert sent.account[State.IN_DOUBT] == sent.account[State.CLAIMED] == 0


def test_a_mailing_that_is_done_does_not_wait_for_the_next_window(desk: Desk) -> None:
    desk.add(50)
    transport = Timed(clock=desk.clock, permits=Allowance(per_second=1))
    desk.clock.at(3 * MINUTE, lambda: pytest.fail("it waits"))

    sent = desk.send(transport, orders=Orders(window=Window(time(12), time(12, 1))))

    assert sent.account.counts == {State.ACCEPTED: 50}
    assert desk.clock.monotonic() < 2 * MINUTE


@pytest.fixture
def evening(desk: Desk) -> Desk:
    """Ten minutes before midnight, UTC."""
    return replace(desk, clock=FakeClock(datetime(2026, 3, 2, 23, 50, tzinfo=UTC)))


def test_a_warm_up_goes_on_at_midnight_with_more(evening: Desk) -> None:
    evening.add(12)
    transport = Timed(clock=evening.clock, lanes=4)
    told: list[Progress] = []

    sent = evening.send(
        transport, orders=Orders(warm_up=WarmUp(3, 2)), tell=told.append, stop_asked=until(evening, 15 * MINUTE)
    )

    assert sent.account.counts == {State.ACCEPTED: 9, State.PENDING: 3}
    assert (transport.within(0, MINUTE), transport.within(10 * MINUTE, 11.5 * MINUTE)) == (3, 6)
    assert "the warm-up allows 3 today; it goes on at 2026-03-03 00:00 UTC" in {now.waiting for now in told}


def test_a_warm_up_that_is_run_again_counts_what_went_out_today(evening: Desk) -> None:
    evening.add(40)
    orders = Orders(warm_up=WarmUp(5, 2))
    evening.send(FakeTransport(), orders=orders, stop_asked=polled(4))
    today = evening.send(FakeTransport(), stop_asked=until(evening, 5 * MINUTE))
    planned = evening.plan(FakeTransport())
    evening.clock.sleep(24 * HOUR)
    tomorrow = evening.send(FakeTransport(), stop_asked=until(evening, 24 * HOUR + 7 * MINUTE))

    assert today.account[State.ACCEPTED] == 5
    assert tomorrow.account[State.ACCEPTED] == 15
    assert [leg.recipients for leg in planned.legs] == [0, 10, 20, 5]


def test_a_warm_up_of_everybody_ends_today(evening: Desk) -> None:
    evening.add(3)

    assert evening.send(FakeTransport(), orders=Orders(warm_up=WarmUp(3, 2))).account.counts == {State.ACCEPTED: 3}
    assert evening.clock.monotonic() < MINUTE


def test_a_scheduled_warm_up_begins_with_its_first_day(evening: Desk) -> None:
    evening.add(10)
    begin = evening.clock.now() + timedelta(hours=72)
    orders = Orders(begin=begin, warm_up=WarmUp(3, 2))
    evening.send(FakeTransport(), orders=orders, stop_asked=lambda: True)
    evening.clock.sleep(72 * HOUR)

    sent = evening.send(FakeTransport(), stop_asked=until(evening, 72 * HOUR + 3 * MINUTE))

    assert sent.account[State.ACCEPTED] == 3


CANARY = Orders(canary=Canary(3, minutes=5))


def kept_orders(desk: Desk) -> Orders:
    return desk.store.mailings.of()[-1].orders


@pytest.mark.parametrize("lanes", [1, 8])
def test_the_canary_goes_out_alone_and_the_rest_follows_when_nothing_bad_came_back(desk: Desk, lanes: int) -> None:
    desk.add(10)
    desk = replace(desk, feedback=FakeFeedback())
    transport = Timed(clock=desk.clock, lanes=lanes)

    sent = desk.send(transport, orders=CANARY)

    assert sent.account.counts == {State.ACCEPTED: 10}
    assert (transport.within(0, MINUTE), transport.within(MINUTE, 5 * MINUTE)) == (3, 0)
    assert transport.times[-1] < 6.5 * MINUTE
    assert kept_orders(desk).canary is None


def test_a_canary_is_waited_for_no_longer_than_was_asked(desk: Desk) -> None:
    desk.add(10)
    desk = replace(desk, feedback=FakeFeedback())
    transport = Timed(clock=desk.clock)

    desk.send(transport, orders=Orders(canary=Canary(3, minutes=0.5)))

    assert transport.within(1, 30) == 0
    assert 30 <= transport.times[-1] < 35


def test_a_canary_that_bounces_stops_the_mailing(desk: Desk) -> None:
    desk.add(30)
    feedback = FakeFeedback()
    desk = replace(desk, feedback=feedback)
    desk.clock.at(100, lambda: setattr(feedback, "back", Tally(bounced=6)))
    transport = FakeTransport()

    sent = desk.send(transport, orders=Orders(canary=Canary(10, minutes=5)))

    assert sent.stopped == "6 of 10 bounced (60.0%); SES reviews an account at 5.0%"
    assert transport.arrived.total() == 10
    assert desk.clock.monotonic() < 4 * MINUTE


def test_what_comes_back_at_the_last_moment_keeps_the_canary(desk: Desk) -> None:
    desk.add(30)
    feedback = FakeFeedback()
    desk = replace(desk, feedback=feedback)
    desk.clock.at(4.9 * MINUTE, lambda: setattr(feedback, "back", Tally(complained=2)))
    transport = FakeTransport()

    sent = desk.send(transport, orders=Orders(canary=Canary(10, minutes=5)))

    assert "complained" in sent.stopped
    assert transport.arrived.total() == 10
    assert kept_orders(desk).canary == Canary(10, 5)


def test_the_plan_has_a_pause_for_what_is_left_of_the_canary(desk: Desk) -> None:
    desk.add(10)
    listening = replace(desk, feedback=FakeFeedback())
    before = listening.plan(FakeTransport(), orders=CANARY)
    listening.send(FakeTransport(), orders=CANARY, stop_asked=polled(4))
    gone = 10 - listening.plan(FakeTransport()).to_send
    between = listening.plan(FakeTransport())
    listening.send(FakeTransport(), stop_asked=until(desk, MINUTE))
    after, deaf = listening.plan(FakeTransport()), desk.plan(FakeTransport())

    assert 0 < gone < 3
    assert [leg.recipients for leg in before.legs] == [3, 7]
    assert [leg.recipients for leg in between.legs] == [3 - gone, 7]
    assert [leg.recipients for leg in after.legs] == [0, 7]
    for each in (before, between, after):
        assert each.legs[1].begin - each.legs[0].end == timedelta(minutes=5)
    assert [leg.recipients for leg in deaf.legs] == [7], "the editor has looked at it"


def test_where_nobody_listens_the_canary_stops_and_the_second_run_goes_on(desk: Desk) -> None:
    desk.add(10)
    first, second = FakeTransport(lanes=4), FakeTransport(lanes=4)

    stopped = desk.send(first, orders=CANARY)
    sent = desk.send(second)

    assert stopped.stopped == "the canary of 3 is out, and no feedback is read"
    assert stopped.account.counts == {State.ACCEPTED: 3, State.PENDING: 7}
    assert sent.account.counts == {State.ACCEPTED: 10}
    assert first.arrived + second.arrived == {reader(number): 1 for number in range(10)}


def test_an_interrupted_canary_is_completed_before_the_rest(desk: Desk) -> None:
    desk.add(10)
    desk.send(FakeTransport(permits=Allowance(per_second=1)), orders=CANARY, stop_asked=until(desk, 1))
    second = desk.send(FakeTransport())

    assert second.account.counts == {State.ACCEPTED: 3, State.PENDING: 7}
    assert "canary" in second.stopped
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 10}


def test_a_canary_of_everybody_is_the_mailing(desk: Desk) -> None:
    desk.add(3)
    desk = replace(desk, feedback=FakeFeedback())

    assert desk.send(FakeTransport(), orders=CANARY).account.counts == {State.ACCEPTED: 3}
    assert desk.clock.monotonic() < MINUTE


def test_a_pause_that_is_told_as_the_canary_is_released_is_not_undone(desk: Desk) -> None:
    desk.add(10)

    class Meanwhile(FakeFeedback):
        told = False

        def tally(self, mailing: Mailing) -> Tally | None:
            if desk.clock.monotonic() >= 5 * MINUTE and not self.told:
                self.told = True
                desk.tell(Wish.PAUSE)
            return super().tally(mailing)

    desk = replace(desk, feedback=Meanwhile())
    transport = Timed(clock=desk.clock, permits=Allowance(per_second=1))
    desk.send(transport, orders=CANARY, stop_asked=until(desk, 7 * MINUTE))

    assert desk.store.mailings.of()[-1].wish is Wish.PAUSE
    assert len(transport.times) < 10
    assert desk.clock.monotonic() - transport.times[-1] > 45


def test_during_the_whole_send_bounces_stop_it_and_it_can_be_continued(desk: Desk) -> None:
    desk.add(300)
    feedback = FakeFeedback()
    desk = replace(desk, feedback=feedback)
    desk.clock.at(70, lambda: setattr(feedback, "back", Tally(bounced=20)))
    transport = FakeTransport(permits=Allowance(per_second=1))

    sent = desk.send(transport)

    assert "bounced" in sent.stopped
    assert 70 <= sent.account[State.ACCEPTED] <= 130
    assert sent.account[State.IN_DOUBT] == 0
    feedback.back = Tally()
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 300}


def bounced(desk: Desk, mailing: Mailing, readers: Iterable[int]) -> None:
    """Let SES say that these readers' addresses are no good."""
    named = {each.address: each.delivery_id for each in desk.store.ledger.named(mailing, State.ACCEPTED)}
    told = [
        Event(kind=Kind.BOUNCE, delivery=named[reader(number)], message_id="m", type="Permanent", at=NOON)
        for number in readers
    ]
    desk.store.events.apply(told, desk.clock.now(), track=())


class FromStore(FakeFeedback):
    """What the store knows has come back."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._events = desk.store.events

    def tally(self, mailing: Mailing) -> Tally | None:
        return self._events.tally(mailing)


def test_what_the_editor_has_looked_at_does_not_stop_it_again_and_worse_figures_do(desk: Desk) -> None:
    desk.add(100)
    desk = replace(desk, feedback=FromStore(desk))
    mailing = desk.send(FakeTransport(permits=Allowance(left_today=20))).mailing
    bounced(desk, mailing, range(10))

    stopped, still = desk.send(FakeTransport()), desk.send(FakeTransport())
    desk.tell(Wish.GO)
    on = desk.send(FakeTransport(permits=Allowance(left_today=40)))
    bounced(desk, mailing, range(20, 26))
    again = desk.send(FakeTransport())
    desk.tell(Wish.GO)

    assert "10 of 20 bounced (50.0%)" in stopped.stopped
    assert f"newsletter resume {mailing.issue}" in stopped.hint
    assert still.stopped == stopped.stopped, "to send again is not to have looked"
    assert on.account[State.ACCEPTED] == 60
    assert "6 more of 40 bounced (15.0%)" in again.stopped
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 100}


def test_to_resume_before_anything_came_back_forgives_nothing(desk: Desk) -> None:
    desk.add(100)
    desk = replace(desk, feedback=FromStore(desk))
    mailing = desk.send(FakeTransport(permits=Allowance(left_today=20))).mailing
    desk.tell(Wish.GO)
    bounced(desk, mailing, range(10))
    assert "10 of 20 bounced" in desk.send(FakeTransport()).stopped


def test_to_resume_what_nothing_holds_forgives_nothing_of_what_came_back(desk: Desk) -> None:
    desk.add(100)
    desk = replace(desk, feedback=FromStore(desk))
    mailing = desk.send(FakeTransport(permits=Allowance(left_today=20))).mailing
    bounced(desk, mailing, range(4))
    desk.tell(Wish.GO)
    bounced(desk, mailing, range(4, 6))

    assert kept_orders(desk).seen is None
    assert "6 of 20 bounced" in desk.send(FakeTransport()).stopped


def test_a_paused_mailing_that_goes_on_has_been_looked_at(desk: Desk) -> None:
    desk.add(100)
    desk = replace(desk, feedback=FromStore(desk))
    mailing = desk.send(FakeTransport(permits=Allowance(left_today=20))).mailing
    bounced(desk, mailing, range(4))
    desk.tell(Wish.PAUSE)
    desk.tell(Wish.GO)

    assert kept_orders(desk).seen == Seen(bounced=4, complained=0, accepted=20)


def test_with_a_canary_the_sender_that_came_first_goes_first(desk: Desk) -> None:
    desk.add(10)
    mailing = desk.send(FakeTransport(), orders=CANARY, stop_asked=lambda: True).mailing
    leader = desk.store.senders.join(mailing, desk.clock.now(), alone=True)
    waits = FakeTransport()
    told: list[Progress] = []

    sent = desk.send(waits, join=True, tell=told.append, stop_asked=until(desk, 10))
    desk.store.senders.leave(leader, desk.clock.now())

    assert not waits.parcels
    assert sent.interrupted
    assert {now.waiting for now in told} == {"another sender goes first"}
    assert desk.send(FakeTransport()).account[State.ACCEPTED] == 3


def test_who_waited_for_the_first_sender_goes_on_within_two_seconds_of_the_release(desk: Desk) -> None:
    desk.add(10)
    mailing = desk.send(FakeTransport(), orders=CANARY, stop_asked=lambda: True).mailing
    leader = desk.store.senders.join(mailing, desk.clock.now(), alone=True)
    for second in range(0, 60, 10):
        desk.clock.at(second, lambda: desk.store.senders.renew(leader, desk.clock.now()))
    desk.clock.at(20, lambda: desk.store.mailings.order(mailing, mailing.wish, Orders(), desk.clock.now()))
    transport = Timed(clock=desk.clock)

    desk.send(transport, join=True)

    assert 20 <= transport.times[0] <= 22

"""Pause, resume and cancel, while a mailing is being sent and when nobody sends it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from newsletter.core.delivery import Outcome, State
from newsletter.core.orders import Wish
from newsletter.core.ways import Allowance, Parcel
from newsletter.errors import BadInput, MailingStopped, NotFound
from newsletter.flows.progress import Progress
from tests.fakes import THROTTLE, FakeTransport
from tests.flows.desk import Desk, reader
from tests.flows.test_hold import Timed, until


def slow(desk: Desk, script: Sequence[Outcome] = ()) -> Timed:
    return Timed(script, clock=desk.clock, lanes=4, permits=Allowance(per_second=2))


def test_a_pause_takes_effect_within_two_seconds_and_so_does_going_on(desk: Desk) -> None:
    desk.add(40)
    transport, told = slow(desk), list[Progress]()
    desk.clock.at(5, lambda: desk.tell(Wish.PAUSE))
    desk.clock.at(60, lambda: desk.tell(Wish.GO))

    sent = desk.send(transport, tell=told.append)

    assert sent.account.counts == {State.ACCEPTED: 40}
    assert transport.within(0, 5) >= 9
    assert transport.within(7, 60) == 0
    assert transport.within(60, 62) >= 1
    assert "paused" in {now.waiting for now in told}


def test_a_paused_mailing_has_nothing_claimed_and_can_be_stopped(desk: Desk) -> None:
    desk.add(40)
    desk.clock.at(5, lambda: desk.tell(Wish.PAUSE))

    sent = desk.send(slow(desk), stop_asked=until(desk, 10))

    assert sent.interrupted
    assert sent.account[State.CLAIMED] == sent.account[State.IN_DOUBT] == 0
    with pytest.raises(MailingStopped, match="paused"):
        desk.send(FakeTransport())
    desk.tell(Wish.GO)
    assert desk.send(FakeTransport()).account.counts == {State.ACCEPTED: 40}


def test_a_pause_after_the_last_message_does_not_keep_the_mailing_open(desk: Desk) -> None:
    desk.add(4)

    def pause(parcel: Parcel) -> None:
        if parcel.address == reader(3):
            desk.tell(Wish.PAUSE)

    transport = FakeTransport(before=pause)

    assert desk.send(transport).account.counts == {State.ACCEPTED: 4}


@pytest.mark.parametrize("throttles", [0, 10])
def test_a_cancelled_mailing_ends_within_two_seconds_and_its_account_adds_up(desk: Desk, throttles: int) -> None:
    desk.add(40)
    transport = slow(desk, [THROTTLE] * throttles)
    desk.clock.at(5, lambda: desk.tell(Wish.CANCEL))

    sent = desk.send(transport)

    accepted = transport.arrived.total()
    assert transport.within(7, 1_000) == 0
    assert (sent.account[State.ACCEPTED], sent.account[State.SUPPRESSED]) == (accepted, 40 - accepted)
    assert (sent.stopped, sent.interrupted) == ("", False)
    (mailing,) = desk.store.mailings.of()
    assert mailing.finished_at
    assert {each.reason for each in desk.store.ledger.named(mailing, State.SUPPRESSED)} == {"cancelled"}


def test_who_was_not_reached_before_the_cancelling_is_missing_and_can_be_sent_to(desk: Desk) -> None:
    desk.add(40)
    first, rest = slow(desk), FakeTransport()
    desk.clock.at(5, lambda: desk.tell(Wish.CANCEL))
    desk.send(first)

    planned = desk.plan(rest, only_missing=True)
    sent = desk.send(rest, only_missing=True)

    assert planned.to_send == sent.account.intended == 40 - first.arrived.total()
    assert first.arrived + rest.arrived == {reader(number): 1 for number in range(40)}


def test_a_mailing_that_nobody_sends_is_cancelled_at_once(desk: Desk) -> None:
    desk.add(3)
    desk.freeze()

    desk.tell(Wish.CANCEL)

    (mailing,) = desk.store.mailings.of()
    assert mailing.finished_at
    assert desk.store.ledger.account(mailing).counts == {State.SUPPRESSED: 3}


def test_who_ends_by_a_cancelling_before_the_others_was_not_interrupted(desk: Desk) -> None:
    desk.add(40)
    mailing = desk.freeze()
    other = desk.store.senders.join(mailing, desk.clock.now(), alone=True)
    desk.store.ledger.claim(other, 1, desk.clock.now(), rate=None)
    desk.clock.at(3, lambda: desk.tell(Wish.CANCEL))

    sent = desk.send(slow(desk), join=True)

    assert (sent.stopped, sent.interrupted) == ("", False)
    assert sent.account[State.CLAIMED] == sent.account.open == 1


@pytest.mark.parametrize("wish", [Wish.PAUSE, Wish.GO])
def test_what_is_being_cancelled_can_neither_be_paused_nor_go_on(desk: Desk, wish: Wish) -> None:
    desk.add(3)
    mailing = desk.freeze()
    sender = desk.store.senders.join(mailing, desk.clock.now(), alone=True)
    desk.store.ledger.claim(sender, 1, desk.clock.now(), rate=None)
    desk.tell(Wish.CANCEL)

    with pytest.raises(BadInput, match="was cancelled"):
        desk.tell(wish)
    desk.store.senders.leave(sender, desk.clock.now())

    assert desk.send(FakeTransport()).account.counts == {State.SUPPRESSED: 2, State.IN_DOUBT: 1}


@pytest.mark.parametrize("wish", list(Wish))
def test_there_must_be_a_mailing_to_tell(desk: Desk, wish: Wish) -> None:
    with pytest.raises(NotFound, match="no mailing of vol-1-issue-6 is open"):
        desk.tell(wish)
    desk.add(1)
    desk.send(FakeTransport())
    with pytest.raises(NotFound):
        desk.tell(wish)

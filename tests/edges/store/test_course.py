"""The course of a mailing: how long somebody was sending, how often too fast, and how many copies went out twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter.core.account import Course
from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused, Sender, State
from newsletter.core.orders import Orders, Wish
from newsletter.edges.store import Store
from tests.edges.store.examples import AT, LATER, TAKEN, claims, crowd, joined, proven, settle

LOST = InDoubt("no answer")


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def answered(store: Store, sender: Sender, *spans: tuple[float, float], outcome: Outcome = TAKEN) -> None:
    """Claim one delivery at the first moment of each span, and write its answer down at the second."""
    for claimed, settled in spans:
        some = claims(store, sender, 1, after(claimed))
        store.senders.renew(sender, after(settled))
        settle(store, sender, some, outcome, after(settled))


def seconds(store: Store, sender: Sender) -> float:
    return store.ledger.course(sender.mailing).seconds


def test_before_anything_was_answered_there_is_no_course(store: Store) -> None:
    assert store.ledger.course(joined(store, *crowd(1)).mailing) == Course(0.0, 0)


def test_the_throttles_of_every_sender_are_counted(store: Store) -> None:
    sender = joined(store)
    store.senders.renew(replace(sender, throttles=2), AT)
    store.senders.leave(replace(sender, throttles=3), AT)
    later = store.senders.join(sender.mailing, LATER, alone=True)
    store.senders.renew(replace(later, throttles=1), LATER)
    assert store.ledger.course(sender.mailing) == Course(0.0, 4)


def test_a_night_between_two_runs_is_left_out(store: Store) -> None:
    sender = joined(store, *crowd(5))
    answered(store, sender, (0, 0), (0, 0.5), (0.5, 30))
    store.senders.leave(sender, after(30))
    later = store.senders.join(sender.mailing, LATER, alone=True)
    answered(store, later, (3600, 3601), (3601, 3602))
    assert seconds(store, sender) == 30 + 2


def test_a_pause_of_seconds_is_left_out(store: Store) -> None:
    sender = joined(store, *crowd(4))
    answered(store, sender, (0, 1), (1, 2), (20, 21), (21, 22))
    assert seconds(store, sender) == 3


def test_to_wait_for_the_rate_is_work_and_so_is_a_moment_between_two_claims(store: Store) -> None:
    sender = joined(store, *crowd(4))
    answered(store, sender, (0, 1), (1, 31), (35, 60), (60, 90))
    assert seconds(store, sender) == 89


def test_what_may_have_been_a_wait_for_the_account_is_no_pause(store: Store) -> None:
    sender = joined(store, *crowd(4))
    answered(store, sender, (0, 1), (11, 12), (35, 36), (36, 37))
    assert seconds(store, sender) == 3
    store.senders.leave(replace(sender, throttles=2), after(37))
    assert seconds(store, sender) == 13


def test_a_rate_below_one_a_minute_is_held_as_well(store: Store) -> None:
    sender = joined(store, *crowd(3))
    answered(store, sender, (0, 1), (1, 101), (101, 201))
    assert seconds(store, sender) == 0
    store.mailings.order(sender.mailing, Wish.GO, Orders(rate=0.01), LATER)
    assert seconds(store, sender) == 200


@pytest.mark.parametrize("outcome", [Refused("no"), LOST], ids=["refused", "in doubt"])
def test_what_was_answered_otherwise_took_time_too(store: Store, outcome: Outcome) -> None:
    sender = joined(store, *crowd(3))
    answered(store, sender, (0, 1))
    answered(store, sender, (1, 20), outcome=outcome)
    answered(store, sender, (20, 21))
    assert seconds(store, sender) == 20


def test_two_senders_take_no_longer_than_one(store: Store) -> None:
    first = joined(store, *crowd(4))
    second = store.senders.join(first.mailing, AT, alone=False)
    for sender, span in ((first, (0, 1)), (second, (0, 1.5)), (first, (1, 3)), (second, (1.5, 4))):
        answered(store, sender, span)
    assert seconds(store, first) == 3


def test_what_is_known_only_after_the_sender_has_left_tells_nothing_of_the_sending(store: Store) -> None:
    sender = joined(store, *crowd(5))
    answered(store, sender, (0, 1), (1, 2))
    proved, decided, orphaned = claims(store, sender, 3, after(2))
    settle(store, sender, [proved, decided], LOST, after(2))
    store.senders.leave(sender, after(3))
    before = seconds(store, sender)
    proven(store, {proved.delivery_id: "1", orphaned.delivery_id: "2"}, after(20))
    store.ledger.decide(sender.mailing, [decided.delivery_id], State.ACCEPTED, after(30))
    assert store.ledger.account(sender.mailing)[State.ACCEPTED] == 5
    assert before == 2
    assert seconds(store, sender) == 1


def test_what_was_sent_once_more_may_have_gone_out_twice(store: Store) -> None:
    sender = joined(store, *crowd(4))
    settle(store, sender, claims(store, sender), LOST)
    store.ledger.decide(sender.mailing, None, State.PENDING, AT)
    arrived, refused, lost = claims(store, sender, 3)
    settle(store, sender, [arrived])
    settle(store, sender, [refused], Refused("no"))
    settle(store, sender, [lost], LOST)
    assert store.ledger.course(sender.mailing).again == 4, "the one that is still pending went out once, perhaps"
    store.ledger.decide(sender.mailing, [lost.delivery_id], State.PENDING, AT)
    settle(store, sender, claims(store, sender))
    assert store.ledger.course(sender.mailing).again == 5


def test_what_is_proved_before_it_was_sent_once_more_went_out_once(store: Store) -> None:
    sender = joined(store, *crowd(2))
    some = claims(store, sender)
    settle(store, sender, some, LOST)
    store.ledger.decide(sender.mailing, None, State.PENDING, AT)
    proven(store, {some[0].delivery_id: "1"}, AT)
    settle(store, sender, claims(store, sender), Accepted("2"))
    assert store.ledger.course(sender.mailing).again == 1


def test_what_the_transport_did_not_take_for_a_reason_of_its_own_went_out_once(store: Store) -> None:
    sender = joined(store, *crowd(1))
    settle(store, sender, claims(store, sender), Deferred("boom", counts=True))
    settle(store, sender, claims(store, sender))
    assert store.ledger.course(sender.mailing).again == 0


def test_a_decision_leaves_the_other_orders_as_they_are(store: Store) -> None:
    sender = joined(store, *crowd(1))
    settle(store, sender, claims(store, sender), LOST)
    store.mailings.order(sender.mailing, Wish.PAUSE, Orders(rate=5, wait=True), AT)
    store.ledger.decide(sender.mailing, None, State.PENDING, AT)
    (kept,) = store.mailings.of()
    assert (kept.wish, kept.orders) == (Wish.PAUSE, Orders(rate=5, wait=True, again=1))

"""Which open mailings may go on by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.core.orders import Canary, Orders, Wish
from newsletter.core.ways import Allowance
from newsletter.flows.outbox import due
from tests.fakes import NOON, FakeFeedback, FakeTransport
from tests.flows.desk import Desk


@pytest.fixture
def five(desk: Desk) -> Desk:
    desk.add(5)
    return desk


def names(desk: Desk, transport: str = "outbox") -> list[str]:
    found = due(desk.store.mailings, desk.store.ledger, desk.feedback, transport, desk.clock.now())
    return [each.issue for each in found]


def test_what_was_interrupted_is_due_through_its_own_transport_until_it_is_finished(five: Desk) -> None:
    assert names(five) == []
    five.freeze()
    assert names(five) == ["vol-1-issue-6"]
    assert names(five, "ses") == []
    five.send(FakeTransport())
    assert names(five) == []


def test_what_is_scheduled_is_due_from_its_very_moment_on(five: Desk) -> None:
    five.send(FakeTransport(), orders=Orders(begin=NOON + timedelta(minutes=1)), stop_asked=lambda: True)
    assert names(five) == []
    five.clock.sleep(60)
    assert names(five) == ["vol-1-issue-6"]


def test_what_is_paused_is_left_alone(five: Desk) -> None:
    five.freeze()
    five.tell(Wish.PAUSE)
    assert names(five) == []


@pytest.mark.parametrize(("left", "waits"), [(1, False), (2, True)])
def test_a_canary_that_is_out_waits_for_the_editor_where_nobody_listens(five: Desk, left: int, *, waits: bool) -> None:
    five.send(FakeTransport(permits=Allowance(left_today=left)), orders=Orders(canary=Canary(2, 15)))

    assert (names(five) == []) is waits
    assert names(replace(five, feedback=FakeFeedback())) == ["vol-1-issue-6"]

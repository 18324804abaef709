"""What became of the mailings."""

from __future__ import annotations

from newsletter.core.audience import tagged
from newsletter.core.delivery import State
from newsletter.flows.status import named, status
from tests.fakes import LOST, REFUSED, FakeTransport
from tests.flows.desk import Desk, reader


def test_without_mailings_there_is_nothing_to_tell(desk: Desk) -> None:
    assert status(desk.store.mailings, desk.store.ledger, None) == []


def test_every_mailing_has_its_account_oldest_first(desk: Desk) -> None:
    desk.add(3, "us")
    first = desk.send(FakeTransport([REFUSED]), tagged("us")).mailing
    desk.add(5)
    second = desk.send(FakeTransport()).mailing

    found = status(desk.store.mailings, desk.store.ledger, "vol-1-issue-6")

    assert [each.mailing.uid for each in found] == [first.uid, second.uid]
    assert [each.account.counts for each in found] == [{State.ACCEPTED: 2, State.REFUSED: 1}, {State.ACCEPTED: 2}]
    assert [each.mailing for each in status(desk.store.mailings, desk.store.ledger, None)] == [
        each.mailing for each in found
    ]
    assert status(desk.store.mailings, desk.store.ledger, "vol-9-issue-9") == []


def test_those_in_doubt_are_named_before_those_refused(desk: Desk) -> None:
    desk.add(4)
    mailing = desk.send(FakeTransport([REFUSED, LOST])).mailing

    assert [(state, each.address, each.reason) for state, each in named(desk.store.ledger, mailing)] == [
        (State.IN_DOUBT, reader(1), LOST.reason),
        (State.REFUSED, reader(0), REFUSED.reason),
    ]

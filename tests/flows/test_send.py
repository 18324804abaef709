"""Sending as a whole: who gets an issue, and that the account adds up whatever happens."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.core.audience import tagged
from newsletter.core.delivery import Batch, Mailing, Sender, State
from newsletter.core.orders import Wish
from newsletter.core.ports.sending import Ledger
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.core.ways import Allowance, Parcel
from newsletter.edges.store import Store, open_store
from newsletter.errors import MailingBusy, MailingStopped
from newsletter.flows.build import Edition
from newsletter.flows.send import send
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
from tests.stores import empty_store

US = tagged("us")


def test_of_an_account_that_may_not_send_there_is_a_plan_and_no_mailing(desk: Desk) -> None:
    desk.add(4)
    transport = FakeTransport(permits=Allowance(per_second=14, barred="paused", hint="write to Amazon"))

    assert desk.plan(transport).to_send == 4
    with pytest.raises(MailingStopped, match="paused") as raised:
        desk.send(transport)
    assert raised.value.hint == "write to Amazon"
    assert not desk.store.mailings.of()


def test_a_mailing_remembers_what_was_sent_to_whom_by_what(desk: Desk) -> None:
    desk.add(2, "us")

    mailing = desk.send(FakeTransport(name="ses"), US).mailing

    (kept,) = desk.store.mailings.of("vol-1-issue-6")
    assert replace(kept, finished_at=None) == mailing
    assert (kept.digest, kept.audience, kept.transport) == (desk.made.build.digest, "tag:us", "ses")
    assert kept.subject == desk.made.build.restored(desk.made.build.subject)
    assert kept.finished_at == desk.clock.now()


def test_an_empty_list_is_a_mailing_of_nobody(desk: Desk) -> None:
    sent = desk.send(FakeTransport())

    assert (sent.account.intended, sent.stopped, sent.interrupted) == (0, "", False)
    assert desk.store.mailings.unfinished(sent.mailing.issue, sent.mailing.transport) is None


def test_only_the_active_of_the_audience_are_mailed_and_the_others_are_accounted_for(desk: Desk) -> None:
    people = [
        Subscriber(address=f"{standing.value}@example.net", standing=standing, tags=frozenset({"us"}))
        for standing in Standing
    ]
    desk.put(*people, Subscriber(address="untagged@example.net"))
    transport = FakeTransport()

    sent = desk.send(transport, US)

    assert transport.arrived == {"active@example.net": 1}
    assert sent.account.counts == {State.ACCEPTED: 1, State.SUPPRESSED: len(Standing) - 2}


def test_an_interrupted_mailing_goes_on_where_it_stopped(desk: Desk) -> None:
    desk.add(10)
    first, second = FakeTransport(), FakeTransport()

    interrupted = desk.send(first, stop_asked=polled(12))
    sent = desk.send(second)

    assert interrupted.interrupted
    assert interrupted.mailing == sent.mailing
    assert 0 < first.arrived.total() < 10
    assert first.arrived + second.arrived == {reader(number): 1 for number in range(10)}


def test_a_rehearsal_into_the_outbox_keeps_nobody_from_being_mailed(desk: Desk) -> None:
    desk.add(4)
    desk.freeze()  # begun and left unfinished
    outbox, ses = FakeTransport(), FakeTransport(name="ses")

    mailed = desk.send(ses)
    rehearsed = desk.send(outbox)

    assert ses.arrived == outbox.arrived == {reader(number): 1 for number in range(4)}
    assert (mailed.mailing.transport, rehearsed.mailing.transport) == ("ses", "outbox")
    assert desk.plan(ses).to_send == desk.plan(outbox).to_send == 0


def test_nobody_gets_an_issue_twice_through_a_second_audience(desk: Desk) -> None:
    desk.add(4, "us")
    desk.put(*(Subscriber(address=reader(number), tags=frozenset({"eu"})) for number in range(2, 6)))
    first, second, third = FakeTransport(), FakeTransport(), FakeTransport()

    desk.send(first, US)
    overlapping = desk.send(second, tagged("eu"))
    desk.send(third)

    assert overlapping.account.intended == 2
    assert first.arrived + second.arrived == {reader(number): 1 for number in range(6)}
    assert not third.parcels


def test_nobody_gets_an_issue_twice_after_an_import_under_other_tags_or_in_other_case(desk: Desk) -> None:
    desk.add(3, "us")
    desk.send(FakeTransport(), US)
    desk.put(*(Subscriber(address=reader(number).upper(), tags=frozenset({"america"})) for number in range(3)))
    again = FakeTransport()

    planned = desk.plan(again, tagged("america"))
    desk.send(again, tagged("america"))

    assert (planned.to_send, planned.forecast.already) == (0, 3)
    assert not again.parcels


def test_nobody_gets_a_changed_build_of_an_issue_they_have(desk: Desk) -> None:
    desk.add(3)
    desk.send(FakeTransport([LOST, REFUSED]))
    again = FakeTransport()

    desk.changed("A corrected subject").send(again)

    assert not again.parcels


def test_who_joins_after_a_mailing_gets_the_issue_with_the_next(desk: Desk) -> None:
    desk.add(3)
    desk.send(FakeTransport())
    desk.add(5)
    again = FakeTransport()

    assert desk.send(again).account.counts == {State.ACCEPTED: 2}


def test_a_second_sender_is_turned_away(desk: Desk, tmp_path: Path) -> None:
    desk.add(3)
    mailing = desk.freeze()
    transport = FakeTransport()

    with open_store(f"sqlite:///{tmp_path}/newsletter.db") as other:
        second = Desk(desk.made, other)
        first = desk.store.senders.join(mailing, desk.clock.now(), alone=True)
        with pytest.raises(MailingBusy):
            second.send(transport)
        assert not transport.parcels
        desk.store.senders.leave(first, desk.clock.now())
        assert second.send(transport).account.counts == {State.ACCEPTED: 3}


def test_of_two_that_planned_the_same_mailing_the_later_is_turned_away(desk: Desk) -> None:
    desk.add(3)
    transport = FakeTransport()
    stale = desk.plan(transport)
    desk.freeze()

    with pytest.raises(MailingBusy):
        send(stale, desk.office(transport), tell=lambda _: None, stop_asked=lambda: False)


def test_a_plan_that_waited_while_another_finished_sends_nothing_twice(desk: Desk) -> None:
    desk.add(3)
    mailing = desk.freeze()
    late, early = FakeTransport(), FakeTransport()
    stale = desk.plan(late)
    desk.send(early)
    finished = desk.store.mailings.of()[0].finished_at
    desk.clock.sleep(60)

    sent = send(stale, desk.office(late), tell=lambda _: None, stop_asked=lambda: False)

    assert not late.parcels
    assert sent.account.counts == {State.ACCEPTED: 3}
    assert desk.store.mailings.of() == (replace(mailing, finished_at=finished),)


class Defect(Exception):
    pass


ACTS = st.sampled_from([None, None, REFUSED, LOST, AcceptedButLost(), THROTTLE, UNREACHED, PAUSED, Defect])
Script = list[Act | type[Defect] | None]


@dataclass(frozen=True)
class Turn:
    """One run: what the other side does, what the account permits, and what the editor does meanwhile."""

    script: Script
    lanes: int
    left: int | None  # of the quota
    looks: int | None  # until Ctrl-C
    rate: float | None
    bulk: bool
    wish: Wish | None  # told by the first message that arrives
    lease_lost: bool  # after the first claim


TURN = st.builds(
    Turn,
    script=st.lists(ACTS, max_size=12),
    lanes=st.integers(1, 4),
    left=st.none() | st.integers(0, 6),
    looks=st.none() | st.integers(0, 25),
    rate=st.sampled_from([None, 0.5, 20.0]),
    bulk=st.booleans(),
    wish=st.sampled_from([None, None, None, Wish.PAUSE, Wish.CANCEL]),
    lease_lost=st.sampled_from([False, False, False, True]),
)


def acted(script: Script) -> list[Act | None]:
    return [act() if isinstance(act, type) else act for act in script]


class Overslept:
    """The ledger, except that after the first claim the machine sleeps beyond its lease."""

    def __init__(self, desk: Desk, ledger: Ledger) -> None:
        self._desk, self._ledger, self._slept = desk, ledger, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None, details: bool = True) -> Batch:
        batch = self._ledger.claim(sender, limit, at, rate=rate, details=details)
        if not self._slept:
            self._slept = True
            self._desk.clock.sleep(60)
        return batch


def take(turn: Turn, desk: Desk, mailing: Mailing) -> Counter[str]:
    """Send as a turn has it; return who got a message."""
    wishes = iter([turn.wish])

    def tell(_: Parcel) -> None:
        wish = next(wishes, None)
        if wish and desk.store.mailings.unfinished(mailing.issue, mailing.transport):
            desk.tell(wish)

    transport = FakeBulkTransport(
        acted(turn.script), lanes=turn.lanes, permits=Allowance(turn.rate, turn.left), before=tell
    )
    at = desk.in_bulk() if turn.bulk else desk
    office: Any = at.office(transport)
    if turn.lease_lost:
        office = replace(office, ledger=Overslept(at, office.ledger))
    looks = turn.looks if turn.looks is not None or turn.wish is not Wish.PAUSE else 60
    try:
        sent = at.send(transport, office=office, stop_asked=polled(looks) if looks is not None else lambda: False)
        assert sent.account.open == 0 or bool(sent.stopped) != sent.interrupted
        assert not sent.interrupted or looks is not None
    except Defect:
        pass
    assert turn.left is None or transport.arrived.total() <= turn.left
    return transport.arrived


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(TURN, max_size=4), size=st.integers(0, 9), leaver=st.integers(0, 9))
def test_nobody_is_lost_and_nobody_is_doubled_whatever_happens(
    made: Edition, turns: list[Turn], size: int, leaver: int
) -> None:
    arrived: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder, open_store(empty_store(Path(folder))) as store:
        desk = Desk(made, store)
        desk.add(size)
        mailing = desk.freeze()
        for turn in turns:
            if store.mailings.unfinished(mailing.issue, mailing.transport):
                arrived += take(turn, desk, mailing)
            desk.leave(reader(leaver))
            assert store.ledger.account(mailing).intended == size
            still = store.mailings.unfinished(mailing.issue, mailing.transport)
            if still and still.wish is Wish.PAUSE:
                desk.tell(Wish.GO)
        last = FakeTransport(lanes=2)
        if store.mailings.unfinished(mailing.issue, mailing.transport):
            desk.send(last)
        arrived += last.arrived
        check_books(desk, store, arrived, size)


def check_books(desk: Desk, store: Store, arrived: Counter[str], size: int) -> None:
    (mailing,) = store.mailings.of()
    account, where = store.ledger.account(mailing), desk.where(mailing)
    assert mailing.finished_at
    assert account.settled == account.intended == size
    assert where.keys() == {reader(number) for number in range(size)}
    assert all(count == 1 for count in arrived.values())
    for address, state in where.items():
        match state:
            case State.ACCEPTED:
                assert arrived[address] == 1
            case State.REFUSED | State.SUPPRESSED:
                assert arrived[address] == 0
            case _:
                assert state is State.IN_DOUBT

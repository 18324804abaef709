"""Several senders of one mailing, and a sender that loses its lease."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsletter.core.delivery import Batch, Outcome, Renewal, Sender, State
from newsletter.core.ways import Allowance, Parcel
from newsletter.edges.clock import SystemClock
from newsletter.edges.store import open_store
from newsletter.flows.progress import Progress
from newsletter.flows.send import Sent
from tests.fakes import FakeTransport
from tests.flows.desk import Desk, reader
from tests.flows.test_hold import Timed


@dataclass
class Stamped(FakeTransport):
    times: list[float] = field(default_factory=list)

    def send(self, parcel: Parcel) -> Outcome:
        self.times.append(time.monotonic())
        return super().send(parcel)


@pytest.fixture
def neighbour(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    """A second process's desk: its own connections to the same database."""
    with open_store(f"sqlite:///{tmp_path}/newsletter.db") as other:
        yield Desk(desk.made, other, SystemClock())  # type: ignore[arg-type]


@pytest.mark.slow
def test_two_senders_share_a_mailing_and_its_rate_and_mail_nobody_twice(desk: Desk, neighbour: Desk) -> None:
    desk = replace(desk, clock=SystemClock())  # type: ignore[arg-type]
    desk.add(1_000)
    desk.freeze()
    transports = [Stamped(lanes=16, permits=Allowance(per_second=200)) for _ in range(2)]
    ended: list[Sent] = []
    shown: list[Progress] = []

    def work(at: Desk, transport: Stamped) -> None:
        told: list[Progress] = []
        ended.append(at.send(transport, join=True, tell=told.append))
        shown.append(told[-1])

    threads = [threading.Thread(target=work, args=each) for each in zip((desk, neighbour), transports, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    times = sorted([*transports[0].times, *transports[1].times])
    assert sum((each.arrived for each in transports), start=transports[0].arrived.__class__()) == {
        reader(number): 1 for number in range(1_000)
    }
    assert [sent.account.counts for sent in ended] == [{State.ACCEPTED: 1_000}] * 2
    assert [(each.done, each.waiting) for each in shown] == [(1_000, "")] * 2
    assert min(each.arrived.total() for each in transports) > 200
    # Each by itself would be as fast; how near they come on a quiet machine is for `tests.bench.pacing` to say.
    assert (len(times) - 1) / (times[-1] - times[0]) <= 197 * 1.05
    assert len(desk.store.mailings.of()) == 1


class Senders:
    """The senders, except that during some seconds of the clock no lease is made longer."""

    def __init__(self, desk: Desk, begin: float, end: float) -> None:
        self._desk, self._begin, self._end = desk, begin, end
        self.lease_until: datetime | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk.store.senders, name)

    def renew(self, sender: Sender, at: datetime) -> Renewal:
        if self._begin <= self._desk.clock.monotonic() < self._end:
            self.lease_until = sender.lease_until
            return Renewal(sender, 0)
        return self._desk.store.senders.renew(sender, at)


def test_without_a_lease_nothing_is_handed_over_until_it_is_there_again(desk: Desk) -> None:
    desk.add(100)
    transport = Timed(clock=desk.clock, lanes=4, permits=Allowance(per_second=2))
    senders = Senders(desk, 10, 60)

    sent = desk.send(transport, office=dataclasses.replace(desk.office(transport), senders=senders))

    assert senders.lease_until
    lost_at = (senders.lease_until - desk.clock.now()).total_seconds() + desk.clock.monotonic()
    assert transport.within(0, lost_at - 5) >= 30
    assert transport.within(lost_at - 5, 60) == 0
    assert sent.account.counts == {State.ACCEPTED: 100}
    assert transport.arrived == {reader(number): 1 for number in range(100)}


class Suspended:
    """The ledger, except that the machine sleeps after a claim, and another sender finds the lease over."""

    def __init__(self, desk: Desk, other: Sender) -> None:
        self._desk, self._other, self._slept = desk, other, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._desk.store.ledger, name)

    def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None, details: bool = True) -> Batch:
        batch = self._desk.store.ledger.claim(sender, limit, at, rate=rate, details=details)
        if not self._slept:
            self._slept = True
            self._desk.clock.sleep(60)
            renewal = self._desk.store.senders.renew(self._other, self._desk.clock.now())
            assert renewal.orphans == len(batch.claims) > 0
        return batch


def test_who_sleeps_over_their_lease_hands_nothing_over_that_is_in_doubt_meanwhile(desk: Desk) -> None:
    desk.add(10)
    mailing = desk.freeze()
    other = desk.store.senders.join(mailing, desk.clock.now(), alone=False)
    desk.store.senders.renew(other, desk.clock.now() + timedelta(hours=1))
    transport = FakeTransport(lanes=4)
    office: Any = dataclasses.replace(desk.office(transport), ledger=Suspended(desk, other))

    sent = desk.send(transport, join=True, office=office)

    assert sent.account.counts == {State.ACCEPTED: 10}, "it was certain that they had not been handed over"
    assert transport.arrived == {reader(number): 1 for number in range(10)}

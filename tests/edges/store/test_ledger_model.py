"""The ledger against a model of it: whatever senders, clocks, editors and events do, both agree on everybody."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from newsletter.core.delivery import (
    MOST_ATTEMPTS,
    Accepted,
    Deferred,
    InDoubt,
    Mailing,
    Outcome,
    Refused,
    Sender,
    Settlement,
    State,
)
from newsletter.core.orders import AT_ONCE, Wish
from newsletter.core.subscriber import Standing
from newsletter.edges.store import open_store
from newsletter.edges.store.senders import LEASE
from tests.edges.store.examples import AT, EVERYBODY, build, person, proven
from tests.stores import empty_store

OUTCOMES = st.sampled_from(
    [
        Accepted("m"),
        Refused("no"),
        InDoubt("lost"),
        Deferred("throttled", throttled=True),
        Deferred("broken", counts=True),
    ]
)
ENDS = {Accepted: State.ACCEPTED, Refused: State.REFUSED, InDoubt: State.IN_DOUBT}


@dataclass
class Expected:
    """What the model knows of one delivery."""

    address: str
    state: State
    owner: int | None = None
    attempts: int = 0


class LedgerMachine(RuleBasedStateMachine):
    """Two or more senders of one mailing, and everybody else who may change its deliveries."""

    @initialize(readers=st.integers(5, 15))
    def begin(self, readers: int) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(empty_store(Path(self.folder.name)))
        self.now = AT
        self.standings = {f"reader{number}": Standing.ACTIVE for number in range(readers)}
        self.store.subscribers.put([person(name) for name in self.standings], self.now)
        self.senders: list[Sender] = []
        self.leases: dict[int, float] = {}
        self.claimed: dict[int, set[str]] = {}
        self.mailing: Mailing = self.store.mailings.freeze(build(), EVERYBODY, self.now)
        names = {each.address: each.delivery_id for each in self.store.ledger.named(self.mailing, State.PENDING)}
        self.expected = {names[f"{name}@example.org"]: Expected(name, State.PENDING) for name in self.standings}
        self.steps = 0
        for _ in range(2):
            self.a_sender_joins()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    @rule(seconds=st.sampled_from([0.5, 5.0, 15.0, 25.0]))
    def time_passes(self, seconds: float) -> None:
        self.steps += 1
        self.now += timedelta(seconds=seconds)

    @rule(number=st.integers(0, 40))
    def somebody_leaves(self, number: int) -> None:
        name = f"reader{number}"
        if name in self.standings:
            self.standings[name] = Standing.UNSUBSCRIBED
            self.store.subscribers.put([person(name, standing=Standing.UNSUBSCRIBED)], self.now)

    @precondition(lambda self: len(self.senders) < 3)
    @rule()
    def a_sender_joins(self) -> None:
        sender = self.store.senders.join(self.mailing, self.now, alone=False)
        self.senders.append(sender)
        self.claimed[sender.id] = set()
        self._lease(sender)

    @rule(which=st.integers(0, 2))
    def a_lease_is_renewed(self, which: int) -> None:
        sender = self._sender(which)
        self._lease(sender)
        orphans = self._orphans()
        assert self.store.senders.renew(sender, self.now).orphans == orphans

    @rule(which=st.integers(0, 2))
    def a_sender_leaves(self, which: int) -> None:
        sender = self._sender(which)
        self.leases[sender.id] = self.now.timestamp()
        orphans = self._orphans()
        assert self.store.senders.leave(sender, self.now) == orphans

    @rule(which=st.integers(0, 2), limit=st.integers(1, 4))
    def some_are_claimed(self, which: int, limit: int) -> None:
        sender = self._sender(which)
        got = {claim.delivery_id for claim in self.store.ledger.claim(sender, limit, self.now, rate=None).claims}
        assert got == self._claim(sender, limit)
        self.claimed[sender.id] |= got

    @rule(which=st.integers(0, 2), outcome=OUTCOMES, half=st.booleans())
    def some_are_settled(self, which: int, outcome: Outcome, half: bool) -> None:  # noqa: FBT001 - drawn, not written
        sender = self._sender(which)
        ids = sorted(self.claimed[sender.id])[:: 2 if half else 1]
        self.store.ledger.settle(sender, [Settlement(each, outcome) for each in ids], self.now)
        for each in ids:
            self._settle(sender, self.expected[each], outcome)

    @precondition(lambda self: any(each.state is State.IN_DOUBT for each in self.expected.values()))
    @rule(number=st.integers(0, 14))
    def an_event_proves_that_one_was_accepted(self, number: int) -> None:
        delivery, expected = sorted(self.expected.items())[number % len(self.expected)]
        settled = expected.state in {State.PENDING, State.IN_DOUBT}
        assert proven(self.store, {delivery: "proof"}, self.now) == int(settled)
        if settled or expected.state is State.CLAIMED:
            expected.state = State.ACCEPTED

    @rule(state=st.sampled_from([State.ACCEPTED, State.PENDING]))
    def the_editor_decides_on_all_doubts(self, state: State) -> None:
        doubts = [each for each in self.expected.values() if each.state is State.IN_DOUBT]
        assert self.store.ledger.decide(self.mailing, None, state, self.now) == len(doubts)
        for each in doubts:
            each.state, each.owner = state, None

    @precondition(lambda self: self.steps > 6)  # after it, little is left to happen
    @rule()
    def the_editor_cancels(self) -> None:
        self.store.mailings.order(self.mailing, Wish.CANCEL, AT_ONCE, self.now)
        for each in self.expected.values():
            if each.state is State.PENDING:
                each.state = State.SUPPRESSED

    @rule()
    def the_mailing_is_finished_if_it_can_be(self) -> None:
        self.store.mailings.finish(self.mailing, self.now)
        (kept,) = [each for each in self.store.mailings.of("may") if each.id == self.mailing.id]
        still_open = any(not each.state.ends for each in self.expected.values())
        assert not (still_open and kept.finished_at)

    @invariant()
    def both_agree_on_everybody(self) -> None:
        if not hasattr(self, "expected"):
            return
        found = {each.delivery_id: state for state in State for each in self.store.ledger.named(self.mailing, state)}
        assert found == {delivery: each.state for delivery, each in self.expected.items()}
        account = self.store.ledger.account(self.mailing)
        assert account.intended == len(self.expected) == account.settled + account.open
        reached = [each for each in self.expected.values() if each.state is not State.SUPPRESSED]
        assert self.store.mailings.forecast("may", EVERYBODY, "outbox", AT).already == len(reached)

    @rule(which=st.integers(0, 2), times=st.integers(1, MOST_ATTEMPTS + 1))
    def one_fails_again_and_again(self, which: int, times: int) -> None:
        for _ in range(times):
            self.some_are_claimed(which, 1)
            self.some_are_settled(which, Deferred("broken", counts=True), half=False)

    def _sender(self, which: int) -> Sender:
        return self.senders[which % len(self.senders)]

    def _lease(self, sender: Sender) -> None:
        self.leases[sender.id] = (self.now + LEASE).timestamp()

    def _orphans(self) -> int:
        over = {number for number, until in self.leases.items() if until <= self.now.timestamp()}
        orphans = [each for each in self.expected.values() if each.state is State.CLAIMED and each.owner in over]
        for each in orphans:
            each.state = State.IN_DOUBT
        return len(orphans)

    def _claim(self, sender: Sender, limit: int) -> set[str]:
        """Take pending deliveries in their order; who left is suppressed, and the next ones are taken."""
        while True:
            pending = [item for item in self._in_order() if item[1].state is State.PENDING][:limit]
            got = set()
            for delivery, each in pending:
                if self.standings[each.address].mailable:
                    each.state, each.owner, each.attempts = State.CLAIMED, sender.id, each.attempts + 1
                    got.add(delivery)
                else:
                    each.state = State.SUPPRESSED
            if got or not pending:
                return got

    def _in_order(self) -> list[tuple[str, Expected]]:
        return sorted(self.expected.items(), key=lambda item: int(item[0].rpartition("-")[2]))

    def _settle(self, sender: Sender, expected: Expected, outcome: Outcome) -> None:
        if expected.owner != sender.id or expected.state not in {State.CLAIMED, State.IN_DOUBT}:
            return
        if not isinstance(outcome, Deferred):
            expected.state = ENDS[type(outcome)]
            return
        expected.attempts -= int(not outcome.counts)
        spent = expected.attempts >= MOST_ATTEMPTS
        expected.state, expected.owner = (State.REFUSED if spent else State.PENDING), None


LedgerMachine.TestCase.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)
TestTheLedger = pytest.mark.slow(LedgerMachine.TestCase)

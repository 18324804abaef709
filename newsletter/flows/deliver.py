"""Deliver a frozen mailing: claim -> pace -> compose -> transport -> settle, until nothing is pending.

A claim is committed before its message is handed over, and an outcome is written once it is known. Whatever dies in
between leaves a delivery claimed, and once its lease is over it is in doubt instead of being sent again.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from newsletter.core.delivery import Deferred, Sender, Settlement, State
from newsletter.core.orders import Wish
from newsletter.flows.carry import Carrier, Load
from newsletter.flows.hold import Holds
from newsletter.flows.lanes import Landing, Lanes
from newsletter.flows.office import Office
from newsletter.flows.progress import Progress, Speedometer
from newsletter.flows.writing import Writing

LOOK_UP = 0.25  # seconds; how long a wait goes on before what landed is written and a stop is noticed
RENEW_EVERY = 1.0  # seconds; the editor's wishes are learned with it, and take effect within two
LOOK_WHILE_WAITING = 15.0  # seconds; nothing may be left to wait for, and to find out counts the whole mailing
LEASE_MARGIN = 5.0  # seconds before its end, when nothing is handed over any more
NOT_HANDED_OVER = Deferred("claimed, but not handed over")


def deliver(
    sender: Sender,
    carrier: Carrier,
    office: Office,
    holds: Holds,
    *,
    tell: Callable[[Progress], None],
    stop_asked: Callable[[], bool],
) -> Sender:
    """Keep every lane busy until nothing is pending, something stops the mailing, or the editor asks to stop.

    One thread claims, paces and settles; the lanes compose and hand over. What is in flight is always settled, and
    what was claimed but not handed over is given back, whatever ends the run. Return the sender as it is in the end.

    Raises:
        StoreError: the database failed; when outcomes could not be written, they are named in the hint.
        BaseException: a lane met a defect; those deliveries stay claimed and will be in doubt.
    """
    desk = _Desk(sender, carrier, office, holds, tell, stop_asked)
    try:
        with desk.lanes:
            desk.work()
    finally:
        desk.close()
    if desk.defects:
        raise desk.defects[0]
    return desk.sender


class _Desk:
    """The coordinating thread's side: what is held, what flies, what landed and is not yet written."""

    def __init__(
        self,
        sender: Sender,
        carrier: Carrier,
        office: Office,
        holds: Holds,
        tell: Callable[[Progress], None],
        stop_asked: Callable[[], bool],
    ) -> None:
        self.sender = sender
        self.lanes = Lanes(self._carry, carrier.lanes)
        self.defects: list[BaseException] = []
        self._carrier, self._office, self._stop_asked = carrier, office, stop_asked
        self._holds, self._run = holds, holds.run
        self._clock = office.clock
        self._speedometer = Speedometer(tell, office.ledger.account(sender.mailing), office.clock)
        self._held: deque[tuple[float, Load]] = deque()  # with the monotonic moment at which each may start
        self._writing = Writing(office.ledger, office.clock)
        self._renew_at = self._clock.monotonic() + RENEW_EVERY
        self._nothing_pending = False
        self._counted_at = -math.inf

    def work(self) -> None:
        """Start and settle in turns until nothing flies and nothing may or can be started."""
        while True:
            self._renew()
            waiting = self._waiting()
            if self._held and (waiting or self._too_many_held()):
                self._give_back()
            if not waiting:
                self._claim()
                self._start()
            if not self.lanes.calls and not self._held and (self._ending() or self._done(waiting)):
                return
            self._settle(self._collect(self._patience()))

    def close(self) -> None:
        """Write what landed and give back what is held, once every lane has come to rest."""
        self._give_back()
        self._settle(self._collect(0))
        self._writing.write(self.sender)

    def _too_many_held(self) -> bool:
        """Tell whether calls of many are held while, after a bad answer, one is to go alone."""
        return self._run.careful and any(len(load) > 1 for _, load in self._held)

    def _ending(self) -> bool:
        return bool(self._run.stopped or self.defects) or self._stop_asked() or self._wish is Wish.CANCEL

    def _done(self, waiting: str) -> bool:
        """Tell whether nothing is left to do: what other senders have claimed may come back yet."""
        if not self._nothing_pending and not waiting:
            return False
        if self._clock.monotonic() < self._counted_at + (LOOK_WHILE_WAITING if waiting else RENEW_EVERY):
            return False
        self._counted_at = self._clock.monotonic()
        account = self._office.ledger.account(self.sender.mailing)
        self._nothing_pending = not account[State.PENDING]
        self._speedometer.recount(account)
        if not waiting:
            others = f"{account.open:,} {'is' if account.open == 1 else 'are'} with other senders"
            self._speedometer.show(0, waiting=others if account.open else "")
        return not account.open

    @property
    def _wish(self) -> Wish:
        return self.sender.mailing.wish

    def _waiting(self) -> str:
        """Return why nothing may be started now, or nothing."""
        if self._ending():
            return "ending"
        reason = "paused" if self._wish is Wish.PAUSE else self._holds.reason(self.sender, self.lanes.recipients)
        if reason and not self.lanes.calls:
            self._speedometer.show(0, waiting=reason)
        return reason if not self._run.stopped else "ending"

    def _renew(self) -> None:
        """Renew the lease when it is time, and learn what the editor wants."""
        if self._clock.monotonic() < self._renew_at:
            return
        sender = replace(self.sender, throttles=self._run.throttles)
        renewal = self._office.senders.renew(sender, self._clock.now())
        self.sender, self._run.doubts = renewal.sender, self._run.doubts + renewal.orphans
        self._renew_at = self._clock.monotonic() + RENEW_EVERY

    def _claim(self) -> None:
        """Claim some when less is held than starts within a moment, and give each call its start."""
        free = self.lanes.free - len(self._held)
        if self._held or self._nothing_pending or free <= 0:
            return
        room = self._run.room(free, self._carrier.most, self.lanes.recipients)
        if not room:
            return
        self._writing.write(self.sender)
        rate, details = self._run.rate, self._carrier.details
        batch = self._office.ledger.claim(self.sender, room, self._clock.now(), rate=rate, details=details)
        self._nothing_pending = not batch.claims
        start = self._clock.monotonic() + (batch.start - self._clock.now()).total_seconds()
        for load in self._carrier.loads(batch.claims):
            self._held.append((start, load))
            start += len(load) / rate if rate else 0.0

    def _start(self) -> None:
        """Hand over what is due, as far as lanes are free."""
        while self._held and self.lanes.free and not self._ending():
            start, load = self._held[0]
            if max(start, self._run.not_before) > self._clock.monotonic() or (self._run.careful and self.lanes.calls):
                return
            # In this order: what is no longer held when something breaks here is in doubt, and not sent twice.
            self._held.popleft()
            self._run.started = True
            self.lanes.start(load)

    def _patience(self) -> float:
        """Return how many seconds the next thing may take: a landing, a start, a look at the editor's wishes."""
        patience = LOOK_UP
        if self._held and self.lanes.free and not (self._run.careful and self.lanes.calls):
            patience = min(patience, max(self._held[0][0], self._run.not_before) - self._clock.monotonic())
        return max(0.0, min(patience, self._writing.due_in))

    def _carry(self, load: Load) -> Sequence[Settlement]:
        """Compose and hand over one load, in its lane, unless the lease is too near its end."""
        if (self.sender.lease_until - self._clock.now()).total_seconds() < LEASE_MARGIN:
            return [Settlement(each.delivery_id, NOT_HANDED_OVER) for each in load]
        return self._carrier.carry(load)

    def _collect(self, patience: float) -> list[Landing]:
        """Return what has landed, waiting for the first; where nothing flies, let the time pass."""
        if not self.lanes.calls and patience:
            self._clock.sleep(patience)
            patience = 0.0
        return self.lanes.landed(patience)

    def _give_back(self) -> None:
        held = [claim for _, load in self._held for claim in load]
        self._held.clear()
        self._writing.add([Settlement(claim.delivery_id, NOT_HANDED_OVER) for claim in held])
        self._nothing_pending &= not held
        self._writing.write(self.sender)

    def _settle(self, landings: list[Landing]) -> None:
        """Learn from outcomes, and write them down, with those that land a moment later if they can wait."""
        self.defects += [each.result for each in landings if isinstance(each.result, BaseException)]
        news = [each.result for each in landings if not isinstance(each.result, BaseException)]
        self._writing.add([settlement for call in news for settlement in call])
        if not self._writing.due_in or not self.lanes.calls or self._ending():
            self._writing.write(self.sender)
        done = 0
        for call in news:
            outcomes = [settlement.outcome for settlement in call]
            if any(outcome is not NOT_HANDED_OVER for outcome in outcomes):
                self._run.learn(outcomes, self._clock.monotonic())
            deferred = sum(isinstance(outcome, Deferred) for outcome in outcomes)
            self._nothing_pending &= not deferred
            done += len(outcomes) - deferred
        if news:
            self._speedometer.show(done)

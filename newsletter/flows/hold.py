"""What holds a mailing back and lets it go on by itself: a window, the daily quota, a warm-up, a canary."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from newsletter.core.account import Account
from newsletter.core.delivery import Mailing, Sender, State
from newsletter.core.orders import Canary, Orders
from newsletter.core.pace import Pace
from newsletter.core.ports.feedback import Feedback
from newsletter.core.ports.sending import Clock, Ledger, Mailings, Senders
from newsletter.core.reputation import NOTHING_SEEN, reason_to_stop
from newsletter.core.ways import Allowance, Transport
from newsletter.errors import TransportError
from newsletter.flows.run import Run

ASK_AGAIN_AFTER = 60.0  # seconds; others may use the same account, and feedback comes in
GO_ON = "run the same command again; it goes on where it stopped"


@dataclass(frozen=True, slots=True)
class Limit:
    """How many may still go out, and what to do when that is nobody: wait, or stop the mailing."""

    left: int
    reason: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """The ports that tell whether a mailing may go on."""

    mailings: Mailings
    senders: Senders
    ledger: Ledger
    feedback: Feedback
    transport: Transport
    clock: Clock


def ahead(orders: Orders, account: Account | None, *, heard: bool) -> Orders:
    """Return the orders for what is ahead of a mailing: of its canary what is left.

    Where nobody listens (`heard`) the editor looks at it, for as long as it takes: that is no time in a plan.
    """
    if not (canary := orders.canary):
        return orders
    left = _left_of(canary, account) if account else canary.recipients
    if left <= 0 and not heard:
        return replace(orders, canary=None)
    return replace(orders, canary=Canary(max(0, left), canary.minutes if heard else 0.0))


def _left_of(canary: Canary, account: Account) -> int:
    return canary.recipients - account[State.ACCEPTED] - account[State.REFUSED] - account[State.IN_DOUBT]


def sent_today(ledger: Ledger, mailing: Mailing, now: datetime) -> int:
    """Count what has gone out, or may have, since the day (UTC) began."""
    return ledger.sent_since(mailing, _midnight(now))


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date(), time(), now.tzinfo)


class Holds:
    """Whatever may keep a run from claiming; ask `reason` before each claim."""

    def __init__(self, watch: Watch, run: Run, allowance: Allowance) -> None:
        self.run = run
        self._watch, self._allowance = watch, allowance
        self._binding: Limit | None = None
        self._look_at = -math.inf
        self._orders: Orders | None = None
        self._ask_at = watch.clock.monotonic() + ASK_AGAIN_AFTER
        self._used_when_asked = 0
        self._canary_out_since: datetime | None = None

    def reason(self, sender: Sender, flying: int) -> str:
        """Return why nothing may be claimed now, or nothing; set how much is left, stop what may not wait."""
        now = self._watch.clock.now()
        begin, window = sender.mailing.orders.begin, sender.mailing.orders.window
        if begin and begin > now:
            return f"it begins at {begin:%Y-%m-%d %H:%M} UTC"
        if window and (opening := window.open_at(now)) > now:
            return f"the window opens at {opening:%H:%M} UTC"
        spent = self.run.left is not None and self.run.left <= 0
        changed = sender.mailing.orders != self._orders
        due = changed or self._watch.clock.monotonic() >= self._look_at
        if due or (spent and not flying and not self._waits()):
            self._orders = sender.mailing.orders
            self._look(sender)
        if flying or self._binding is None or self.run.left is None or self.run.left > 0:
            return ""
        if not self._binding.waits:
            self.run.stop(self._binding.reason, GO_ON)
        return self._binding.reason

    def _waits(self) -> bool:
        return self._binding is not None and self._binding.waits and self._binding.left <= 0

    def _look(self, sender: Sender) -> None:
        """Find the narrowest limit anew."""
        self._look_at = self._watch.clock.monotonic() + ASK_AGAIN_AFTER
        mailing = sender.mailing
        self._ask(mailing.orders.rate)
        account = self._watch.ledger.account(mailing)
        self._judge(mailing, account)
        if self.run.stopped:
            return
        limits = [limit for limit in (self._quota(mailing), *self._first_steps(sender, account)) if limit]
        self._binding = min(limits, key=lambda limit: limit.left, default=None)
        self.run.left = self._binding.left if self._binding else None

    def _ask(self, rate: float | None) -> None:
        """Ask the account again what it permits; one that cannot be asked now permits what it did.

        `rate` is what the editor asks for, in recipients per second.
        """
        if self._watch.clock.monotonic() < self._ask_at:
            return
        self._ask_at = self._watch.clock.monotonic() + ASK_AGAIN_AFTER
        try:
            allowance = self._watch.transport.allowance()
        except TransportError:
            return
        if allowance.barred:
            self.run.stop(allowance.barred, allowance.hint)
            return
        self._allowance = allowance
        self._used_when_asked = self.run.used
        if pace := Pace.under(self._allowance.per_second, rate):
            self.run.pace = self.run.pace.within(pace.ceiling) if self.run.pace else pace

    def _judge(self, mailing: Mailing, account: Account) -> None:
        tally, seen = self._watch.feedback.tally(mailing), mailing.orders.seen or NOTHING_SEEN
        if tally and (reason := reason_to_stop(tally, account[State.ACCEPTED], seen)):
            again = f"newsletter resume {mailing.issue}, and the same command again"
            self.run.stop(reason, f"find out why; once you have looked: {again}")

    def _quota(self, mailing: Mailing) -> Limit | None:
        left, orders = self._allowance.left_today, mailing.orders
        if left is None:
            return None
        left -= self.run.used - self._used_when_asked + math.ceil(orders.keep_free * (self._allowance.per_day or 0))
        what = f" but for the {orders.keep_free:.0%} kept free" if orders.keep_free else ""
        return Limit(left, f"the account's quota of 24 hours is spent{what}", orders.wait)

    def _first_steps(self, sender: Sender, account: Account) -> list[Limit]:
        """Return what bounds a warm-up and a canary. The sender that joined first counts; others wait for it."""
        orders = sender.mailing.orders
        if not (orders.warm_up or orders.canary):
            return []
        if not self._watch.senders.leads(sender, self._watch.clock.now()):
            return [Limit(0, "another sender goes first", waits=True)]
        return [*self._warm_up(sender.mailing), *self._canary(sender.mailing, account)]

    def _warm_up(self, mailing: Mailing) -> list[Limit]:
        if not (ramp := mailing.orders.warm_up):
            return []
        now = self._watch.clock.now()
        day = (now.date() - mailing.goes_out_at.date()).days
        sent = sent_today(self._watch.ledger, mailing, now)
        tomorrow = _midnight(now) + timedelta(days=1)
        reason = f"the warm-up allows {ramp.allowed(day):,} today; it goes on at {tomorrow:%Y-%m-%d %H:%M} UTC"
        return [Limit(ramp.allowed(day) - sent, reason, waits=True)]

    def _canary(self, mailing: Mailing, account: Account) -> list[Limit]:
        if not (canary := mailing.orders.canary):
            return []
        left = _left_of(canary, account)
        if left > 0:
            return [Limit(left, "the canary is out", waits=True)]
        now = self._watch.clock.now()
        heard = self._watch.feedback.tally(mailing) is not None
        if self._canary_out_since is None:
            self._canary_out_since = now
            if not heard and not self.run.started:
                return self._release(mailing)  # it was out before this run: the editor has looked, and goes on
        back = self._canary_out_since + timedelta(minutes=canary.minutes)
        if not heard:
            return [Limit(0, f"the canary of {canary.recipients:,} is out, and no feedback is read", waits=False)]
        if now >= back:
            return self._release(mailing)
        self._look_at = min(self._look_at, self._watch.clock.monotonic() + (back - now).total_seconds())
        out = f"the canary of {canary.recipients:,} is out; its feedback is waited for until {back:%H:%M:%S} UTC"
        return [Limit(0, out, waits=True)]

    def _release(self, mailing: Mailing) -> list[Limit]:
        """Write that the canary came back well, for every sender to know."""
        # What the editor has told since it was last learned must not be undone.
        latest = self._watch.mailings.unfinished(mailing.issue, mailing.transport) or mailing
        orders = replace(latest.orders, canary=None)
        self._watch.mailings.order(mailing, latest.wish, orders, self._watch.clock.now())
        return []

"""What one run of a mailing learns as it goes: how fast, how many at once, how much of the quota, when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.core.pace import Pace

# So many in a row of the same bad answer mean that something is wrong for all, not for one recipient.
DOUBTS_IN_A_ROW = 5
REFUSALS_IN_A_ROW = 10
WAITS_WHEN_UNREACHED = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)  # seconds; a minute in all, then the mailing stops
SECONDS_PER_CLAIM = 0.25  # what is claimed and not yet handed over when a process dies is in doubt: keep it little
SECONDS_PER_SLOWING = 1.0  # many lanes meet the same throttle at once, which is one reason to slow down, not many


@dataclass(slots=True)
class Run:
    """What one run knows; used by its coordinating thread alone.

    `pace` is None without a limit; `left_today` is what the account's quota of 24 hours still allows.
    """

    pace: Pace | None
    left_today: int | None
    stopped: str = ""
    hint: str = ""
    doubts: int = 0
    _doubts_in_a_row: int = 0
    _refusals_in_a_row: int = 0
    _unreached_in_a_row: int = 0
    _not_before: float = 0.0
    _slowed_at: float = -math.inf

    def room(self, lanes: int, flying: int) -> int:
        """Return how many to claim now: what free lanes can start within a moment, and the quota still allows.

        After a bad answer one message goes out alone: if all of them fail, few are hurt.
        """
        free = lanes - flying
        if self.pace:
            free = min(free, max(1, math.ceil(self.pace.rate * SECONDS_PER_CLAIM)))
        if self._doubts_in_a_row or self._refusals_in_a_row or self._unreached_in_a_row:
            free = min(free, 1 - flying)
        if self.left_today is not None:
            free = min(free, self.left_today - flying)
            if self.left_today <= 0:
                self.stop(
                    "the account's quota of 24 hours is spent",
                    "run the same command again when there is room; it goes on where it stopped",
                )
        return max(0, free)

    def take_start(self, now: float) -> float:
        """Take the next start; return the moment of it."""
        wait = 0.0
        if self.pace:
            self.pace, wait = self.pace.take(now)
        return max(now + wait, self._not_before)

    def stop(self, reason: str, hint: str) -> None:
        """Claim nothing more in this run; the first reason stands."""
        if not self.stopped:
            self.stopped, self.hint = reason, hint

    def learn(self, outcome: Outcome, now: float) -> None:
        """Adapt pace, quota and the stop to one outcome."""
        match outcome:
            case Accepted():
                self._answered()
                self._refusals_in_a_row = 0
                self.pace = self.pace.accepted() if self.pace else None
                self._count_towards_quota()
            case Refused(reason):
                self._answered()
                self._refusals_in_a_row += 1
                if self._refusals_in_a_row >= REFUSALS_IN_A_ROW:
                    what = f"{REFUSALS_IN_A_ROW} deliveries in a row refused"
                    self.stop(f"{what}: {reason}", "look at the reason before you go on")
            case InDoubt(reason):
                self._doubt(reason)
            case Deferred(reason, stop=True, hint=hint):
                self.stop(reason, hint)
            case Deferred(throttled=True):
                self._answered()
                self._slow_down(now)
            case Deferred(reason, hint=hint):
                self._wait_for_network(reason, hint, now)
            case _:
                assert_never(outcome)

    def _answered(self) -> None:
        self._doubts_in_a_row = self._unreached_in_a_row = 0

    def _count_towards_quota(self) -> None:
        if self.left_today is not None:
            self.left_today -= 1

    def _doubt(self, reason: str) -> None:
        self.doubts += 1
        self._doubts_in_a_row += 1
        self._count_towards_quota()  # it may have been accepted
        if self._doubts_in_a_row >= DOUBTS_IN_A_ROW:
            what = f"{DOUBTS_IN_A_ROW} deliveries in a row in doubt"
            self.stop(f"{what}: {reason}", "wait until SES answers again, then run the same command")

    def _slow_down(self, now: float) -> None:
        if now - self._slowed_at >= SECONDS_PER_SLOWING:
            self._slowed_at = now
            self.pace = (self.pace or Pace.of(1.0)).throttled(now)

    def _wait_for_network(self, reason: str, hint: str, now: float) -> None:
        if now < self._not_before:
            return  # it was under way when the network went away: the same failure, seen by another lane
        if self._unreached_in_a_row >= len(WAITS_WHEN_UNREACHED):
            self.stop(reason, f"{hint}, then run the same command".lstrip(", "))
            return
        self._not_before = now + WAITS_WHEN_UNREACHED[self._unreached_in_a_row]
        self._unreached_in_a_row += 1

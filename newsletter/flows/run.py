"""What one run of a mailing learns as it goes: how fast, how many at once, how much of the quota, when to stop."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.core.pace import Pace

# So many in a row of the same bad answer mean that something is wrong for all, not for one recipient.
DOUBTS_IN_A_ROW = 5
REFUSALS_IN_A_ROW = 10
WAITS_WHEN_UNREACHED = (1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0)  # seconds; a minute in all, then the mailing stops
SECONDS_PER_CLAIM = 0.25  # what is claimed and not yet handed over when a process dies is in doubt: keep it little
SECONDS_PER_SLOWING = 1.0  # many lanes meet the same throttle at once, which is one reason to slow down, not many
MOST_CLAIMED = 1_000  # recipients at a time, where calls are of many and the rate is beyond that


@dataclass(slots=True)
class Run:
    """What one run knows; used by its coordinating thread alone.

    `pace` is None without a limit; `left` is how many may still go out for now (quota, canary, warm-up); `used` is how
    many went out, or may have.
    """

    pace: Pace | None
    left: int | None = None
    used: int = 0
    stopped: str = ""
    hint: str = ""
    doubts: int = 0
    started: bool = False  # something was handed over
    throttles: int = 0
    not_before: float = 0.0  # monotonic seconds; nothing starts earlier
    _doubts_in_a_row: int = 0
    _refusals_in_a_row: int = 0
    _unreached_in_a_row: int = 0
    _slowed_at: float = -math.inf

    @property
    def rate(self) -> float | None:
        """Return how many recipients per second may start now."""
        return self.pace.rate if self.pace else None

    @property
    def careful(self) -> bool:
        """Tell whether the last answer was bad: then one message goes out alone, so that few are hurt if all fail."""
        return bool(self._doubts_in_a_row or self._refusals_in_a_row or self._unreached_in_a_row)

    def room(self, free: int, most: int, flying: int) -> int:
        """Return how many recipients to claim now: what can start within a moment, and `left` allows.

        `free` lanes take up to `most` recipients each; `flying` recipients are under way. Calls of many are so quick
        that more of them are claimed at once than there are lanes.
        """
        room = free if most == 1 else MOST_CLAIMED
        if self.careful:
            room = 0 if flying else 1
        elif self.pace:
            room = min(room, max(min(most, math.floor(self.pace.rate) or 1), self._soon(self.pace.rate, most)))
        if self.left is not None:
            room = min(room, self.left - flying)
        return max(0, room)

    def _soon(self, rate: float, most: int) -> int:
        """Return what starts within a moment, in whole calls."""
        return math.ceil(rate * SECONDS_PER_CLAIM / most) * most

    def stop(self, reason: str, hint: str) -> None:
        """Claim nothing more in this run; the first reason stands."""
        if not self.stopped:
            self.stopped, self.hint = reason, hint

    def learn(self, outcomes: Sequence[Outcome], now: float) -> None:
        """Adapt pace, quota and the stop to the answer of one call, which has an outcome for each recipient."""
        bad = [each for each in outcomes if not isinstance(each, Accepted)]  # nearly always none
        accepted = len(outcomes) - len(bad)
        doubts = [each for each in bad if isinstance(each, InDoubt)]
        refused = [each for each in bad if isinstance(each, Refused)]
        deferred = [each for each in bad if isinstance(each, Deferred)]
        self.doubts += len(doubts)
        used = accepted + len(doubts)  # what is in doubt may have been accepted
        self.used += used
        if self.left is not None:
            self.left -= used
        if self.pace and accepted:
            self.pace = self.pace.accepted(accepted)
        if accepted:
            self._answered()
            self._refusals_in_a_row = 0
        elif refused:
            self._answered()
            self._refuse(refused[0].reason)
        elif doubts:
            self._doubt(doubts[0].reason)
        self._put_off(deferred, now, alone=len(deferred) == len(outcomes))

    def _put_off(self, deferred: Sequence[Deferred], now: float, *, alone: bool) -> None:
        for each in deferred:
            if each.stop:
                self.stop(each.reason, each.hint)
        if any(each.throttled for each in deferred):
            self._slow_down(now)
        if alone and any(each.throttled or each.counts for each in deferred):
            self._answered()
        elif alone and deferred and not self.stopped:
            self._wait_for_network(deferred[0], now)

    def _answered(self) -> None:
        self._doubts_in_a_row = self._unreached_in_a_row = 0

    def _refuse(self, reason: str) -> None:
        self._refusals_in_a_row += 1
        if self._refusals_in_a_row >= REFUSALS_IN_A_ROW:
            what = f"{REFUSALS_IN_A_ROW} deliveries in a row refused"
            self.stop(f"{what}: {reason}", "look at the reason before you go on")

    def _doubt(self, reason: str) -> None:
        self._doubts_in_a_row += 1
        if self._doubts_in_a_row >= DOUBTS_IN_A_ROW:
            what = f"{DOUBTS_IN_A_ROW} calls in a row in doubt"
            self.stop(f"{what}: {reason}", "wait until SES answers again, then run the same command")

    def _slow_down(self, now: float) -> None:
        self.throttles += 1
        if now - self._slowed_at >= SECONDS_PER_SLOWING:
            self._slowed_at = now
            self.pace = (self.pace or Pace.of(1.0)).throttled(now)
            self.not_before = max(self.not_before, self.pace.next_at)

    def _wait_for_network(self, unreached: Deferred, now: float) -> None:
        if now < self.not_before:
            return  # it was under way when the network went away: the same failure, seen by another lane
        if self._unreached_in_a_row >= len(WAITS_WHEN_UNREACHED):
            self.stop(unreached.reason, f"{unreached.hint}, then run the same command".lstrip(", "))
            return
        self.not_before = now + WAITS_WHEN_UNREACHED[self._unreached_in_a_row]
        self._unreached_in_a_row += 1

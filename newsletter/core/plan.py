"""What a send will take: when it goes out, where it pauses, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import accumulate

from newsletter.core.orders import Canary, Orders, WarmUp

# US dollars for a thousand messages (Amazon SES, "Pricing", outbound email; the free tier and data are not counted).
PRICE_OF_A_THOUSAND = 0.10
DAY = timedelta(days=1)
MOST_LEGS = 60


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of sending without a pause; `why` says what ends it, and is empty at the end of the mailing."""

    begin: datetime
    end: datetime
    recipients: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Means:
    """What the account permits: recipients per second, and per 24 hours; None is without limit."""

    per_second: float | None
    left_today: int | None
    per_day: int | None


def cost(recipients: int) -> float:
    """Return what Amazon SES asks for so many recipients, in US dollars."""
    return recipients / 1000 * PRICE_OF_A_THOUSAND


def legs(
    recipients: int, means: Means, orders: Orders, now: datetime, *, since: datetime | None = None, sent_today: int = 0
) -> Sequence[Leg]:
    """Return the stretches in which so many recipients go out, from `now` (UTC) on, at most MOST_LEGS.

    What a stretch took of the quota is taken to be free again a day after it began, and what others took a day from
    now. A mailing that is continued has warmed up `since` it began (UTC), and has sent so many today; of its canary
    `orders` has what is left, and one of nobody is waited for from the beginning.
    """
    course = _Course(means, orders, now, since or max(now, orders.begin or now), sent_today)
    now = max(now, orders.begin or now)
    found = list[Leg]()
    while recipients > 0 and len(found) < MOST_LEGS:
        begin = orders.window.open_at(now) if orders.window else now
        bounds = [_Bound(recipients, "", begin), *course.bounds(begin, found)]
        narrowest = min(bounds, key=lambda bound: bound.count)
        count = max(0, narrowest.count)
        end = begin + timedelta(seconds=count / course.rate)
        recipients -= count
        found.append(Leg(begin, end, count, narrowest.why if recipients else ""))
        now = max(narrowest.again, end)
    return found


@dataclass(frozen=True, slots=True)
class _Bound:
    """What ends a stretch: after how many, why, and when it can go on."""

    count: int
    why: str
    again: datetime


@dataclass(frozen=True, slots=True)
class _Course:
    """What bounds the stretches of one mailing; `now`: when it is planned, `since`: when its warm-up begins."""

    means: Means
    orders: Orders
    now: datetime
    since: datetime
    sent_today: int

    @property
    def rate(self) -> float:
        return min((each for each in (self.means.per_second, self.orders.rate) if each), default=math.inf)

    def bounds(self, begin: datetime, before: Sequence[Leg]) -> Iterator[_Bound]:
        """Yield what may end the stretch that begins at a moment after others."""
        if self.means.left_today is not None:
            yield from self._quota(begin, before, self.means.left_today)
        if self.orders.warm_up:
            yield self._ramp(begin, before, self.orders.warm_up)
        if self.orders.window:
            closing = self.orders.window.close_after(begin)
            if self.rate < math.inf:
                count = max(1, math.floor((closing - begin).total_seconds() * self.rate))
                yield _Bound(count, "the window closes", closing)
        if self.orders.canary:
            yield from self._canary(begin, before, self.orders.canary)

    def _quota(self, begin: datetime, before: Sequence[Leg], left_today: int) -> Iterator[_Bound]:
        per_day = left_today if self.means.per_day is None else self.means.per_day
        taken = [(self.now, per_day - left_today), *((leg.begin, leg.recipients) for leg in before)]
        recent = [(when, count) for when, count in taken if count > 0 and when + DAY > begin]
        left = per_day - math.ceil(self.orders.keep_free * per_day) - sum(count for _, count in recent)
        if left / self.rate < DAY.total_seconds():  # slower than that, it is free again as fast as it is spent
            again = min((when for when, _ in recent), default=begin) + DAY
            yield _Bound(left, "the quota of 24 hours is spent", again)

    def _ramp(self, begin: datetime, before: Sequence[Leg], ramp: WarmUp) -> _Bound:
        today = begin.date()
        sent = sum(leg.recipients for leg in before if leg.begin.date() == today)
        sent += self.sent_today if today == self.now.date() else 0
        tomorrow = datetime.combine(today, time(), begin.tzinfo) + DAY
        allowed = ramp.allowed((today - self.since.date()).days)
        return _Bound(allowed - sent, "the warm-up's day is full", tomorrow)

    def _canary(self, begin: datetime, before: Sequence[Leg], canary: Canary) -> Iterator[_Bound]:
        """Yield what lets the canary alone out, and then waits from the moment at which the last of it was out."""
        why = "the canary's feedback is waited for" if canary.minutes else "the canary is out"
        wait = timedelta(minutes=canary.minutes)
        sent = list(accumulate(leg.recipients for leg in before))
        left = canary.recipients - (sent[-1] if sent else 0)
        if left > 0:
            yield _Bound(left, why, begin + timedelta(seconds=left / self.rate) + wait)
            return
        out_at = next(
            (leg.end for leg, by_then in zip(before, sent, strict=True) if by_then >= canary.recipients), begin
        )
        if begin < out_at + wait:
            yield _Bound(0, why, out_at + wait)

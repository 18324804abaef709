"""What a send will take: when it goes out, where it pauses, what it costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from newsletter.core.orders import Orders

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


def legs(recipients: int, means: Means, orders: Orders, now: datetime) -> Sequence[Leg]:
    """Return the stretches in which so many recipients go out, from `now` (UTC) on, at most MOST_LEGS.

    The quota of 24 hours is taken to be whole again a day after the stretch that spent it began.
    """
    found = list(_legs(recipients, means, orders, max(now, orders.begin or now)))
    return found[:MOST_LEGS]


def _legs(recipients: int, means: Means, orders: Orders, now: datetime) -> Iterator[Leg]:
    rate = min((each for each in (means.per_second, orders.rate) if each), default=math.inf)
    free = math.ceil(orders.keep_free * (means.per_day or 0))
    quota = None if means.left_today is None else max(0, means.left_today - free)
    first_day, warm = now.date(), 0
    for _ in range(MOST_LEGS):
        if recipients <= 0:
            return
        begin = orders.window.open_at(now) if orders.window else now
        bounds = [(recipients, "", begin)]
        if quota is not None:
            bounds.append((quota, "the quota of 24 hours is spent", begin + DAY))
        if orders.warm_up:
            tomorrow = datetime.combine(begin.date(), time(), begin.tzinfo) + DAY
            allowed = orders.warm_up.allowed((begin.date() - first_day).days) - warm
            bounds.append((allowed, "the warm-up's day is full", tomorrow))
        if orders.window:
            closing = orders.window.close_after(begin)
            seconds = (closing - begin).total_seconds()
            bounds.append((math.floor(seconds * rate) if rate < math.inf else recipients, "the window closes", closing))
        count, why, again = min(bounds, key=lambda bound: bound[0])
        count = max(0, count)
        end = begin + timedelta(seconds=count / rate)
        recipients -= count
        yield Leg(begin, end, count, why if recipients else "")
        quota = None if quota is None else _quota_after(quota - count, means, free)
        warm = warm + count if again.date() == begin.date() else 0
        now = max(again, end)


def _quota_after(left: int, means: Means, free: int) -> int:
    return left if left > 0 else max(0, (means.per_day or 0) - free)

"""Orders: how the editor wants a mailing sent. They are kept with the mailing, so that every sender follows them."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from newsletter.core.reputation import Seen

_RAMP_ENDS_AT = 10**9


class Wish(StrEnum):
    """What the editor wants of a mailing now."""

    GO = "go"
    PAUSE = "pause"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of a day, in UTC, in which mail may go out; it may reach over midnight."""

    begin: time
    end: time

    def open_at(self, moment: datetime) -> datetime:
        """Return the first moment from `moment` (UTC) on at which mail may go out."""
        now = moment.time()
        over_midnight = self.begin >= self.end
        inside = now >= self.begin or now < self.end if over_midnight else self.begin <= now < self.end
        if inside:
            return moment
        opening = datetime.combine(moment.date(), self.begin, moment.tzinfo)
        return opening if opening > moment else opening + timedelta(days=1)

    def close_after(self, moment: datetime) -> datetime:
        """Return when it closes, for a moment (UTC) inside it."""
        closing = datetime.combine(moment.date(), self.end, moment.tzinfo)
        return closing if closing > moment else closing + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Canary:
    """A first part that goes out alone; the rest follows once its feedback has been waited for."""

    recipients: int
    minutes: float


@dataclass(frozen=True, slots=True)
class WarmUp:
    """A new domain's ramp: at most `first` recipients on the first day (UTC), `growth` times as many each next day."""

    first: int
    growth: float

    def allowed(self, day: int) -> int:
        """Return how many may go out on a day; the first is 0. After a billion the ramp is level."""
        if day * math.log(self.growth) + math.log(self.first) > math.log(_RAMP_ENDS_AT):
            return _RAMP_ENDS_AT
        return math.floor(self.first * self.growth**day)


@dataclass(frozen=True, slots=True)
class Orders:
    """Everything that the editor may ask for; what is left out is as fast as the account allows, at once.

    `begin` (UTC) is when it may start. `rate` is in recipients per second, for all senders together. `keep_free` is the
    share of the daily quota that is left to others. `wait`: at the end of the quota, wait for room rather than stop.
    `seen` is what had come back when the editor last let it go on, `again` how many in doubt were to be sent once more.
    """

    begin: datetime | None = None
    rate: float | None = None
    keep_free: float = 0.0
    wait: bool = False
    window: Window | None = None
    canary: Canary | None = None
    warm_up: WarmUp | None = None
    seen: Seen | None = None
    again: int = 0

    def renewed(self, given: Orders) -> Orders:
        """Return these orders with those that are given now in place of what they replace."""
        changes = {each.name: getattr(given, each.name) for each in fields(given)}
        return replace(self, **{name: value for name, value in changes.items() if value != getattr(AT_ONCE, name)})

    def written(self) -> str:
        """Return the orders as JSON."""
        return json.dumps({key: value for key, value in asdict(self).items() if value}, default=str)

    @classmethod
    def read(cls, text: str) -> Orders:
        """Return what `written` wrote."""
        data = json.loads(text)
        begin = data.pop("begin", None)
        window, canary, warm_up = data.pop("window", None), data.pop("canary", None), data.pop("warm_up", None)
        seen = data.pop("seen", None)
        return cls(
            **data,
            begin=datetime.fromisoformat(begin) if begin else None,
            window=Window(time.fromisoformat(window["begin"]), time.fromisoformat(window["end"])) if window else None,
            canary=Canary(**canary) if canary else None,
            warm_up=WarmUp(**warm_up) if warm_up else None,
            seen=Seen(**seen) if seen else None,
        )


AT_ONCE = Orders()

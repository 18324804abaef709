"""How fast to send: near the account's rate, slower after a throttle, back to full speed by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

# SES counts its rate in a bucket of its own; starting at the very rate would meet its edge whenever clocks or the
# network bunch two calls together. The bucket holds one second: at a few a second it forgives next to nothing.
SHARE = 0.985
SHARE_OF_FEW = 0.95
FEW = 5.0  # recipients per second
SLOWER = 0.7
FASTER = 1.01  # per accepted message; a hundred bring back what one throttle took, and more
SLOWEST = 0.2  # recipients per second


@dataclass(frozen=True, slots=True)
class Pace:
    """When the next message may start. Rates are recipients per second, times are seconds of one monotonic clock."""

    ceiling: float
    rate: float
    next_at: float = 0.0

    @classmethod
    def of(cls, per_second: float) -> Pace:
        """Return the pace for an account's rate."""
        ceiling = per_second * (SHARE if per_second >= FEW else SHARE_OF_FEW)
        return cls(ceiling, ceiling)

    @classmethod
    def under(cls, account: float | None, asked: float | None) -> Pace | None:
        """Return the pace for an account's rate, or exactly that which the editor asks for if it is slower.

        Both are recipients per second, and None where there is no limit.
        """
        paces = [cls.of(account)] if account else []
        paces += [cls(asked, asked)] if asked else []
        return min(paces, key=lambda pace: pace.ceiling, default=None)

    def take(self, now: float) -> tuple[Pace, float]:
        """Take the next start; return the pace after it and the seconds to wait before starting.

        Starts are never saved up: after a pause the spacing is the same as before.
        """
        start = max(now, self.next_at)
        return replace(self, next_at=start + 1 / self.rate), start - now

    def within(self, ceiling: float) -> Pace:
        """Return the pace under another ceiling; what a throttle took stays taken."""
        return replace(self, ceiling=ceiling, rate=min(self.rate, ceiling))

    def throttled(self, now: float) -> Pace:
        """Return a slower pace that also lets the account's bucket fill for a moment."""
        rate = max(min(SLOWEST, self.ceiling), self.rate * SLOWER)
        return replace(self, rate=rate, next_at=max(self.next_at, now + 1 / rate))

    def accepted(self, count: int = 1) -> Pace:
        """Return a pace a little nearer to the ceiling, by what so many accepted messages bring back."""
        if self.rate >= self.ceiling:
            return self
        return replace(self, rate=min(self.ceiling, self.rate * FASTER ** min(count, 1_000)))

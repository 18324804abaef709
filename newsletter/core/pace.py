"""How fast to send: evenly spaced starts, slower after a throttle, back to full speed by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace

# SES counts its rate in a bucket of its own; starting at the very rate would meet its edge whenever clocks or the
# network bunch two calls together.
SHARE = 0.95
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
        return cls(per_second * SHARE, per_second * SHARE)

    def take(self, now: float) -> tuple[Pace, float]:
        """Take the next start; return the pace after it and the seconds to wait before starting.

        Starts are never saved up: after a pause the spacing is the same as before.
        """
        start = max(now, self.next_at)
        return replace(self, next_at=start + 1 / self.rate), start - now

    def throttled(self, now: float) -> Pace:
        """Return a slower pace that also lets the account's bucket fill for a moment."""
        rate = max(min(SLOWEST, self.ceiling), self.rate * SLOWER)
        return replace(self, rate=rate, next_at=max(self.next_at, now + 1 / rate))

    def accepted(self) -> Pace:
        """Return a pace a little nearer to the ceiling."""
        return self if self.rate >= self.ceiling else replace(self, rate=min(self.ceiling, self.rate * FASTER))

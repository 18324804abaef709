"""The sending rate and the daily quota, both counted in recipients."""

from collections import deque
from typing import Final

from tests.doubles.errors import quota_exceeded, rate_exceeded
from tests.doubles.settings import Settings

DAY_SECONDS: Final = 24 * 3600
_SLOT_SECONDS: Final = 60
_ROUNDING: Final = 1e-6


class Limits:
    """A bucket that refills at the sending rate and may go into debt, and a rolling count of 24 hours."""

    def __init__(self) -> None:
        self._spent = 0.0
        self._spent_at = 0.0
        self._slots: deque[tuple[int, int]] = deque()
        self._sent = 0

    def take(self, settings: Settings, now: float, *, recipients: int, towards_quota: int) -> None:
        """Count a message, or refuse it: as with SES, it passes while any of the rate is left."""
        quota = settings.max_24_hour_send
        if quota >= 0 and self.sent(settings, now) + towards_quota > quota:
            raise quota_exceeded(settings.quota_error)
        burst = max(1.0, settings.max_send_rate)
        elapsed = max(0.0, now - self._spent_at)
        spent = max(0.0, self._spent - elapsed * settings.max_send_rate)
        if spent > burst - 1 + _ROUNDING:
            raise rate_exceeded()
        self._spent, self._spent_at = spent + recipients, now
        self._count(int(now // _SLOT_SECONDS), towards_quota)

    def sent(self, settings: Settings, now: float) -> int:
        """Return how many recipients the last 24 hours had."""
        oldest = (now - DAY_SECONDS) // _SLOT_SECONDS
        while self._slots and self._slots[0][0] < oldest:
            self._sent -= self._slots.popleft()[1]
        return settings.sent_last_24_hours + self._sent

    def _count(self, slot: int, recipients: int) -> None:
        before = self._slots.pop()[1] if self._slots and self._slots[-1][0] == slot else 0
        self._slots.append((slot, before + recipients))
        self._sent += recipients

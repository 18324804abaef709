"""How far a mailing is and how fast it goes, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from newsletter.core.account import Account
from newsletter.core.ports.sending import Clock


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a mailing is; `waiting` says for what, if it is."""

    done: int
    intended: int
    per_second: float | None
    waiting: str = ""


class Speedometer:
    """Counts what is done and tells of it."""

    def __init__(self, tell: Callable[[Progress], None], account: Account, clock: Clock) -> None:
        self._tell, self._clock = tell, clock
        self._intended, self._done = account.intended, account.settled
        self._before, self._began = account.settled, clock.monotonic()

    def recount(self, account: Account) -> None:
        """Count what other senders did as well; the rate stays that of this one."""
        others = account.settled - self._done
        self._done += others
        self._before += others

    def show(self, more: int, *, waiting: str = "") -> None:
        """Tell that so many more are done, or what is waited for."""
        self._done += more
        elapsed = self._clock.monotonic() - self._began
        rate = (self._done - self._before) / elapsed if elapsed > 0 else None
        self._tell(Progress(self._done, self._intended, rate, waiting))

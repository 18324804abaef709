"""Outcomes on their way into the ledger: gathered for a moment, then written together, whatever the database does."""

from __future__ import annotations

import math
from collections.abc import Sequence

from newsletter.core.delivery import Sender, Settlement
from newsletter.core.ports.sending import Clock, Ledger
from newsletter.errors import StoreError

WRITE_AFTER = 0.1  # seconds that outcomes may wait to be written together: a transaction costs more than they do
WRITE_AT_ONCE = 1_000  # recipients whose outcomes wait for nothing more
SETTLE_AGAIN_AFTER = (0.5, 1.0, 2.0, 4.0)  # seconds; what is known must not be lost to a database that is busy


class Writing:
    """What is known and not yet written."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self._unwritten: list[Settlement] = []
        self._write_at = math.inf

    def add(self, settlements: Sequence[Settlement]) -> None:
        """Take more; the first of them says when all are due."""
        if settlements and not self._unwritten:
            self._write_at = self._clock.monotonic() + WRITE_AFTER
        self._unwritten += settlements

    @property
    def due_in(self) -> float:
        """Return in how many seconds it must be written: infinite where there is nothing."""
        if not self._unwritten:
            return math.inf
        if len(self._unwritten) >= WRITE_AT_ONCE:
            return 0.0
        return max(0.0, self._write_at - self._clock.monotonic())

    def write(self, sender: Sender) -> None:
        """Write all of it, again and again for some seconds if the database is in trouble.

        Raises:
            StoreError: it could not be written; the hint names it, for the database will call it in doubt.
        """
        if not self._unwritten:
            return
        for pause in (*SETTLE_AGAIN_AFTER, None):
            try:
                self._ledger.settle(sender, self._unwritten, self._clock.now())
            except StoreError as err:
                if pause is None:
                    raise self._forgotten(err) from err
                self._clock.sleep(pause)
            else:
                self._unwritten.clear()
                return

    def _forgotten(self, err: StoreError) -> StoreError:
        known = "; ".join(f"{each.delivery_id}: {each.outcome}" for each in self._unwritten)
        return StoreError(
            f"{err.message}; {len(self._unwritten)} outcomes could not be written and will be in doubt",
            hint=f"{err.hint}. What is known of them: {known}",
        )

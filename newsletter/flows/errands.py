"""What nobody waits for: done in the background, tried again while it fails, and given up after a while."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from newsletter.errors import NewsletterError

PAUSES: Final = (5.0, 30.0, 120.0, 600.0, 1800.0)  # seconds after each failure; then it is given up
MOST: Final = 1_000  # errands at a time
WORKERS: Final = 4
PATIENCE: Final = 20.0  # seconds at the end for those that were not tried yet

Errand = Callable[[], bool]  # does it, and tells whether that worked
Later = Callable[[str, Errand], None]  # does an errand soon, unless one of the same name still waits


@dataclass(order=True, slots=True)
class _Waiting:
    due: float
    number: int
    name: str = field(compare=False)
    errand: Errand = field(compare=False)
    tried: int = field(default=0, compare=False)


class Errands:
    """Implements `Later` with some threads, and remembers nothing when the program ends."""

    def __init__(
        self, tell: Callable[[str], None], report: Callable[[Exception], object], pauses: Sequence[float] = PAUSES
    ) -> None:
        """Begin to work.

        `tell` is told in one line what was not done, never for whom; `report` hears of defects.
        """
        self._tell, self._report, self._pauses = tell, report, pauses
        self._waiting: list[_Waiting] = []
        self._names, self._numbers = set[str](), count()
        self._changed, self._closed = threading.Condition(), False
        self._workers = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
        for worker in self._workers:
            worker.start()

    def __call__(self, name: str, errand: Errand) -> None:
        """Do an errand soon; one of the same name that still waits is enough."""
        with self._changed:
            if name in self._names:
                return
            full = len(self._names) >= MOST or self._closed
            if not full:
                self._names.add(name)
                self._put(_Waiting(time.monotonic(), next(self._numbers), name, errand))
        if full:
            self._tell("a mail that asks to confirm was not sent: too many wait already; who signs up again gets one")

    def close(self) -> None:
        """End, once what was never tried has been, or patience is over."""
        with self._changed:
            self._closed = True
            self._waiting = [each for each in self._waiting if not each.tried]
            heapq.heapify(self._waiting)
            self._changed.notify_all()
        until = time.monotonic() + PATIENCE
        for worker in self._workers:
            worker.join(max(0.0, until - time.monotonic()))
        if self._names:
            self._tell(f"not sent, of mails that ask to confirm: {len(self._names):,}; who signs up again gets one")

    def _put(self, waiting: _Waiting) -> None:
        heapq.heappush(self._waiting, waiting)
        self._changed.notify()

    def _work(self) -> None:
        while (waiting := self._next()) is not None:
            done = self._done(waiting)
            with self._changed:
                if done or waiting.tried >= len(self._pauses):
                    self._names.discard(waiting.name)
                    if not done:
                        self._tell(f"a mail that asks to confirm was not sent after {waiting.tried + 1} tries")
                elif not self._closed:
                    waiting.due = time.monotonic() + self._pauses[waiting.tried]
                    waiting.tried += 1
                    self._put(waiting)

    def _next(self) -> _Waiting | None:
        with self._changed:
            while True:
                if self._closed and not self._waiting:
                    return None
                wait = self._waiting[0].due - time.monotonic() if self._waiting else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._waiting)
                self._changed.wait(wait)

    def _done(self, waiting: _Waiting) -> bool:
        try:
            return waiting.errand()
        except NewsletterError as err:
            self._tell(err.message)
            return False
        except Exception as err:  # noqa: BLE001 - nobody else hears of it, and the other errands go on
            self._report(err)
            return True

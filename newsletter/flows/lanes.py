"""Lanes: threads that each carry one load at a time, and put down what became of it.

An executor would make a future of each load, with a lock and a condition that nobody waits for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

from newsletter.core.delivery import Settlement
from newsletter.flows.carry import Load


@dataclass(frozen=True, slots=True)
class Landing:
    """What a lane puts down: what became of its load, or the defect that it met."""

    load: Load
    result: Sequence[Settlement] | BaseException


class Lanes:
    """Up to `most` threads, begun as they are needed; at the end of the block all have come to rest."""

    def __init__(self, carry: Callable[[Load], Sequence[Settlement]], most: int) -> None:
        """`carry` is what a lane does with a load."""
        self.calls = self.recipients = 0  # under way
        self._carry, self._most = carry, most
        self._started: SimpleQueue[Load | None] = SimpleQueue()
        self._landed: SimpleQueue[Landing] = SimpleQueue()
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        for _ in self._threads:
            self._started.put(None)
        for thread in self._threads:
            thread.join()

    @property
    def free(self) -> int:
        """Return how many lanes carry nothing."""
        return self._most - self.calls

    def start(self, load: Load) -> None:
        """Hand a load to a lane that is free."""
        if self.calls == len(self._threads) < self._most:
            thread = Thread(target=self._run, name=f"lane_{self.calls}")
            thread.start()
            self._threads.append(thread)
        self.calls += 1
        self.recipients += len(load)
        self._started.put(load)

    def landed(self, patience: float) -> list[Landing]:
        """Return what has landed since; wait up to so many seconds for the first."""
        landings: list[Landing] = []
        if patience and self._landed.empty():
            try:
                landings.append(self._landed.get(timeout=patience))
            except Empty:
                return landings
        while not self._landed.empty():
            landings.append(self._landed.get())
        self.calls -= len(landings)
        self.recipients -= sum(len(each.load) for each in landings)
        return landings

    def _run(self) -> None:
        while (load := self._started.get()) is not None:
            try:
                self._landed.put(Landing(load, self._carry(load)))
            except BaseException as err:  # noqa: BLE001 - handed to who started it, which raises it
                self._landed.put(Landing(load, err))

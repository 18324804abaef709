"""Ask many questions at the same time, and wait for none longer than agreed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from newsletter.core.ports.sending import Clock

Key = TypeVar("Key")
Answer = TypeVar("Answer")


def together(questions: Mapping[Key, Callable[[], Answer]], clock: Clock, patience: float) -> Mapping[Key, Answer]:
    """Return the answers that came within `patience` seconds.

    A question that hangs is left behind in its thread, which ends with the program. An error of one is raised.
    """
    answers: SimpleQueue[tuple[Key, Answer | BaseException]] = SimpleQueue()
    for key, question in questions.items():
        Thread(target=_ask, args=(key, question, answers), daemon=True).start()
    until, found = clock.monotonic() + patience, dict[Key, Answer]()
    while len(found) < len(questions):
        try:
            key, answer = answers.get(timeout=max(0.0, until - clock.monotonic()))
        except Empty:
            break
        if isinstance(answer, BaseException):
            raise answer
        found[key] = answer
    return found


def _ask(key: Key, question: Callable[[], Answer], answers: SimpleQueue[tuple[Key, Answer | BaseException]]) -> None:
    try:
        answers.put((key, question()))
    except BaseException as err:  # noqa: BLE001 - it is raised again by who asked
        answers.put((key, err))

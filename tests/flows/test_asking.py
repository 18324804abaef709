"""Many questions at the same time, none of them waited for too long."""

from __future__ import annotations

import time
from threading import Barrier, Event

import pytest

from newsletter.edges.clock import SystemClock
from newsletter.flows.asking import together


def test_questions_are_asked_at_the_same_time() -> None:
    meeting = Barrier(3, timeout=10)
    answers = together(dict.fromkeys(range(3), meeting.wait), SystemClock(), patience=10)

    assert sorted(answers.values()) == [0, 1, 2]


def test_one_that_hangs_is_left_behind_and_the_others_are_answered() -> None:
    release = Event()
    began = time.monotonic()
    answers = together({"slow": lambda: release.wait(30), "fast": lambda: True}, SystemClock(), patience=0.5)
    release.set()

    assert answers == {"fast": True}
    assert time.monotonic() - began < 5


def test_a_defect_is_not_swallowed() -> None:
    def broken() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together({"broken": broken}, SystemClock(), patience=10)


def test_without_questions_there_are_no_answers() -> None:
    assert together({}, SystemClock(), patience=0) == {}

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

from newsletter.errors import StoreError
from newsletter.flows.errands import MOST, Errand, Errands


def failing(times: int, done: threading.Event, error: Exception | None = None) -> tuple[Errand, list[int]]:
    """An errand that fails some times before it is done."""
    tries: list[int] = []

    def errand() -> bool:
        tries.append(1)
        if len(tries) <= times:
            if error:
                raise error
            return False
        done.set()
        return True

    return errand, tries


def run(errand: Errand, until: threading.Event, pauses: list[float]) -> tuple[list[str], list[Exception]]:
    told: list[str] = []
    defects: list[Exception] = []
    with closing(Errands(told.append, defects.append, pauses)) as errands:
        errands("ann", errand)
        until.wait(10)
    return told, defects


def test_what_fails_is_tried_again_until_it_is_done() -> None:
    done = threading.Event()
    errand, tries = failing(2, done)
    assert run(errand, done, [0.01, 0.01]) == ([], [])
    assert len(tries) == 3


def test_a_store_that_fails_is_tried_again_and_told() -> None:
    done = threading.Event()
    errand, _ = failing(1, done, StoreError("the disk is full"))
    assert run(errand, done, [0.01]) == (["the disk is full"], [])


def test_it_is_given_up_after_a_while_and_may_be_asked_again() -> None:
    given_up, done = threading.Event(), threading.Event()
    told: list[str] = []

    def tell(line: str) -> None:
        told.append(line)
        given_up.set()

    errand, tries = failing(2, done)
    with closing(Errands(tell, lambda _: None, [0.01])) as errands:
        errands("ann", errand)
        assert given_up.wait(10)
        errands("ann", errand)
        assert done.wait(10)
    assert told == ["a mail that asks to confirm was not sent after 2 tries"]
    assert len(tries) == 3


def test_a_defect_is_reported_and_the_others_go_on() -> None:
    done = threading.Event()
    errand, _ = failing(1, threading.Event(), ZeroDivisionError())
    defects: list[Exception] = []
    with closing(Errands(lambda _: None, defects.append, [0.01])) as errands:
        for number in range(8):  # more than there are threads
            errands(f"ann{number}", failing(1, threading.Event(), ZeroDivisionError())[0])
        errands("ann", errand)
        errands("bob", failing(0, done)[0])
        assert done.wait(10)
    assert len(defects) == 9


def test_one_of_a_name_is_enough_and_there_is_room_for_so_many() -> None:
    gate = threading.Event()
    told: list[str] = []
    ran: list[str] = []

    def held(name: str) -> Callable[[], bool]:
        def errand() -> bool:
            ran.append(name)
            return gate.wait(10)

        return errand

    with closing(Errands(told.append, lambda _: None)) as errands:
        for number in range(MOST):
            errands(str(number), held(str(number)))
            errands(str(number), held("again"))
        assert told == []
        errands("one more", held("one more"))
        gate.set()
    assert len(told) == 1
    assert sorted(ran, key=int) == [*map(str, range(MOST))]


def test_at_the_end_what_was_not_tried_yet_is_and_what_failed_is_counted() -> None:
    failed, done = threading.Event(), threading.Event()
    told: list[str] = []

    def never() -> bool:
        failed.set()
        return False

    with closing(Errands(told.append, lambda _: None)) as errands:
        errands("ann", never)
        assert failed.wait(10)
        errands("bob", failing(0, done)[0])
    assert done.is_set()
    assert told == ["not sent, of mails that ask to confirm: 1; who signs up again gets one"]

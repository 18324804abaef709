"""Several processes at one store."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from time import sleep
from typing import Any

import pytest

from newsletter.core.delivery import Mailing, State
from newsletter.core.ports import Change
from newsletter.edges.store import Store
from newsletter.errors import MailingBusy
from tests.edges.store import processes
from tests.edges.store.examples import LATER, crowd, frozen

SPAWN = multiprocessing.get_context("spawn")
PATIENCE = 30  # seconds until a process that does not answer fails the test


@contextmanager
def started(work: Callable[..., None], *arguments: object) -> Iterator[tuple[Any, Connection]]:
    """Start a process; end it with the block at the latest."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=work, args=(*arguments, theirs))
    process.start()
    theirs.close()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def answer(connection: Connection) -> Any:
    assert connection.poll(PATIENCE), "the process did not answer"
    return connection.recv()


def both(work: Callable[..., None], *arguments: object) -> list[Any]:
    """Let two processes do the same at the same moment; return their answers."""
    with started(work, *arguments) as (_, first), started(work, *arguments) as (_, second):
        assert [answer(first), answer(second)] == ["ready", "ready"]
        first.send("go")
        second.send("go")
        return [answer(first), answer(second)]


def test_two_processes_can_open_an_empty_database_at_once(empty_url: str) -> None:
    assert both(processes.open_and_count, empty_url) == [0, 0]


def test_two_processes_never_claim_the_same_delivery_and_leave_none(store: Store, url: str) -> None:
    mailing = frozen(store, *crowd(400))
    first, second = both(processes.claim_all, url, mailing)
    assert not set(first) & set(second)
    assert len({*first, *second}) == 400
    assert store.ledger.account(mailing).counts == {State.ACCEPTED: 400}


def test_two_imports_of_the_same_people_at_once_add_each_once(store: Store, url: str) -> None:
    answers = both(processes.put_people, url, crowd(1_200))
    total = Counter[Change]()
    for counts in answers:
        total.update(counts)
    assert (total[Change.NEW], total[Change.UNCHANGED]) == (1_200, 1_200)
    assert store.subscribers.count() == 1_200


def test_killing_the_sender_frees_the_mailing_and_leaves_its_claims_to_be_put_into_doubt(
    store: Store, url: str
) -> None:
    mailing = frozen(store, *crowd(3))
    with started(processes.hold, url, mailing) as (process, answers):
        assert answer(answers) == "held"
        with pytest.raises(MailingBusy), store.ledger.sole_sender(mailing):
            pass
        process.kill()  # SIGKILL: nothing of it can clean up
        process.join()
        with held_soon(store, mailing):
            assert store.ledger.doubt_orphans(mailing, LATER) == 1
    assert store.ledger.account(mailing).counts == {State.IN_DOUBT: 1, State.PENDING: 2}


@contextmanager
def held_soon(store: Store, mailing: Mailing) -> Iterator[None]:
    """Hold a mailing as soon as PostgreSQL has noticed that its holder is gone."""
    for _ in range(PATIENCE * 20):
        try:
            with store.ledger.sole_sender(mailing):
                yield
                return
        except MailingBusy:
            sleep(0.05)
    pytest.fail("the mailing was never freed")

"""Several processes at one store."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import chain
from multiprocessing.connection import Connection
from threading import Barrier
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine

from newsletter.core.delivery import Sender, State
from newsletter.core.ports.readers import Change
from newsletter.edges.store import Store
from newsletter.edges.store.claiming import _pending
from newsletter.errors import MailingBusy
from tests.edges.store import processes
from tests.edges.store.conftest import empty
from tests.edges.store.examples import AT, LATER, claims, crowd, frozen, joined, person
from tests.stores import on_the_list

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
    assert on_the_list(store) == 1_200


@pytest.mark.parametrize("rate", [1.0, 14.0, 1000.0])
def test_processes_that_claim_at_once_never_share_a_place_and_leave_none_free(
    store: Store, url: str, rate: float
) -> None:
    mailing = frozen(store, *crowd(120))
    places = sorted(chain(*both(processes.take_places, url, mailing, rate)))
    assert places == pytest.approx([number / rate for number in range(120)], abs=1e-4)


def test_a_killed_sender_of_this_machine_is_noticed_at_once_and_its_claims_are_in_doubt(store: Store, url: str) -> None:
    mailing = frozen(store, *crowd(3))
    with started(processes.hold, url, mailing) as (process, answers):
        assert answer(answers) == "held"
        with pytest.raises(MailingBusy):
            store.senders.join(mailing, AT, alone=True)
        process.kill()  # SIGKILL: nothing of it can clean up
        process.join()
        sender = store.senders.join(mailing, AT, alone=True)
        assert store.senders.leads(sender, AT)
        assert store.senders.renew(sender, AT).orphans == 1
    assert store.ledger.account(mailing).counts == {State.IN_DOUBT: 1, State.PENDING: 2}


def test_on_postgresql_a_claim_passes_over_what_another_transaction_holds(
    shared_postgresql: tuple[str, Store],
) -> None:
    url, store = shared_postgresql
    empty(url)
    sender = joined(store, *crowd(5))
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM deliveries ORDER BY id LIMIT 2 FOR UPDATE")
        claimed = claims(store, sender, 2)
        assert [claim.subscriber.address.split("@")[0] for claim in claimed] == ["reader2", "reader3"]


def test_on_postgresql_a_claim_never_reads_past_those_who_were_mailed_before(
    shared_postgresql: tuple[str, Store],
) -> None:
    url, store = shared_postgresql
    empty(url)
    sender = joined(store, *crowd(3_000))
    claims(store, sender, 100)
    engine = create_engine(url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
        query = _pending(details=True, awaited=False).compile(engine)
        values = query.construct_params({"mailing": sender.mailing.id, "limit": 50, "at": AT})
        plan = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {query}", values)]
    engine.dispose()
    assert any("ix_deliveries_mailing_id_state_id" in line for line in plan), plan
    assert not any("pk_deliveries" in line for line in plan), plan


def test_on_postgresql_nothing_is_said_to_be_pending_while_another_transaction_holds_it(
    shared_postgresql: tuple[str, Store],
) -> None:
    url, store = shared_postgresql
    empty(url)
    sender = joined(store, person("ann"))
    with ThreadPoolExecutor(1) as pool, psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("SELECT 1 FROM deliveries FOR UPDATE")
        waiting = pool.submit(claims, store, sender)
        with pytest.raises(TimeoutError):
            waiting.result(timeout=0.5)
        other.rollback()  # it died before it claimed
        assert len(waiting.result(timeout=PATIENCE)) == 1


def test_on_postgresql_what_is_being_settled_at_this_moment_is_not_put_into_doubt(
    shared_postgresql: tuple[str, Store],
) -> None:
    url, store = shared_postgresql
    empty(url)
    slow = joined(store, *crowd(2))
    claims(store, slow)
    other = store.senders.join(slow.mailing, LATER, alone=True)
    with psycopg.connect(url.replace("+psycopg", "")) as settling:
        settling.execute("SELECT 1 FROM deliveries ORDER BY id LIMIT 1 FOR UPDATE")
        assert store.senders.renew(other, LATER).orphans == 1
    assert store.senders.renew(other, LATER).orphans == 1


def test_the_first_places_of_a_schedule_can_be_asked_for_at_once(store: Store) -> None:
    several = [joined(store, *crowd(8), issue=f"issue {number}") for number in range(8)]
    barrier = Barrier(8)

    def claim(sender: Sender) -> datetime:
        barrier.wait(PATIENCE)
        return store.ledger.claim(sender, 1, AT, rate=2.0).start

    with ThreadPoolExecutor(8) as pool:
        starts = sorted(pool.map(claim, several))
    assert [(start - AT).total_seconds() for start in starts] == pytest.approx([n / 2 for n in range(8)], abs=1e-4)

"""Audiences in the database: SQLite and PostgreSQL find whom the words of an expression mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from newsletter.core.audience import EVERYBODY, Audience, Size, tagged
from newsletter.core.audience.holding import Reader, holds
from newsletter.core.audience.named import asked
from newsletter.core.audience.terms import Expression, Not
from newsletter.core.delivery import InDoubt, Refused, State
from newsletter.core.subscriber import Consent, Standing
from newsletter.edges.store import Store
from newsletter.edges.store.audiences import belongs_to
from newsletter.edges.store.database import Database
from newsletter.edges.store.opening import open_database
from newsletter.edges.store.rows import columns_of
from newsletter.edges.store.tables import deliveries, mailings, subscriber_tags, subscribers
from tests.core.audience.expressions import ISSUES, NOW, expressions, moments, readers, terms
from tests.edges.store.examples import AT, LATER, build, claims, joined, person, settle

crowds = st.lists(readers, min_size=1, max_size=12, unique_by=lambda each: each.subscriber.address)
ends = st.tuples(
    *[st.none() | moments] * (len(ISSUES) + 1)
)  # of a mailing for each issue, and of a second for the first


@pytest.fixture(scope="session")
def databases(
    tmp_path_factory: pytest.TempPathFactory, new_postgresql: Callable[[], str]
) -> Iterator[Sequence[Database]]:
    folder = tmp_path_factory.mktemp("audiences")
    opened = [open_database(url) for url in (f"sqlite:///{folder}/store.db", new_postgresql())]
    yield opened
    for each in opened:
        each.engine.dispose()


@given(crowds, ends, st.lists(expressions, min_size=1, max_size=3), st.lists(terms, min_size=3, max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_databases_find_whom_the_words_mean(
    databases: Sequence[Database],
    crowd: list[Reader],
    ends: Sequence[datetime | None],
    wanted: list[Expression],
    single: list[Expression],
) -> None:
    known = [replace(each, got=_as_sent(number, each, ends)) for number, each in enumerate(crowd, 1)]
    audiences = [Audience.at(each, NOW, "ses") for each in (*wanted, *single, *map(Not, single))]
    meant = [{each.subscriber.address for each in known if holds(audience.expression, each)} for audience in audiences]
    for database in databases:
        with _forgotten(database) as connection:
            _write(connection, crowd, ends)
            found = [
                set(connection.scalars(select(subscribers.c.address).where(belongs_to(each)))) for each in audiences
            ]
        assert found == meant, [*map(str, audiences)]


def _mailing(number: int, issue: str) -> int:
    """Return by which mailing a reader got an issue: the first one went out in two."""
    return len(ISSUES) + 1 if issue == ISSUES[0] and number % 2 else ISSUES.index(issue) + 1


def _as_sent(number: int, reader: Reader, ends: Sequence[datetime | None]) -> dict[str, datetime]:
    """Return when a reader was sent what: nothing was sent after its mailing was finished."""
    return {issue: min(at, ends[_mailing(number, issue) - 1] or at) for issue, at in reader.got.items()}


@contextmanager
def _forgotten(database: Database) -> Iterator[Connection]:
    """Yield a connection of which nothing stays."""
    with database.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def _write(connection: Connection, crowd: list[Reader], ends: Sequence[datetime | None]) -> None:
    """Write readers and what they were sent, beside what counts for nothing: rehearsals, refusals, the removed."""
    people = [columns_of(replace(each.subscriber, uid=f"u{number}")) for number, each in enumerate(crowd, 1)]
    times = [{"id": number, "created_at": each.joined, "updated_at": NOW} for number, each in enumerate(crowd, 1)]
    gone = columns_of(replace(person("gone", standing=Standing.REMOVED), uid="gone"))
    gone |= {"id": len(crowd) + 1, "created_at": NOW, "updated_at": NOW}
    connection.execute(insert(subscribers), [*(one | other for one, other in zip(people, times, strict=True)), gone])
    if tags := [{"subscriber_id": n, "tag": tag} for n, each in enumerate(crowd, 1) for tag in each.subscriber.tags]:
        connection.execute(insert(subscriber_tags), tags)
    begun = [*ISSUES, ISSUES[0]]
    over = [*ends[:-1], ends[-1] or NOW]  # of two mailings of an issue one must be finished
    connection.execute(
        insert(mailings),
        [
            {"id": n, "uid": f"m{n}", "issue": issue, "digest": "", "subject": "", "audience": "everybody",
             "transport": "ses", "created_at": NOW, "finished_at": end, "wish": "go", "orders": "{}"}
            for n, (issue, end) in enumerate(zip(begun, over, strict=True), 1)
        ],
    )  # fmt: skip
    rows = [
        _delivery(n, issue, State.ACCEPTED, at) for n, each in enumerate(crowd, 1) for issue, at in each.got.items()
    ]
    rows += [
        _delivery(n, issue, State.IN_DOUBT, NOW)
        for n, each in enumerate(crowd, 1)
        for issue in ISSUES[:2]
        if issue not in each.got
    ]
    rows += [_delivery(n, ISSUES[2], State.ACCEPTED, NOW) | {"transport": "outbox"} for n in range(1, len(crowd) + 1)]
    connection.execute(insert(deliveries), rows)


def _delivery(number: int, issue: str, state: State, at: datetime) -> dict[str, Any]:
    return {
        "mailing_id": _mailing(number, issue),
        "issue": issue,
        "transport": "ses",
        "subscriber_id": number,
        "state": state.value,
        "reason": "",
        "message_id": "",
        "attempts": 1,
        "settled_at": at,
        "released": False,
    }


def listed(store: Store, text: str, through: str = "outbox", at: datetime = LATER) -> list[str]:
    audience = Audience.at(asked(text), at, through)
    return [each.address.split("@")[0] for each in store.subscribers.stream(audience)]


def test_who_got_an_issue_is_whose_delivery_was_accepted_by_this_way_out(store: Store) -> None:
    issue = "vol-1-issue-1"
    sender = joined(store, person("ann"), person("bob"), issue=issue)
    first, second = claims(store, sender)
    settle(store, sender, [first])
    settle(store, sender, [second], Refused("no such mailbox"))
    assert listed(store, f"got {issue}") == ["ann"]
    assert listed(store, f"not got {issue}") == ["bob"]
    assert listed(store, f"got {issue}", through="ses") == []
    assert listed(store, "mailed in last 1 day") == ["ann"]
    assert listed(store, "mailed is missing") == ["bob"]


def test_not_means_everybody_else_also_where_nothing_is_known(store: Store) -> None:
    store.subscribers.put([person("ann"), replace(person("bob"), consent=Consent("form", AT))], AT)
    assert listed(store, "consent before 2100-01-01") == ["bob"]
    assert listed(store, "not consent before 2100-01-01") == ["ann"]
    assert listed(store, "not field.city = Bath") == listed(store, "not mailed since 2000-01-01") == ["ann", "bob"]


def test_a_doubt_that_is_settled_later_was_mailed_before_the_mailing_was_finished(store: Store) -> None:
    sender = joined(store, person("ann"), issue="vol-1-issue-1")
    settle(store, sender, claims(store, sender), InDoubt("no answer"))
    store.senders.leave(sender, AT)
    store.mailings.finish(sender.mailing, AT)
    much_later = AT + timedelta(days=90)
    store.ledger.decide(sender.mailing, None, State.ACCEPTED, much_later)
    assert listed(store, "mailed in last 30 days", at=much_later) == []
    assert listed(store, "mailed before 2024-05-02", at=much_later) == ["ann"]


def test_nothing_in_an_expression_is_taken_for_sql(store: Store) -> None:
    store.subscribers.put([replace(person("ann"), fields={"city": "'); DROP TABLE subscribers; --"})], AT)
    store.subscribers.put(
        [replace(person("bob"), fields={"city": "100%"}), replace(person("cid"), fields={"city": "1000"})], AT
    )
    assert listed(store, '''field.city = "'); drop table subscribers; --"''') == ["ann"]
    assert listed(store, "field.city contains 0%") == ["bob"]
    assert listed(store, "field.city contains _") == []
    assert listed(store, """tag:"' OR 1=1" or field.city = "' OR '1'='1" """) == []


def test_a_chain_as_long_as_may_be_is_found(store: Store) -> None:
    store.subscribers.put([replace(person("ann"), fields={"n": "199"})], AT)
    text = " or ".join(f"field.n = {number}" for number in range(200))
    assert listed(store, text) == ["ann"]
    assert listed(store, f"not ({' and not '.join(f'field.n = {number}' for number in range(200))})") == ["ann"]


def test_a_size_counts_by_standing_and_those_paused_that_could_be_mailed(store: Store) -> None:
    soon = replace(person("paused", "us"), paused_until=LATER)
    over = replace(person("over", "us"), paused_until=AT)
    left = replace(person("left", "us", standing=Standing.UNSUBSCRIBED), paused_until=LATER)
    store.subscribers.put([soon, over, left, person("other"), person("gone", "us", standing=Standing.REMOVED)], AT)
    size = store.audiences.size(Audience(tagged("us")), AT)
    assert size == Size({Standing.ACTIVE: 2, Standing.UNSUBSCRIBED: 1}, paused=1)
    assert (size.everybody, size.active, size.suppressed) == (3, 2, {"unsubscribed": 1})
    assert store.audiences.size(EVERYBODY, AT).everybody == 4


def test_an_audience_is_frozen_as_the_expression_that_reads_the_same(store: Store) -> None:
    expression = asked("joined in last 3 days and not (tag:us or first_name = 'O Brien')")
    store.subscribers.put([person("ann", "us"), replace(person("bob"), consent=Consent("form", AT))], AT)
    mailing = store.mailings.freeze(build(), Audience.at(expression, AT, "outbox"), AT)
    assert mailing.audience == 'joined since 2024-04-28 and not (tag:us or first_name = "O Brien")'
    assert [each.address for each in store.ledger.named(mailing, State.PENDING)] == ["bob@example.org"]

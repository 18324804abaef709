"""Audiences in the database: SQLite and PostgreSQL find whom the words of an expression mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, select

from newsletter.core.acts import Amend, By
from newsletter.core.audience import EVERYBODY, Audience, Size, tagged
from newsletter.core.audience.holding import Reader, holds
from newsletter.core.audience.named import asked
from newsletter.core.audience.terms import Expression, Not
from newsletter.core.delivery import InDoubt, Refused, State
from newsletter.core.feedback import Event, Kind
from newsletter.core.machines import is_scan
from newsletter.core.subscriber import Consent, Standing
from newsletter.edges.store import Store
from newsletter.edges.store.audiences import belongs_to
from newsletter.edges.store.database import Database
from newsletter.edges.store.opening import open_database
from newsletter.edges.store.rows import columns_of
from newsletter.edges.store.tables import deliveries, events, mailings, subscriber_tags, subscribers
from newsletter.errors import BadInput
from tests.core.audience.expressions import ISSUES, NOW, expressions, moments, readers, terms
from tests.edges.store.examples import AT, LATER, build, claims, joined, person, settle

crowds = st.lists(readers, min_size=1, max_size=12, unique_by=lambda each: each.subscriber.address)
ends = st.tuples(
    *[st.none() | moments] * (len(ISSUES) + 1)
)  # of a mailing for each issue, and of a second for the first


@dataclass(frozen=True, slots=True)
class Touch:
    """Somebody, or a program, opened an issue at a time, or clicked a link in it."""

    reader: int
    issue: str
    at: datetime
    link: str = ""
    machine: bool = False

    @property
    def kind(self) -> str:
        return "click" if self.link else "open"


# Many clicks of few readers within seconds, so that some of them are a scanner's and others only nearly.
touches = st.builds(
    Touch,
    st.integers(1, 12),
    st.sampled_from(ISSUES),
    st.builds(
        lambda at, milliseconds: at + timedelta(milliseconds=milliseconds),
        moments,
        st.sampled_from([0, 1, 999, 4_999, 5_000, 5_001]),
    ),
    st.sampled_from(["", "a", "b", "c", "d"]),
    st.sampled_from([False, False, False, True]),
)


@pytest.fixture(scope="session")
def databases(
    tmp_path_factory: pytest.TempPathFactory, new_postgresql: Callable[[], str]
) -> Iterator[Sequence[Database]]:
    folder = tmp_path_factory.mktemp("audiences")
    opened = [open_database(url) for url in (f"sqlite:///{folder}/store.db", new_postgresql())]
    yield opened
    for each in opened:
        each.engine.dispose()


@given(
    crowds,
    ends,
    st.lists(touches, max_size=25),
    st.lists(expressions, min_size=1, max_size=3),
    st.lists(terms, min_size=3, max_size=6),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_databases_find_whom_the_words_mean(
    databases: Sequence[Database],
    crowd: list[Reader],
    ends: Sequence[datetime | None],
    touched: list[Touch],
    wanted: list[Expression],
    single: list[Expression],
) -> None:
    known = [
        replace(
            each,
            got=_as_sent(number, each, ends),
            opened=_last(one for one in touched if one.reader == number and not one.link),
            clicked=_last(_unscanned(one for one in touched if one.reader == number and one.link)),
        )
        for number, each in enumerate(crowd, 1)
    ]
    audiences = [Audience.at(each, NOW, "ses") for each in (*wanted, *single, *map(Not, single))]
    meant = [{each.subscriber.address for each in known if holds(audience.expression, each)} for audience in audiences]
    for database in databases:
        with _forgotten(database) as connection:
            _write(connection, crowd, ends)
            _touch(connection, [each for each in touched if each.reader <= len(crowd)])
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


def _last(touched: Iterable[Touch]) -> dict[str, datetime]:
    """Return when each issue was last touched by a person."""
    found = dict[str, datetime]()
    for each in touched:
        if not each.machine:
            found[each.issue] = max(each.at, found.get(each.issue, each.at))
    return found


def _unscanned(clicks: Iterable[Touch]) -> list[Touch]:
    """Return the clicks of a reader but for those in issues that a scanner went through."""
    made = [each for each in clicks if not each.machine]
    scanned = {each.issue for each in made if is_scan((one.at, one.link) for one in made if one.issue == each.issue)}
    return [each for each in made if each.issue not in scanned]


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


def _touch(connection: Connection, touched: Sequence[Touch]) -> None:
    """Write who opened and clicked, beside what counts for nothing: an event of another kind, a rehearsal."""
    ids = {(row.subscriber_id, row.mailing_id): row.id for row in connection.execute(select(deliveries))}
    connection.execute(
        insert(mailings),
        {"id": 9, "uid": "m9", "issue": ISSUES[2], "digest": "", "subject": "", "audience": "everybody",
         "transport": "outbox", "created_at": NOW, "finished_at": NOW, "wish": "go", "orders": "{}"},
    )  # fmt: skip
    rows = [
        {"mailing_id": (mailing := _mailing(each.reader, each.issue)), "kind": each.kind,
         "delivery_id": ids[each.reader, mailing], "key": str(place), "subscriber_id": each.reader, "at": each.at,
         "type": "", "subtype": "", "detail": each.link, "machine": each.machine}
        for place, each in enumerate(touched)
    ]  # fmt: skip
    if touched:
        rows += [
            rows[0] | {"kind": "delivery", "machine": False},
            rows[0] | {"mailing_id": 9, "kind": "open", "machine": False, "at": NOW},
            rows[0] | {"mailing_id": 9, "kind": "click", "machine": False, "at": NOW},
        ]
        connection.execute(insert(events), rows)


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


def opened(delivery: str, kind: Kind = Kind.OPEN) -> Event:
    browser = "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"
    return Event(
        kind=kind, delivery=delivery, at=LATER, sent_at=AT, key="1", user_agent=browser, detail="https://a.example/"
    )


def test_who_opened_is_asked_only_where_something_is_known_of_it(store: Store) -> None:
    sender = joined(store, person("ann", "us"), person("bob", "us"), issue="vol-1-issue-1")
    first, second = claims(store, sender)
    settle(store, sender, [first, second])
    nobody = Audience.at(asked("tag:us and not opened in last 30 days"), LATER, "outbox")
    for attempt in (
        lambda: store.audiences.size(nobody, LATER),
        lambda: store.subscribers.stream(nobody),
        lambda: store.mailings.forecast("june", nobody, "outbox", LATER),
        lambda: store.mailings.freeze(build("june"), nobody, LATER),
        lambda: store.readers.change_all(nobody, Amend(by=By.EDITOR, add=frozenset({"quiet"})), LATER),
    ):
        with pytest.raises(
            BadInput, match="nobody is known to have opened anything that went out through outbox"
        ) as caught:
            attempt()
        assert "`track: {opens: true}`" in caught.value.hint
    store.events.apply([opened(first.delivery_id)], LATER, track={Kind.OPEN})
    assert listed(store, "tag:us and not opened in last 30 days") == ["bob"]
    assert listed(store, "opened vol-1-issue-1") == ["ann"]
    with pytest.raises(BadInput, match="clicked"):
        listed(store, "opened vol-1-issue-1 or clicked vol-1-issue-1")
    with pytest.raises(BadInput, match="through ses"):
        listed(store, "opened vol-1-issue-1", through="ses")


def test_what_only_programs_opened_is_known_and_was_opened_by_nobody(store: Store) -> None:
    sender = joined(store, person("ann"), issue="vol-1-issue-1")
    (claim,) = claims(store, sender)
    settle(store, sender, [claim])
    by_apple = replace(opened(claim.delivery_id), user_agent="Mozilla/5.0")
    store.events.apply([by_apple], LATER, track={Kind.OPEN})
    assert listed(store, "opened vol-1-issue-1") == []
    assert listed(store, "opened is missing") == ["ann"]


def test_a_mailing_remembers_days_in_place_of_lately_opened(store: Store) -> None:
    sender = joined(store, person("ann"), person("bob"), issue="vol-1-issue-1")
    first, second = claims(store, sender)
    settle(store, sender, [first, second])
    store.events.apply([opened(first.delivery_id, Kind.CLICK)], LATER, track={Kind.CLICK})
    lately = Audience.at(asked("clicked in last 2 days"), LATER, "outbox")
    mailing = store.mailings.freeze(build("june"), lately, LATER)
    assert mailing.audience == "clicked since 2024-04-29"
    assert [each.address for each in store.ledger.named(mailing, State.PENDING)] == ["ann@example.org"]


@pytest.mark.parametrize("text", ["opened vol-1-issue-1", "not clicked in last 30 days", "opened is missing or tag:us"])
def test_who_did_is_found_by_an_index(databases: Sequence[Database], text: str) -> None:
    query = select(subscribers.c.id).where(belongs_to(Audience.at(asked(text), LATER, "outbox")))
    for database in databases:
        with _forgotten(database) as connection:
            if connection.dialect.name == "postgresql":
                if " or " in text:  # there it may hash all who did, which depends on its statistics
                    continue
                # There is so little that it would look through all of it.
                connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            written = query.compile(connection, compile_kwargs={"literal_binds": True})
            plan = connection.exec_driver_sql(f"{explain} {written}").all()
        assert any("ix_events_attention" in str(row) for row in plan), plan

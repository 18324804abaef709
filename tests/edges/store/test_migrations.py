"""A database that the first version made and filled becomes one of the newest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from alembic import command
from sqlalchemy import Connection, DateTime, Engine, bindparam, create_engine, exc, text

from newsletter.core.audience import tagged
from newsletter.core.audience.parsing import parse
from newsletter.core.delivery import State
from newsletter.core.orders import AT_ONCE, Wish
from newsletter.edges.store import Store, open_store
from newsletter.edges.store.migrating import config
from newsletter.edges.store.opening import open_database
from tests.edges.store.examples import AT, EVERYBODY, LATER, build, claims

PEOPLE = (
    "INSERT INTO subscribers (id, uid, address, address_key, first_name, last_name, fields, standing, consent_source,"
    " consent_at, created_at, updated_at) VALUES"
    " (:id, :word, :word, :word, 'Zoë', '', '{\"city\": \"Bern\"}', :standing, '', NULL, :at, :at)"
)
MAILINGS = (
    "INSERT INTO mailings (id, uid, issue, digest, subject, tags, transport, created_at, finished_at)"
    " VALUES (:id, :uid, :issue, 'abc', 'Hello', '%s', 'outbox', :at, :finished)"
)
DELIVERIES = (
    "INSERT INTO deliveries (uid, mailing_id, issue, transport, subscriber_id, state, reason, message_id, attempts,"
    " claimed_at, settled_at) VALUES (:uid, :mailing, :issue, 'outbox', :id, :state, :state, 'm', 1, :at, :settled)"
)


@pytest.fixture
def old_url(empty_url: str) -> str:
    """A database of the first version: a delivery in every state, and a finished mailing beside it."""
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        _fill(connection)
    engine.dispose()
    return empty_url


def _fill(connection: Connection) -> None:
    times = [bindparam(name, type_=DateTime(timezone=True)) for name in ("at", "finished", "settled")]
    people = text(PEOPLE).bindparams(times[0])
    some, none = (text(MAILINGS % tags).bindparams(*times[:2]) for tags in ('["weekly", "a \\"b\\""]', "[]"))
    deliveries = text(DELIVERIES).bindparams(times[0], times[2])
    connection.execute(some, {"id": 1, "uid": "old", "issue": "april", "at": AT, "finished": LATER})
    connection.execute(none, {"id": 2, "uid": "new", "issue": "may", "at": AT, "finished": None})
    for number, state in enumerate(State, 1):
        standing = "unsubscribed" if state is State.SUPPRESSED else "active"
        connection.execute(people, {"id": number, "word": state.value, "standing": standing, "at": AT})
        about = {"id": number, "state": state.value, "at": AT, "settled": AT if state.ends else None}
        connection.execute(deliveries, about | {"uid": f"new{number}", "mailing": 2, "issue": "may"})
        connection.execute(
            deliveries, about | {"uid": f"old{number}", "mailing": 1, "issue": "april", "state": "accepted"}
        )
    connection.execute(text("INSERT INTO subscriber_tags VALUES (1, 'weekly')"))
    if connection.dialect.name == "postgresql":  # the numbers above were not taken from its sequence
        connection.execute(text("SELECT setval('mailings_id_seq', 2)"))


@pytest.fixture
def migrated(old_url: str) -> Iterator[Store]:
    with open_store(old_url) as store:
        yield store


def test_everybody_stays_where_they_were_but_what_was_claimed_is_in_doubt(migrated: Store) -> None:
    old, new = migrated.mailings.of()
    assert migrated.ledger.account(old).counts == {State.ACCEPTED: 6}
    assert migrated.ledger.account(new).counts == {
        State.PENDING: 1,
        State.ACCEPTED: 1,
        State.REFUSED: 1,
        State.SUPPRESSED: 1,
        State.IN_DOUBT: 2,
    }
    doubts = {named.address: named.reason for named in migrated.ledger.named(new, State.IN_DOUBT)}
    assert doubts == {"claimed": "claimed before the program was updated", "in doubt": "in doubt"}
    assert migrated.ledger.sent_since(new, AT) == 3


def test_the_mailings_go_at_once_and_are_as_finished_as_they_were(migrated: Store) -> None:
    old, new = migrated.mailings.of()
    assert [(each.uid, each.wish, each.orders) for each in (old, new)] == [
        ("old", Wish.GO, AT_ONCE),
        ("new", Wish.GO, AT_ONCE),
    ]
    assert (old.audience, new.audience) == ('tag:"weekly" or tag:"a ""b"""', "everybody")
    assert parse(old.audience) == tagged("weekly", 'a "b"')
    assert (old.finished_at, new.finished_at) == (LATER, None)
    assert (old.created_at, old.subject, old.digest) == (AT, "Hello", "abc")


def test_the_list_is_as_it_was(migrated: Store) -> None:
    first, *rest = migrated.subscribers.stream(EVERYBODY)
    assert first.tags == {"weekly"}
    assert (first.first_name, dict(first.fields)) == ("Zoë", {"city": "Bern"})
    assert len(rest) == 5


def test_the_open_mailing_goes_on(migrated: Store) -> None:
    _, new = migrated.mailings.of()
    sender = migrated.senders.join(new, LATER, alone=True)
    assert migrated.senders.renew(sender, LATER).orphans == 0
    (claim,) = claims(migrated, sender, at=LATER)
    assert claim.subscriber.address == "pending"
    assert claim.delivery_id.startswith("new-")


def test_who_was_suppressed_can_be_reached_by_another_mailing_and_nobody_else(migrated: Store, old_url: str) -> None:
    _, new = migrated.mailings.of()
    assert migrated.mailings.forecast("may", EVERYBODY, "outbox", AT).suppressed == {"unsubscribed": 1}
    assert migrated.mailings.forecast("may", EVERYBODY, "outbox", AT).to_send == 0
    engine = create_engine(old_url)
    again = text(
        "INSERT INTO deliveries (mailing_id, issue, transport, subscriber_id, state, reason, message_id, attempts,"
        " released) VALUES (2, 'may', 'outbox', 3, 'pending', '', '', 0, :released)"
    )
    with pytest.raises(exc.IntegrityError), engine.begin() as connection:
        connection.execute(again, {"released": False})
    engine.dispose()
    assert migrated.ledger.account(new).intended == 6


def test_a_migrated_database_watches_its_references_again(old_url: str) -> None:
    engine = open_database(old_url).engine
    with pytest.raises(exc.IntegrityError), engine.begin() as connection:
        connection.execute(text("DELETE FROM subscribers WHERE id = 1"))
    engine.dispose()


def test_on_postgresql_words_in_turn_do_not_wait_for_senders_at_work(new_postgresql: Callable[[], str]) -> None:
    engine = create_engine(new_postgresql())
    _upgrade(engine, "0006")
    with engine.begin() as sending:
        sending.execute(text("SELECT FROM mailings, deliveries, subscribers"))
        _upgrade(engine, "0007")
    engine.dispose()


def _upgrade(engine: Engine, version: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '1s'"))
        settings = config()
        settings.attributes["connection"] = connection
        command.upgrade(settings, version)


def test_a_mailing_can_be_begun_in_a_migrated_database(migrated: Store) -> None:
    june = migrated.mailings.freeze(build("june"), EVERYBODY, LATER)
    assert migrated.ledger.account(june).counts == {State.PENDING: 5, State.SUPPRESSED: 1}

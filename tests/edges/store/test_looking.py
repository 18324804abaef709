"""Looking at a store leaves it as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url

from newsletter.core.diagnosis.facts import Cause, OpenMailing, StoreState, Unseen
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.edges.store import open_store
from newsletter.edges.store.looking import Looking
from newsletter.edges.store.opening import HEAD, open_database
from tests.edges.store.examples import EVERYBODY, build

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a store that has not been made."""
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("new_postgresql")
        return make()
    return f"sqlite:///{tmp_path}/a folder/letter.db"


def seen(url: str) -> StoreState:
    state = Looking(url).look()
    assert isinstance(state, StoreState)
    return state


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert not seen(f"sqlite:///{tmp_path}/a folder/letter.db").there
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_tables_stays_without(new_postgresql: Callable[[], str]) -> None:
    url = new_postgresql()

    for _ in range(2):
        assert (seen(url).there, seen(url).version, len(seen(url).pending) > 3) == (True, None, True)


def test_who_may_be_mailed_is_counted(url: str) -> None:
    with open_store(url) as store:
        ana = Subscriber(address="ana@example.org")
        bob = Subscriber(address="bob@example.org", standing=Standing.UNSUBSCRIBED)
        store.subscribers.put([ana, bob], NOW)

    state = seen(url)
    assert (state.there, state.version, state.pending, state.readers) == (True, HEAD, (), 1)


def test_mailings_that_are_not_finished_are_named_with_what_they_began_with(url: str) -> None:
    with open_store(url) as store:
        begun = [store.mailings.freeze(build(issue), EVERYBODY, NOW) for issue in ("vol-1-issue-1", "vol-1-issue-2")]
        store.mailings.finish(begun[0], NOW)

    assert seen(url).mailings == (OpenMailing("vol-1-issue-2", "abc", "outbox"),)


def test_migrations_to_come_are_named_and_none_is_run(url: str) -> None:
    database = open_database(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    database.engine.dispose()

    for _ in range(2):
        state = seen(url)
        assert (state.version, state.readers) == ("0001", None)
        assert state.pending[0].startswith("0002 (Many senders: leases")


def test_a_store_of_a_newer_program_is_told_from_an_old_one(url: str) -> None:
    database = open_database(url)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.engine.dispose()

    assert (seen(url).unknown, seen(url).version) == (True, "9999")


def test_what_is_no_database_says_so(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_bytes(b"no database, but long enough to be looked at as if it were one" * 20)

    state = Looking(f"sqlite:///{file}").look()
    assert isinstance(state, Unseen)
    assert (state.cause, bool(state.hint)) == (Cause.FAILED, True)


def test_a_password_is_not_shown_whichever_way_a_url_gives_it(new_postgresql: Callable[[], str]) -> None:
    plain = make_url(new_postgresql())
    for url in (plain.set(password="hushhush"), plain.update_query_dict({"password": "hushhush"})):
        shown = seen(url.render_as_string(hide_password=False)).url
        assert "hushhush" not in shown
        assert str(plain.database) in shown
        assert make_url(shown).query["host"] == plain.query["host"]


def test_a_password_is_not_in_what_is_wrong() -> None:
    state = Looking("postgresql+psycopg://me:secret@127.0.0.1:1/letter?sslpassword=secret").look()

    assert isinstance(state, Unseen)
    assert "secret" not in state.why + state.hint

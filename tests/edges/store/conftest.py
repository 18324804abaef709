"""Both databases: every test that takes `store` or `url` runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from newsletter.edges.store import Store, open_store
from tests.postgresql import databases

TABLES = (
    "events",
    "history",
    "erasures",
    "facts",
    "subscriber_tags",
    "deliveries",
    "senders",
    "mailings",
    "subscribers",
    "schedules",
    "test_sends",
)


def empty(url: str) -> None:
    """Take everything out of a PostgreSQL store."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for table in TABLES:
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))


@pytest.fixture(scope="session")
def new_postgresql() -> Iterator[Callable[[], str]]:
    """Make an empty database at each call and return its URL."""
    with ExitStack() as stack:
        try:
            make = stack.enter_context(databases())
        except Exception as err:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL does not start here: {err}")
        yield make


@pytest.fixture(scope="session")
def shared_postgresql(new_postgresql: Callable[[], str]) -> Iterator[tuple[str, Store]]:
    """One database for all contract tests, with its tables made, opened once."""
    url = new_postgresql()
    with open_store(url) as opened:
        yield url, opened


@pytest.fixture(scope="session")
def new_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with its tables made, to be copied."""
    path = tmp_path_factory.mktemp("new") / "new.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that has nothing in it yet."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    return str(request.getfixturevalue("new_postgresql")())


@pytest.fixture
def url(dialect: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a store with nobody in it."""
    if dialect == "sqlite":
        shutil.copy(request.getfixturevalue("new_sqlite"), tmp_path / "store.db")
        return f"sqlite:///{tmp_path}/store.db"
    shared: str = request.getfixturevalue("shared_postgresql")[0]
    empty(shared)
    return shared


@pytest.fixture
def store(url: str, dialect: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    if dialect == "postgresql":
        yield request.getfixturevalue("shared_postgresql")[1]
        return
    with open_store(url) as opened:
        yield opened

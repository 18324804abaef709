"""Open a database by its URL: check the URL, set the connection up, bring the tables to the newest version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, column, create_engine, event, exc, inspect, make_url, select, table

from newsletter.edges.store.database import UNREFERENCED, WRITES, Database
from newsletter.edges.store.errors import translated
from newsletter.edges.store.locks import Turn, file_lock, take_turn
from newsletter.errors import NotConfigured

HEAD: Final = "0007"  # the newest migration, known here so that a database at head never loads Alembic
_FORMS: Final = "write sqlite:///path/to/file.db or postgresql+psycopg://name:password@host/database"
_WAIT: Final = 60  # seconds; freezing a million subscribers holds the one write lock of SQLite for some ten seconds


def open_database(url: str) -> Database:
    """Open a database, making or migrating it if that is needed.

    Raises:
        NotConfigured: the URL cannot be used, or PostgreSQL's driver is not installed.
        StoreError: the database cannot be reached or used, or is newer than this program.
    """
    location = parsed(url)
    engine = _sqlite(location) if location.drivername == "sqlite" else postgresql(location)
    database = Database(engine)
    try:
        with translated(), _alone(engine):
            _bring_to_head(database)
    except BaseException:
        engine.dispose()
        raise
    return database


def file_of(url: str) -> str | None:
    """Return the file that a store's URL names, if it names one.

    Raises:
        NotConfigured: the URL cannot be used.
    """
    location = parsed(url)
    return location.database if location.drivername == "sqlite" else None


def parsed(url: str) -> URL:
    """Return the parts of a URL. What cannot be parsed is never repeated, since any part may be the password."""
    try:
        location = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise NotConfigured("the store's URL cannot be understood", hint=_FORMS) from None
    if location.drivername == "sqlite":
        if not location.database or ":memory:" in location.database or location.query or location.host:
            raise NotConfigured("the store's URL does not name a file", hint=_FORMS)
    elif location.drivername != "postgresql+psycopg":
        raise NotConfigured(f"the store cannot be a {location.drivername} database", hint=_FORMS)
    elif url.count("@") > 1:
        raise NotConfigured("the store's URL has more than one @", hint="write an @ inside the password as %40")
    return location


def _sqlite(location: URL) -> Engine:
    with translated():
        Path(location.database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(location, hide_parameters=True, connect_args={"timeout": _WAIT})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def postgresql(location: URL) -> Engine:
    """Return an engine for a PostgreSQL database.

    Raises:
        NotConfigured: its driver is not installed.
    """
    try:
        return create_engine(
            location, hide_parameters=True, pool_pre_ping=True, connect_args={"client_encoding": "utf8"}
        )
    except ImportError as err:
        hint = "install it with: pip install 'psycopg[binary]'"
        raise NotConfigured("the PostgreSQL driver psycopg is not installed", hint=hint) from err


def _set_up_sqlite(connection: Any, record: object) -> None:
    """Prepare a new connection; all of this is forgotten when it closes.

    synchronous=FULL: a claim is committed before the transport is called, and must still be there after a power
    failure; NORMAL, the usual choice beside WAL, may lose the last commits (https://sqlite.org/pragma.html).
    """
    del record
    connection.isolation_level = None  # we begin transactions ourselves, in _begin_sqlite
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    """Begin as what it will be: a transaction that turns from reading to writing fails at once if another writes."""
    options = connection.get_execution_options()
    if options.get(UNREFERENCED, False):
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time open a SQLite file: the change to WAL does not wait for others, it fails.

    WAL stays with the file. It lets readers read while somebody writes (https://sqlite.org/wal.html).
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    with file_lock(Path(f"{engine.url.database}.opening"), wait=True):
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()
        yield


def _bring_to_head(database: Database) -> None:
    with database.reading() as connection:
        if version_of(connection) == HEAD:
            return
    with database.migrating() as connection:
        take_turn(connection, Turn.MIGRATE)
        version = version_of(connection)
        if version != HEAD:
            from newsletter.edges.store.migrating import migrate  # noqa: PLC0415 - loads Alembic, rarely needed

            migrate(connection, version)


def version_of(connection: Connection) -> str | None:
    """Return the migration that the tables are of, None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))

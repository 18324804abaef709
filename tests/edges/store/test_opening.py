from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine.interfaces import ReflectedIndex

from newsletter.edges.store import Store, open_store
from newsletter.edges.store.migrating import config
from newsletter.edges.store.opening import HEAD, open_database
from newsletter.edges.store.tables import metadata
from newsletter.errors import NewsletterError, NotConfigured, StoreError
from tests.edges.store.examples import AT, person
from tests.stores import on_the_list

SECRET = "s3cret-pass"


def in_a_new_process(code: str, *arguments: str) -> str:
    root = str(Path(__file__).parents[3])
    environment = os.environ | {"PYTHONPATH": root}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_opening_an_empty_database_makes_its_tables_and_opening_it_again_keeps_them(empty_url: str) -> None:
    with open_store(empty_url) as store:
        store.subscribers.put([person("ann")], AT)
    with open_store(empty_url) as store:
        assert on_the_list(store) == 1


def test_a_database_at_head_is_opened_without_loading_alembic(store: Store, url: str) -> None:
    code = (
        "import sys; from newsletter.edges.store import open_store; open_store(sys.argv[1]).close();"
        "print([name for name in ('alembic', 'mako') if name in sys.modules])"
    )
    assert in_a_new_process(code, url) == "[]"


def test_the_store_loads_neither_alembic_nor_anything_of_postgresql() -> None:
    parts = "subscribers readers suppressions statistics audiences mailings senders ledger events reports test_sends"
    unwanted = ("alembic", "psycopg", "pydantic", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql")
    code = (
        "import sys; from newsletter.edges.store import Store;"
        f"store = Store(None); [getattr(store, part) for part in {parts.split()}];"
        f"print([name for name in {unwanted} if name in sys.modules])"
    )
    assert in_a_new_process(code) == "[]"


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == HEAD


def test_the_migrations_make_exactly_the_tables_of_the_code(empty_url: str) -> None:
    engine = open_database(empty_url).engine
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_the_migrations_make_exactly_the_constraints_of_the_code(tmp_path: Path) -> None:
    migrated = open_database(f"sqlite:///{tmp_path}/migrated.db").engine
    created = create_engine(f"sqlite:///{tmp_path}/created.db")
    metadata.create_all(created)
    assert constraints(migrated) == constraints(created)
    migrated.dispose()
    created.dispose()


def constraints(engine: Engine) -> dict[str, object]:
    found = inspect(engine)
    return {
        table: (
            found.get_check_constraints(table),
            sorted(map(str, found.get_unique_constraints(table))),
            sorted(map(str, found.get_foreign_keys(table))),
            sorted(str({**index, "dialect_options": options(index)}) for index in found.get_indexes(table)),
            found.get_pk_constraint(table),
        )
        for table in metadata.tables
    }


def options(index: ReflectedIndex) -> dict[str, str]:
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


def test_a_database_written_by_a_newer_version_is_left_alone(empty_url: str) -> None:
    open_store(empty_url).close()
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="9999") as caught:
        open_store(empty_url)
    assert "update" in caught.value.hint


def test_a_database_whose_migration_fails_is_left_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE deliveries (whose TEXT)"))
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert caught.value.hint
    assert inspect(engine).get_table_names() == ["deliveries"]
    engine.dispose()


def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path}/a/b/c.db").close()
    assert (tmp_path / "a/b/c.db").is_file()


def test_nothing_but_the_file_is_left_beside_a_closed_sqlite_store(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/c.db") as store:
        store.subscribers.put([person("ann")], AT)
    assert [path.name for path in tmp_path.iterdir()] == ["c.db"]


def test_a_sqlite_store_survives_power_loss_and_keeps_its_references(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/c.db").engine
    with engine.connect() as connection:
        found = {
            name: connection.execute(text("PRAGMA " + name)).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    engine.dispose()
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "newsletter.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:///file.db?mode=ro",
        "sqlite://host/file.db",
        "sqlite+aiosqlite:///file.db",
        f"postgresql://me:{SECRET}@host/db",
        f"postgresql+psycopg2://me:{SECRET}@host/db",
        f"mysql://me:{SECRET}@host/db",
        f"postgresql+psycopg://me:{SECRET}@host:{SECRET}/db",
        f"postgresql+psycopg://me:x@{SECRET}@host/db",
        f"postgresql+psycopg://me:x@x:{SECRET}@host/db",
        f"me:{SECRET}@host",
    ],
)
def test_a_url_that_is_not_of_a_store_is_refused_with_a_hint_and_without_its_password(url: str) -> None:
    with pytest.raises(NotConfigured) as caught:
        open_store(url)
    assert caught.value.hint
    assert SECRET not in everything_said(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/db",
        f"postgresql+psycopg://127.0.0.1:1/db?user=me&password={SECRET}",
        f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/db?connect_timeout=x",
    ],
)
def test_a_server_that_cannot_be_reached_is_a_store_error_without_the_password(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert caught.value.hint
    assert SECRET not in everything_said(caught.value)


def everything_said(err: BaseException | None) -> str:
    """Return the words of an error and of every error behind it."""
    said = ""
    while err is not None:
        said += f"{err!r} {err} {err.hint if isinstance(err, NewsletterError) else ''}\n"
        err = err.__cause__ or (None if err.__suppress_context__ else err.__context__)
    return said


def test_a_database_that_does_not_exist_is_a_store_error(shared_postgresql: tuple[str, Store]) -> None:
    with pytest.raises(StoreError, match="nowhere") as caught:
        open_store(re.sub(r"/store\d+\?", "/nowhere?", shared_postgresql[0]))
    assert caught.value.hint


def test_a_file_that_is_no_database_is_a_store_error_and_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "list.db"
    path.write_text("name,address\n" * 100)
    with pytest.raises(StoreError, match="damaged") as caught:
        open_store(f"sqlite:///{path}")
    assert "backup" in caught.value.hint
    assert path.read_text().startswith("name,address")


def test_a_folder_that_cannot_be_made_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="folder") as caught:
        open_store(f"sqlite:///{tmp_path}/file/store.db")
    assert caught.value.hint

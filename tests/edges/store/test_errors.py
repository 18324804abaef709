from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import exc

from newsletter.edges.store.errors import DEFECT, SITUATIONS, translated
from newsletter.errors import StoreError

FOREIGN = [kind for kind in vars(exc).values() if isinstance(kind, type) and issubclass(kind, exc.SQLAlchemyError)]


def wrapped(driver: Exception) -> exc.OperationalError:
    return exc.OperationalError("SELECT address", {"address": "ann@example.org"}, driver)


def said(err: Exception) -> StoreError:
    with pytest.raises(StoreError) as caught, translated():
        raise err
    return caught.value


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_every_error_of_sqlalchemy_is_in_the_table(kind: type[Exception]) -> None:
    assert kind in SITUATIONS


def test_sqlalchemy_has_errors_to_walk() -> None:
    assert len(FOREIGN) > 40


def test_every_situation_says_what_to_do() -> None:
    assert all(situation.message and situation.hint for situation in SITUATIONS.values() if situation is not DEFECT)


def test_a_defect_of_ours_is_not_dressed_up_as_one_of_the_database() -> None:
    with pytest.raises(exc.CompileError), translated():
        raise exc.CompileError("no such construct")


def locked(folder: Path) -> None:
    path = folder / "x.db"
    with closing(sqlite3.connect(path)) as holder, closing(sqlite3.connect(path, timeout=0)) as other:
        holder.execute("BEGIN EXCLUSIVE")
        other.execute("BEGIN IMMEDIATE")


def read_only(folder: Path) -> None:
    path = folder / "x.db"
    sqlite3.connect(path).close()
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.execute("CREATE TABLE t (x)")


def full(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "x.db")) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")


def missing(folder: Path) -> None:
    sqlite3.connect(folder / "none" / "x.db").close()


def test_a_disk_that_fails_sends_the_editor_to_the_disk() -> None:
    driver = sqlite3.OperationalError("disk I/O error")
    driver.sqlite_errorname = "SQLITE_IOERR_WRITE"
    assert "look whether it is full" in said(wrapped(driver)).hint


def test_a_folder_that_cannot_be_used_is_told_without_the_number_of_the_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Errno") as caught:
        (tmp_path / "none" / "x.db").touch()
    assert said(caught.value).message == "the folder of the database cannot be used: No such file or directory"


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(locked, "another process"), (read_only, "may not be written"), (full, "disk"), (missing, "may not be written")],
)
def test_what_sqlite_reports_is_told_apart(trouble: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error) as caught:
        trouble(tmp_path)
    assert words in said(wrapped(caught.value)).message


@pytest.mark.parametrize(
    ("driver", "words"),
    [
        (psycopg.errors.DiskFull, "disk"),
        (psycopg.errors.TooManyConnections, "no connection left"),
        (psycopg.errors.AdminShutdown, "lost"),
        (psycopg.errors.ConnectionFailure, "lost"),
        (psycopg.errors.InvalidPassword, "may not be"),
        (psycopg.errors.InsufficientPrivilege, "may not be"),
        (psycopg.errors.UndefinedTable, "expected tables"),
        (psycopg.errors.ProgramLimitExceeded, "cannot hold"),
        (psycopg.OperationalError, "cannot be reached"),
    ],
)
def test_what_postgresql_reports_is_told_apart(driver: type[psycopg.Error], words: str) -> None:
    assert words in said(wrapped(driver("first line\nDETAIL: ann@example.org"))).message


def test_only_the_first_line_of_the_driver_is_passed_on_since_the_rest_can_hold_addresses() -> None:
    error = said(wrapped(psycopg.errors.DiskFull("first line\nDETAIL: ann@example.org")))
    assert error.message.endswith(": first line")
    assert error.__cause__ is not None


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert said(OSError()).message.endswith(": OSError")

"""What goes wrong in a database, in the editor's words: the one table of foreign errors of this edge."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import exc

from newsletter.errors import StoreError


@dataclass(frozen=True, slots=True)
class Situation:
    """What is wrong, and what the editor can do about it."""

    message: str
    hint: str


DEFECT: Final = None  # the code uses SQLAlchemy wrongly: no advice to an editor helps, so it passes untranslated

_BUSY = Situation("another process is writing to the database", "wait until it is done and run the command again")
_FULL = Situation("the disk of the database is full", "make room there and run the command again")
_LOST = Situation("the connection to the database was lost", "check that the server runs, then run the command again")
_DENIED = Situation("the database may not be written or read", "check the owner and the rights of it and its folder")
_DAMAGED = Situation("the database file is damaged or is none", "check the path, or restore the file from a backup")
_FOREIGN = Situation("the database does not have the expected tables", "check that the store's URL names the right one")
_UNFIT = Situation("the database cannot hold a value", "look for overlong values; a PostgreSQL database must be UTF8")
_TROUBLE = Situation("the database reported a failure", "see what it says; its own log may say more")

# Looked up by the driver's code first (SQLite's name of it, https://sqlite.org/rescode.html, without what follows its
# second word; PostgreSQL's SQLSTATE or its class, https://www.postgresql.org/docs/current/errcodes-appendix.html),
# then by the class, nearest first.
SITUATIONS: Mapping[str | type[Exception], Situation | None] = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": Situation("the disk of the database fails", "look whether it is full, and run the command again"),
    "SQLITE_READONLY": _DENIED,
    "SQLITE_PERM": _DENIED,
    "SQLITE_CANTOPEN": _DENIED,
    "SQLITE_NOTADB": _DAMAGED,
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_TOOBIG": _UNFIT,
    "08": _LOST,
    "28": _DENIED,
    "42501": _DENIED,
    "42P01": _FOREIGN,
    "42703": _FOREIGN,
    "53100": _FULL,
    "53300": Situation("the database server has no connection left", "close other programs or raise max_connections"),
    "54": _UNFIT,
    "55P03": _BUSY,
    "57P": _LOST,
    exc.TimeoutError: Situation("no connection to the database became free", "run fewer things at once"),
    exc.DisconnectionError: _LOST,
    exc.InvalidatePoolError: _LOST,
    exc.OperationalError: Situation(
        "the database cannot be reached or used", "check the store's URL, and that the server or the disk is there"
    ),
    exc.ProgrammingError: _FOREIGN,
    exc.DataError: _UNFIT,
    exc.IntegrityError: Situation("the database refused a contradictory change", "nothing was written; try again"),
    exc.InterfaceError: _TROUBLE,
    exc.InternalError: _TROUBLE,
    exc.NotSupportedError: _TROUBLE,
    exc.DatabaseError: _TROUBLE,
    exc.DBAPIError: _TROUBLE,
    sqlite3.Error: _TROUBLE,  # only from what is said to a connection before SQLAlchemy has it
    OSError: Situation("the folder of the database cannot be used", "check its path, its rights and the disk"),
    exc.SQLAlchemyError: DEFECT,
    exc.EmulatedDBAPIException: DEFECT,
    exc.ArgumentError: DEFECT,
    exc.DuplicateColumnError: DEFECT,
    exc.ObjectNotExecutableError: DEFECT,
    exc.NoSuchModuleError: DEFECT,
    exc.NoForeignKeysError: DEFECT,
    exc.AmbiguousForeignKeysError: DEFECT,
    exc.ConstraintColumnNotFoundError: DEFECT,
    exc.CircularDependencyError: DEFECT,
    exc.CompileError: DEFECT,
    exc.UnsupportedCompilationError: DEFECT,
    exc.IdentifierError: DEFECT,
    exc.InvalidRequestError: DEFECT,
    exc.IllegalStateChangeError: DEFECT,
    exc.NoInspectionAvailable: DEFECT,
    exc.NoDBAPILoaded: DEFECT,
    exc.PendingRollbackError: DEFECT,
    exc.ResourceClosedError: DEFECT,
    exc.NoSuchColumnError: DEFECT,
    exc.AmbiguousColumnError: DEFECT,
    exc.NoResultFound: DEFECT,
    exc.MultipleResultsFound: DEFECT,
    exc.NoReferenceError: DEFECT,
    exc.AwaitRequired: DEFECT,
    exc.MissingGreenlet: DEFECT,
    exc.NoReferencedTableError: DEFECT,
    exc.NoReferencedColumnError: DEFECT,
    exc.NoSuchTableError: DEFECT,
    exc.UnreflectableTableError: DEFECT,
    exc.UnboundExecutionError: DEFECT,
    exc.StatementError: DEFECT,  # what is not a DBAPIError is a value that a column type refused
}


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreError for a failure of the database inside this block.

    Only the first line of what the driver says is passed on: the rest can hold addresses.
    """
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error, OSError) as err:
        situation = _situation(err)
        if situation is DEFECT:
            raise
        raise StoreError(f"{situation.message}: {_first_line(err)}", hint=situation.hint) from err


def _situation(err: Exception) -> Situation | None:
    keys: list[str | type[Any]] = [*_codes(err), *type(err).__mro__]
    return next((SITUATIONS[key] for key in keys if key in SITUATIONS), DEFECT)


def _codes(err: Exception) -> tuple[str, ...]:
    """Return the driver's code of an error, from the most to the least precise."""
    driver = getattr(err, "orig", err)
    if name := getattr(driver, "sqlite_errorname", None):
        return (name, "_".join(name.split("_")[:2]))
    if state := getattr(driver, "sqlstate", None):
        return (state, state[:3], state[:2])
    return ()


def _first_line(err: Exception) -> str:
    if isinstance(err, OSError) and err.strerror:
        return err.strerror
    return str(getattr(err, "orig", err)).strip().partition("\n")[0] or type(err).__name__

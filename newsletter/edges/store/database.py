"""One database: short transactions whose failures are StoreErrors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, Engine

from newsletter.edges.store.errors import translated
from newsletter.errors import StoreError

WRITES: Final = "newsletter_writes"
UNREFERENCED: Final = "newsletter_unreferenced"


@dataclass(frozen=True, slots=True)
class Database:
    """An engine that is ready to use."""

    engine: Engine
    _writer: Engine = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_writer", self.engine.execution_options(**{WRITES: True}))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes: committed at the end of the block, rolled back by an exception."""
        with translated(), self._writer.begin() as connection:
            yield connection

    def settle_down(self) -> None:
        """Move what SQLite still keeps in its log into the file and empty the log; it waits until nobody reads.

        https://sqlite.org/pragma.html#pragma_wal_checkpoint. What is overwritten in the file stays legible there.
        """
        if self.engine.dialect.name != "sqlite":
            return
        with translated():
            raw = self.engine.raw_connection()
            try:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                raw.close()

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Open a transaction that changes tables.

        SQLite alters most tables by making them anew, which empties the old one: its references are not watched
        meanwhile, and looked over in the end (https://sqlite.org/lang_altertable.html#otheralter).
        """
        options = {WRITES: True, UNREFERENCED: True}
        with translated():
            with self.engine.execution_options(**options).begin() as connection:
                yield connection
                if connection.dialect.name == "sqlite":
                    _check_references(connection)
            self.engine.dispose()  # no later transaction gets a connection that does not watch


def _check_references(connection: Connection) -> None:
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreError(f"the table {broken[0]} would lose what it refers to", hint="nothing was changed")

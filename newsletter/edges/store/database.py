"""One database: short transactions whose failures are StoreErrors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine

from newsletter.edges.store.errors import translated

WRITES: Final = "newsletter_writes"


@dataclass(frozen=True, slots=True)
class Database:
    """An engine that is ready to use."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a transaction that only reads."""
        with translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that writes: committed at the end of the block, rolled back by an exception."""
        with translated(), self.engine.execution_options(**{WRITES: True}).begin() as connection:
            yield connection

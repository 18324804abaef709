"""Copy everything from one store to another, all of it or nothing, whatever database each of them is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, Table, exists, func, insert, select

from newsletter.core.ports.sending import Contents
from newsletter.edges.store.database import Database
from newsletter.edges.store.errors import translated
from newsletter.edges.store.opening import file_of, open_database
from newsletter.edges.store.tables import deliveries, metadata, senders
from newsletter.errors import BadInput, MailingBusy, NotFound, StoreError

_PAGE: Final = 2_000  # rows in memory at a time


@dataclass(frozen=True, slots=True)
class StoreCopying:
    """Implements `core.ports.Copying`; both are URLs, which may hold passwords and are therefore never shown."""

    source: str = field(repr=False)
    target: str = field(repr=False)

    def copy(self, at: datetime) -> Contents:
        """Copy everything in one transaction, and compare; return what both hold then.

        Raises:
            NotFound: there is no first store.
            BadInput: the second store is not empty.
            MailingBusy: somebody is sending from the first store.
            StoreError: a database failed, or what arrived is not what left; the second store is empty as before.
        """
        file = file_of(self.source)
        if file and not Path(file).is_file():
            raise NotFound(f"there is no store at {file}", hint="nothing was copied; check the first URL")
        with _opened(self.source) as here, _snapshot(here.engine) as source:
            _check_idle(source, at)
            with _opened(self.target) as there, there.writing() as target:
                _check_empty(target)
                for table in metadata.sorted_tables:  # what is referred to comes first
                    _copy(table, source, target)
                left, arrived = _contents(source), _contents(target)
                if left != arrived:
                    raise StoreError("the copy differs from what was copied", hint="nothing was kept of it; try again")
        return arrived


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.engine.dispose()


@contextmanager
def _snapshot(engine: Engine) -> Iterator[Connection]:
    """Read as of one moment, however long it takes: SQLite does so by itself."""
    with translated(), closing(engine.connect()) as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def _check_idle(source: Connection, at: datetime) -> None:
    last: datetime | None = source.scalar(select(func.max(senders.c.lease_until)).where(senders.c.lease_until > at))
    if last:
        seconds = max(1, round((last - at).total_seconds()))
        raise MailingBusy(
            "a mailing is being sent from this store at this moment",
            hint=f"pause or finish it first; if its process died, try again in {seconds} s",
        )


def _check_empty(target: Connection) -> None:
    for table in metadata.sorted_tables:
        if target.scalar(select(exists(select(1).select_from(table)))):
            raise BadInput(
                f"the store to copy to is not empty: it has {table.name}", hint="nothing was copied; name a new one"
            )


def _copy(table: Table, source: Connection, target: Connection) -> None:
    query, statement = select(table).order_by(*table.primary_key), insert(table)
    with source.execute(query, execution_options={"yield_per": _PAGE}) as rows:
        for page in rows.mappings().partitions():
            target.execute(statement, [dict(row) for row in page])
    if target.dialect.name == "postgresql" and "id" in table.c:
        _go_on_after(table, target)


def _go_on_after(table: Table, target: Connection) -> None:
    """Let the table's sequence go on after the numbers that were not taken from it; SQLite looks by itself."""
    sequence = func.pg_get_serial_sequence(table.name, "id")
    highest = select(func.max(table.c.id)).scalar_subquery()
    target.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def _contents(connection: Connection) -> Contents:
    counts = {
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in metadata.sorted_tables
    }
    return Contents(counts, _ledger(connection))


def _ledger(connection: Connection) -> str:
    """Return a digest of where every delivery stands, of sums that both databases make alike."""
    kinds = deliveries.c.mailing_id, deliveries.c.state, deliveries.c.released
    numbers = (
        deliveries.c.id,
        deliveries.c.subscriber_id,
        deliveries.c.attempts,
        func.length(deliveries.c.message_id),
        func.length(deliveries.c.reason),
    )
    query = select(*kinds, func.count(), *map(func.sum, numbers)).group_by(*kinds)
    lines = sorted(
        f"{mailing} {state} {released:d} {[*map(int, sums)]}"
        for mailing, state, released, *sums in connection.execute(query)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()

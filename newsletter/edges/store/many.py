"""One statement for many rows, by the shortest way to the driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Dialect, Insert, Update

from newsletter.edges.store.columns import Moment, WordMap, Words

_ROOM: Final = 48_000  # KiB for pages; SQLite takes two megabytes by itself
_Row: TypeAlias = dict[str, Any]
_Shaping: TypeAlias = Callable[[list[_Row]], Any]


class Many:
    """An INSERT or UPDATE that answers nothing, for rows that are storable already (`rows.storable_subscriber`).

    SQLAlchemy looks at every value of every row once more, which takes longer than the database does. Here it compiles
    the statement, and values go to the driver as they are, but for times and maps, which each driver wants in its own
    form.
    """

    def __init__(self, statement: Insert | Update, names: Sequence[str] | None = None) -> None:
        self._statement, self._names = statement, names
        self._compiled = lru_cache(self._compile)

    def execute(self, connection: Connection, rows: list[_Row]) -> None:
        """Execute the statement for each row, if there is one; the rows are used up."""
        if rows:
            sql, shaped = self._compiled(connection.dialect)
            connection.exec_driver_sql(sql, shaped(rows))

    def _compile(self, dialect: Dialect) -> tuple[str, _Shaping]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._names)
        forms: dict[str, Callable[[Any], Any]] = {}
        for name, value in compiled.binds.items():
            kind = value.type.impl_instance if isinstance(value.type, WordMap) else value.type
            form = kind.dialect_impl(dialect).bind_processor(dialect)
            if form and not isinstance(kind, Words):
                # Many rows share a time: the one of the import at least.
                forms[name] = lru_cache(1_000)(form) if isinstance(kind, Moment) else form
        return str(compiled), _shaping(forms, compiled.positiontup)


def _shaping(forms: dict[str, Callable[[Any], Any]], order: Sequence[str] | None) -> _Shaping:
    in_order = itemgetter(*order) if order else None

    def shaped(rows: list[_Row]) -> Any:
        for name, form in forms.items():
            for row in rows:
                row[name] = form(row[name])
        return [in_order(row) for row in rows] if in_order else rows

    return shaped


@contextmanager
def roomy(connection: Connection) -> Iterator[None]:
    """Let SQLite hold more pages meanwhile: rows in random places of an index would else be read again and again."""
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_ROOM}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")

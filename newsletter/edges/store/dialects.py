"""The few things that SQLite and PostgreSQL say in different words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, ColumnElement, Text, cast, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Each(FunctionElement[str]):
    """The elements of a JSON array as rows with one column, `value`."""

    inherit_cache = True
    name = "each"


@compiles(_Each, "sqlite")
def _sqlite_each(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(func.json_each(*element.clauses), **options)


@compiles(_Each, "postgresql")
def _postgresql_each(element: _Each, compiler: SQLCompiler, **options: Any) -> str:
    (array,) = element.clauses
    return compiler.process(func.json_array_elements_text(cast(array, JSON)), **options)


def among(column: ColumnElement[Any], values: Iterable[str] | Iterable[int]) -> ColumnElement[bool]:
    """Return the condition that a column is one of any number of storable values.

    They travel as one variable: SQLite takes 32,766 at most (https://sqlite.org/limits.html), PostgreSQL 65,535.
    """
    each = _Each(literal(json.dumps(list(values)), Text())).table_valued("value")
    return column.in_(select(cast(each.c.value, column.type)))

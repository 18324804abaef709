"""A table of an issue: header and rows of one length, and which columns hold numbers."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from newsletter.core.only import Conditional
from newsletter.core.written import Line, OptionalLine, sized

Rows = tuple[tuple[str, ...], ...]
# A number with a sign, a currency, separators, a per cent sign or a unit: -1,200.50 $6 3 % 12'000 € 9.6 kW.
_NUMBER = re.compile(
    r"[+\-−±~]?[$€£¥]?\s?[+\-−]?\d+(?:[.,'’\s\u00a0\u202f]\d+)*(?:\s?(?:[%‰$€£¥]|[A-Za-zµ°²³/]{1,4}))?"
)
_NUMERIC = re.compile(rf"{_NUMBER.pattern}|[-–—]?|n/?a", re.IGNORECASE)


class Table(Conditional):
    """Data in rows under a header; the first cell of a row says what the row is about."""

    kind: Literal["table"]
    caption: OptionalLine = ""
    header: Annotated[tuple[Line, ...], sized(2, 6, what="column")]
    rows: Annotated[tuple[tuple[OptionalLine, ...], ...], Field(min_length=1)]

    @field_validator("rows")
    @classmethod
    def _as_long_as_the_header(cls, rows: Rows, others: ValidationInfo) -> Rows:
        width = len(others.data.get("header", ()))
        wrong = [index for index, row in enumerate(rows) if width and len(row) != width]
        if wrong:
            raise ValidationError.from_exception_data(
                cls.__name__, [_wrong_length(index, rows[index], width) for index in wrong]
            )
        return rows

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Tell of each column whether it holds numbers: at least one, and nothing else but dashes and gaps."""
        columns = ([row[index].strip() for row in self.rows] for index in range(len(self.header)))
        return tuple(any(map(_NUMBER.fullmatch, cells)) and all(map(_NUMERIC.fullmatch, cells)) for cells in columns)


def _wrong_length(index: int, row: tuple[str, ...], width: int) -> InitErrorDetails:
    cells = "cell" if len(row) == 1 else "cells"
    said = ValueError(f'has {len(row)} {cells}, the header {width}; write "" for an empty cell')
    return {"type": PydanticCustomError("value_error", "{error}", {"error": said}), "loc": (index,), "input": row}

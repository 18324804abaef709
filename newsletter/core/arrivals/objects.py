"""JSON becomes rows of cells (RFC 8259): objects, one on each line or all in an array, whose keys are the columns.

A file is read twice: the first time to learn the keys, since any object may have one more.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any, Final, TypeAlias

from newsletter.core.arrivals.formats import OWN
from newsletter.core.arrivals.text import LONGEST, Encoding, Row, Sheet, no_text
from newsletter.core.source import Mark, Problem
from newsletter.errors import InvalidSource

_CHUNK: Final = 1 << 16  # characters
_MOST_KEYS: Final = 10_000  # every row has a cell for each
_FIELDS: Final = "fields"  # where our own export has the list's own columns
_FORM: Final = "write one object on each line, or an array of objects"
_DECODER: Final = json.JSONDecoder()
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)  # made once: `json.dumps` makes one each time
_Object: TypeAlias = dict[str, Any]


def header_of(sheet: Sheet, encoding: Encoding) -> list[str]:
    """Return the keys of all objects, in the order in which they first come; of our own export also the fields.

    Raises:
        InvalidSource: what stands at the beginning is no JSON object, an array breaks off, or there are too many keys.
    """
    keys, fields = dict[str, None](), dict[str, None]()
    for number, (_, value) in enumerate(_objects(sheet, encoding)):
        if isinstance(value, Problem):
            if number == 0:
                raise InvalidSource([value])
            continue
        inner = value.get(_FIELDS)
        if value.keys() <= keys.keys() and not isinstance(inner, dict):  # nearly always
            continue
        keys.update(dict.fromkeys(_named(value)))
        fields.update(dict.fromkeys(_named(inner)) if isinstance(inner, dict) else ())
        if max(len(keys), len(fields)) > _MOST_KEYS:
            said = f"the objects have more than {_MOST_KEYS:,} different keys"
            raise InvalidSource([sheet.problem(1, "", said, "a key is what a column is called, the same in all")])
    if _is_own(keys):
        keys.pop(_FIELDS, None)
        keys.update(fields)
    return list(keys)


def rows_of(sheet: Sheet, encoding: Encoding, header: Collection[str]) -> Iterator[Row | Problem]:
    """Yield a row for each object, with the line on which it begins, or what is wrong with the line.

    Raises:
        InvalidSource: an array breaks off.
    """
    own, known = _is_own(header), dict.fromkeys(header)
    for line, value in _objects(sheet, encoding):
        if isinstance(value, Problem):
            yield value
            continue
        try:
            flat = _flat(value) if own else value
            if flat.keys() <= known.keys():
                yield line, _cells(flat, header)
            else:
                yield _misnamed(sheet, line, flat)
        except (TypeError, RecursionError):
            where = _FIELDS if own else ""
            yield sheet.problem(line, where, "this cannot be a row", "names with a text each are understood")


def _named(value: _Object) -> Iterator[str]:
    """Yield the keys that can be names of columns."""
    return (key for key in value if not no_text(key))


def _misnamed(sheet: Sheet, line: int, value: _Object) -> Problem:
    character = next(filter(None, map(no_text, value)))
    return sheet.problem(line, "", f"a key holds {character}, which is no character of any text", "write another key")


def _is_own(keys: Collection[str]) -> bool:
    return all(name in keys for signature in OWN.signatures for name in signature)


def _flat(value: _Object) -> _Object:
    return {**(value.get(_FIELDS) or {}), **{key: each for key, each in value.items() if key != _FIELDS}}


def _cells(value: _Object, header: Collection[str]) -> list[str]:
    return [each if isinstance(each, str) else _written(each) for each in map(value.get, header)]


def _written(value: object) -> str:
    return "" if value is None else _ENCODER.encode(value)


def _objects(sheet: Sheet, encoding: Encoding) -> Iterator[tuple[int, _Object | Problem]]:
    with io.TextIOWrapper(sheet.open(), encoding=encoding.codec) as text:
        lines = enumerate(iter(lambda: text.readline(LONGEST), ""), 1)
        first = next((each for each in lines if not each[1].isspace()), (1, "\n"))
        if first[1].lstrip().startswith("["):
            yield from _Array(sheet, text, *first).objects()
            return
        for number, line in chain([first], lines):
            if len(line) == LONGEST:
                raise InvalidSource([sheet.problem(number, "", "a line is longer than a million characters", _FORM)])
            if not line.isspace():
                yield number, _parsed(sheet, number, line)


def _parsed(sheet: Sheet, number: int, line: str) -> _Object | Problem:
    try:
        found = _read(line.rstrip())
    except json.JSONDecodeError as err:
        return Problem(sheet.name, Mark(number, err.colno), "", _not_json(err), _FORM)
    except (ValueError, RecursionError):  # a number of thousands of digits, or too many brackets
        return sheet.problem(number, "", "this cannot be read", _FORM)
    return found if isinstance(found, dict) else sheet.problem(number, "", "what stands here is not an object", _FORM)


def _read(line: str) -> Any:
    """Do what `json.loads` does, in half the time: that does the same and more beside for each line."""
    found, end = _DECODER.raw_decode(line, len(line) - len(line.lstrip()))
    if end < len(line):
        raise json.JSONDecodeError("Extra data", line, end)
    return found


def _not_json(err: json.JSONDecodeError) -> str:
    return f"not JSON: {err.msg[:1].lower()}{err.msg[1:]}"


class _Array:
    """An array of objects, of which no more is in memory than one object and what was read with it."""

    def __init__(self, sheet: Sheet, text: io.TextIOWrapper, line: int, first: str) -> None:
        self._sheet, self._text = sheet, text
        self._buffer, self._at = first, first.index("[") + 1
        self._line, self._given_up = line, 0  # the line of what is read next, and how much of it is out of the buffer

    def objects(self) -> Iterator[tuple[int, _Object]]:
        """Yield the objects, each with its line."""
        sign = self._sign()
        while sign != "]":
            if sign != "{":
                raise self._broken(self._at, "what stands here is not an object")
            yield self._line, self._object()
            sign = self._sign()
            if sign == ",":
                self._move(self._at + 1)
                sign = self._sign()
            elif sign != "]":
                raise self._broken(self._at, "not JSON: here the array neither goes on nor ends")
        self._move(self._at + 1)
        if self._sign():
            raise self._broken(self._at, "not JSON: the array has ended before")

    def _sign(self) -> str:
        """Return the next character that is no space, empty at the end."""
        while True:
            rest = self._buffer[self._at : self._at + 1]
            if rest and not rest.isspace():
                return rest
            if rest:
                self._move(self._at + 1)
            elif not self._read_more():
                return ""

    def _object(self) -> _Object:
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as err:
                if not self._read_more():
                    raise self._broken(err.pos, _not_json(err)) from err
            except (ValueError, RecursionError) as err:
                raise self._broken(self._at, "this cannot be read") from err
            else:
                self._move(end)
                found: _Object = value
                return found

    def _read_more(self) -> bool:
        if len(self._buffer) - self._at > LONGEST or not (more := self._text.read(_CHUNK)):
            return False
        self._given_up = self._column(self._at) - 1
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        return True

    def _move(self, end: int) -> None:
        self._line += self._buffer.count("\n", self._at, end)
        self._at = end

    def _column(self, at: int) -> int:
        newline = self._buffer.rfind("\n", 0, at)
        return at - newline if newline >= 0 else self._given_up + at + 1

    def _broken(self, at: int, said: str) -> InvalidSource:
        mark = Mark(self._line + self._buffer.count("\n", self._at, at), self._column(at))
        return InvalidSource([Problem(self._sheet.name, mark, "", said, _FORM)])

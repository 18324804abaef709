"""The bytes of a CSV file become rows of cells, a line at a time.

UTF-8 and UTF-16 (by its byte order mark) are recognised, Windows-1252 is assumed where it is neither; commas,
semicolons, tabs and bars separate columns (RFC 4180 has commas alone). A file is read twice: the first time to learn
the encoding, which one byte near the end decides.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, Final

from newsletter.core.source import Mark, Problem
from newsletter.errors import InvalidSource

LONGEST: Final = 1 << 20  # bytes or characters; no line of a list is as long
_DELIMITERS: Final = ",;\t|"
_SEPARATOR = re.compile(rf'"?sep=([{_DELIMITERS}])"?\r?\n?', re.IGNORECASE)  # Excel's own first line
_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # JSON's escapes can say both, and broken files hold NUL
_JSON = re.compile(rb"[\xef\xbb\xbf\xfe\xff\0\s]*[\[{]")  # perhaps after a byte order mark, and in UTF-16
_SAVE: Final = "save the list as CSV UTF-8"

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file, or one inside a ZIP file: how messages name it, and how to open it, which is done twice."""

    name: str
    open: Callable[[], BinaryIO]

    def problem(self, line: int, column: str, message: str, hint: str = "") -> Problem:
        """Return a problem on a line, with the name of its column if it is about one."""
        return Problem(self.name, Mark(line, 1), column, message, hint)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes are characters: Python's name for it, and ours."""

    codec: str
    title: str


_UTF_8 = Encoding("utf-8-sig", "UTF-8")
_UTF_16 = Encoding("utf-16", "UTF-16")
_WINDOWS = Encoding("cp1252", "Windows-1252 (assumed, since it is not UTF-8)")
_OTHERS: Final = (_UTF_8, _WINDOWS)


def no_text(text: str) -> str:
    """Return the first character that is none of any text, like U+D800, or nothing: a NUL or half of a pair."""
    if text.isascii() and "\0" not in text:  # nearly always, and ten times as fast
        return ""
    found = _NO_TEXT.search(text)
    return f"U+{ord(found[0]):04X}" if found else ""


def is_json(sheet: Sheet) -> bool:
    """Tell whether a file begins as JSON does that holds objects, which no header of a list does."""
    with sheet.open() as file:
        return bool(_JSON.match(file.read(LONGEST)))


def encoding_of(sheet: Sheet) -> Encoding:
    """Return the encoding in which all of the file can be read.

    Raises:
        InvalidSource: there is none, or a line is too long for a list.
    """
    with sheet.open() as file:
        chunk = file.read(LONGEST)
        json = _JSON.match(chunk)  # an array may stand on one line
        marked = chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        decoders = {each: codecs.getincrementaldecoder(each.codec)() for each in ([_UTF_16] if marked else _OTHERS)}
        line = 1
        while chunk:
            if not json and len(chunk) == LONGEST and b"\n" not in chunk and b"\r" not in chunk:
                raise InvalidSource([sheet.problem(line, "", "a line is longer than a million characters", _SAVE)])
            following = file.read(LONGEST)
            faults = {each: _fault(decoder, chunk, final=not following) for each, decoder in decoders.items()}
            if None not in faults.values():
                raise InvalidSource([_unreadable(sheet, line, chunk, faults)])
            decoders = {each: decoder for each, decoder in decoders.items() if faults[each] is None}
            line += chunk.count(b"\n")
            chunk = following
    return next(iter(decoders))


def _fault(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> int | None:
    """Return where in the chunk the decoder fails."""
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError as err:
        return err.start
    return None


def _unreadable(sheet: Sheet, line: int, chunk: bytes, faults: Mapping[Encoding, int | None]) -> Problem:
    names = " nor ".join(each.title.partition(" ")[0] for each in faults)
    at = max(fault or 0 for fault in faults.values())
    return sheet.problem(line + chunk.count(b"\n", 0, at), "", f"what stands here is not {names}", _SAVE)


def rows_of(sheet: Sheet, encoding: Encoding) -> Iterator[Row]:
    """Yield the rows that are not empty, the header first, each with the line on which it begins.

    Raises:
        InvalidSource: this is no text, or the quotes of a line do not fit; nothing can be told from there on.
    """
    with io.TextIOWrapper(sheet.open(), encoding=encoding.codec, newline="") as text:
        skipped, first, delimiter = _first_line(text)
        if _CONTROL.search(first):
            raise InvalidSource([sheet.problem(skipped + 1, "", "this is not a text file", _SAVE)])
        reader = csv.reader(chain([first], text), delimiter=delimiter, strict=True)
        line = skipped + 1
        try:
            for cells in reader:
                if any(cells) and any(map(str.strip, cells)):
                    yield line, cells
                line = skipped + reader.line_num + 1
        except csv.Error as err:
            said, hint = f"not CSV: {err}", "check the quotes on this line"
            raise InvalidSource([sheet.problem(line, "", said, hint)]) from err


def _first_line(text: io.TextIOWrapper) -> tuple[int, str, str]:
    """Return how many lines stand before the header, its first line, and what separates its columns."""
    skipped, named = 0, ""
    while line := text.readline():
        if found := _SEPARATOR.fullmatch(line):
            named = found[1]
        elif line.strip(f" \r\n{_DELIMITERS}"):
            break
        skipped += 1
    unquoted = re.sub(r'"[^"]*"?', "", line)
    return skipped, line, named or max(_DELIMITERS, key=unquoted.count)

"""Move in: a list from elsewhere is imported in one transaction, with an account of every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from os.path import commonpath
from pathlib import PurePath
from typing import Final

from newsletter.core.acts import By
from newsletter.core.arrivals import objects
from newsletter.core.arrivals.account import Account, Named, Read
from newsletter.core.arrivals.cells import plain
from newsletter.core.arrivals.columns import AUTO, SAMPLE, Columns, Wish, columns_of, format_of, unknown_columns
from newsletter.core.arrivals.formats import ANY
from newsletter.core.arrivals.rows import Refused, Rows
from newsletter.core.arrivals.text import Encoding, Row, Sheet, encoding_of, is_json, rows_of
from newsletter.core.audience import check_tags
from newsletter.core.ports.readers import Door
from newsletter.core.source import Problem
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Consent, Subscriber
from newsletter.core.typed import did_you_mean
from newsletter.errors import BadInput, InvalidSource

_OFTEN: Final = 1_000  # rows


@dataclass(frozen=True, slots=True)
class _List:
    """A sheet that is understood."""

    sheet: Sheet
    encoding: Encoding
    json: bool
    header: Sequence[str]
    columns: Columns

    @property
    def title(self) -> str:
        return "JSON" if self.json and self.columns.format is ANY else self.columns.format.title

    def rows(self) -> Iterator[Row | Problem]:
        """Yield what stands behind the header."""
        if self.json:
            return objects.rows_of(self.sheet, self.encoding, self.header)
        return islice(rows_of(self.sheet, self.encoding), 1, None)


def move_in(
    door: Door,
    sheets: Sequence[Sheet],
    wish: Wish,
    *,
    at: datetime,
    rehearsal: bool = False,
    tell: Callable[[int], None] = lambda _: None,
) -> Account:
    """Import the sheets of one file; `tell` hears now and then how many rows were read.

    A rehearsal does all of it and undoes it, so that its account is that of the import.

    Raises:
        InvalidSource: a file is no list, or breaks off; nothing was imported.
        BadInput: a tag, a column that was named, or the format is wrong.
    """
    extra = _checked(wish.tags)
    lists, passed_over = _lists(sheets, wish)
    files = [Read(each.sheet.name, each.title, each.encoding.title) for each in lists]
    refused, noted = Named(), Named()

    def people() -> Iterator[Subscriber]:
        for each, read in zip(lists, files, strict=True):
            consent = Consent(f"import of {PurePath(each.sheet.name).name}", at)
            rows = Rows(each.sheet, each.columns, tags=extra, consent=consent, note=noted.add, literal=each.json)
            for row in each.rows():
                read.rows += 1
                if read.rows % _OFTEN == 0:
                    tell(sum(each.rows for each in files))
                if isinstance(row, Problem):
                    refused.add(row)
                    continue
                line, cells = row
                try:
                    yield rows.subscriber(line, cells)
                except Refused as err:
                    refused.add(each.sheet.problem(line, err.column, err.message, err.hint))

    source = PurePath(commonpath(each.name for each in files)).name  # the archive, if it holds several
    came = Entry(at, "imported", f"by {By.EDITOR}: {source}")
    intake = door.take_in(people(), at, came, rehearsal=rehearsal)
    return Account(files, passed_over, intake, refused, noted)


def _checked(tags: Iterable[str]) -> frozenset[str]:
    try:
        return check_tags(tags)
    except ValueError as err:
        raise BadInput.said(err) from err


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A sheet of which the header and some rows are known."""

    sheet: Sheet
    encoding: Encoding
    line: int
    header: Sequence[str]
    sample: Sequence[Sequence[str]]
    json: bool = False

    def understood(self, wish: Wish) -> _List:
        columns = columns_of(self.sheet, self.line, self.header, self.sample, wish)
        return _List(self.sheet, self.encoding, self.json, self.header, columns)


def _lists(sheets: Sequence[Sheet], wish: Wish) -> tuple[list[_List], list[tuple[str, str]]]:
    """Return the sheets that are lists, and the others with the reason."""
    begun, passed_over = [], []
    for sheet in sheets:
        try:
            begun.append(_begun(sheet))
        except InvalidSource as err:
            if len(sheets) == 1:
                raise
            passed_over.append((sheet.name, err.problems[0].message))
    if unknown := unknown_columns([each.header for each in begun], wish):
        names = [name for each in begun for name in each.header if name.strip()]
        raise BadInput(f"no column is called {unknown[0]!r}", hint=did_you_mean(unknown[0], names))
    chosen = begun if len(sheets) == 1 else _chosen(begun, wish)
    others = [each for each in begun if each not in chosen]
    passed_over += [(each.sheet.name, "not a list of a format that is known here") for each in others]
    return [each.understood(wish) for each in chosen], passed_over


def _begun(sheet: Sheet) -> _Beginning:
    encoding = encoding_of(sheet)
    if is_json(sheet):
        header = objects.header_of(sheet, encoding)
        found = islice(objects.rows_of(sheet, encoding, header), SAMPLE)
        sample = [row[1] for row in found if not isinstance(row, Problem)]
        return _Beginning(sheet, encoding, 1, header, sample, json=True)
    rows = rows_of(sheet, encoding)
    line, header = next(rows, (1, []))
    sample = [cells for _, cells in islice(rows, SAMPLE)]
    return _Beginning(sheet, encoding, line, header, sample)


def _chosen(begun: Sequence[_Beginning], wish: Wish) -> Sequence[_Beginning]:
    """Return the lists of an archive, which holds more, for instance who opened what, address by address.

    Files of a format that is known are lists; where there is none, a file of another form is taken if it is alone.
    """
    formats = [(each, format_of(each.sheet, each.header, AUTO)) for each in begun]
    known = [each for each, found in formats if found is not ANY and wish.format in {AUTO, found.name}]
    others = [each for each, _ in formats if any("email" in plain(name) for name in each.header)]
    if known or len(others) == 1:
        return known or others
    said = "none of its files is a list of a format that is known here"
    raise BadInput(said, hint="unpack it, and import the list by itself")

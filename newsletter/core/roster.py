"""The list as CSV (RFC 4180): rows become subscribers, and subscribers rows.

Known columns are the address, names, tags, standing and consent; every other column is a field of the list's own.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from newsletter.core.address import valid_address
from newsletter.core.audience import check_tags
from newsletter.core.formulas import guarded, unguarded
from newsletter.core.source import Mark, Problem
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.core.typed import did_you_mean
from newsletter.errors import InvalidSource

_TIMES = ("standing_since", "paused_until", "consent_at", "confirmed_at")
COLUMNS = (
    *("email", "first_name", "last_name", "tags", "standing", "standing_reason", "standing_since", "paused_until"),
    *("consent_source", "consent_at", "consent_ip", "confirmed_at", "confirmed_ip"),
)
_ALIASES = {"email_address": "email", "address": "email", "e_mail": "email", "firstname": "first_name"}
_ALIASES |= {"lastname": "last_name", "tag": "tags", "status": "standing"}
_DELIMITERS = ",;\t"


def read_csv(data: bytes, file: str, *, tags: Iterable[str], source: str, at: datetime) -> list[Subscriber]:
    """Return the subscribers of a CSV file, each with `tags` added.

    `source` and `at` stand in as the consent of rows that bring none. Tags in the file are separated by semicolons or
    commas. The separator of the columns (comma, semicolon or tab) is taken from the header.

    Raises:
        InvalidSource: with every row that cannot be used; a file with one such row gives nothing.
    """
    text = _decoded(data, file)
    header_line = next((line for line in re.split(r"[\r\n]+", text) if line.strip(f" {_DELIMITERS}")), "")
    delimiter = max(_DELIMITERS, key=header_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found: list[Subscriber] = []
    problems: list[Problem] = []
    rows = _rows(reader, file, problems)
    header = _header(file, *next(rows, (1, [])), problems)
    extra, default = frozenset(tags), Consent(source, at)
    for line, cells in rows:
        row = dict(zip(header, (unguarded(cell.strip()) for cell in cells), strict=False))
        wrong = list(_wrong(row, len(cells) - len(header)))
        problems += [Problem(file, Mark(line, 1), column, message, hint) for column, message, hint in wrong]
        if not wrong:
            found.append(_subscriber(row, extra, default))
    if problems:
        raise InvalidSource(sorted(problems, key=lambda problem: problem.mark))
    return found


def field_name(name: str) -> str:
    """Return the name of a field as an import of its column gives it, so that an export brings it back.

    Raises:
        ValueError: it cannot be a field's name.
    """
    column = _column(name)
    if not column or column in COLUMNS:
        raise ValueError(f"{name!r} cannot be the name of a field; use another one, with letters from a to z or digits")
    return column


def csv_lines(subscribers: Iterable[Subscriber], fields: Sequence[str]) -> Iterator[str]:
    """Yield a CSV file line by line, header first; `fields` are the list's own columns."""
    yield _line([*COLUMNS, *fields])
    for each in subscribers:
        yield _line([*written(each).values(), *(each.fields.get(name, "") for name in fields)])


def written(each: Subscriber) -> dict[str, str]:
    """Return all that is known of a subscriber but their fields, by column."""
    of, consent = each, each.consent
    moments = (of.since, of.paused_until, consent.at, consent.confirmed_at)
    since, paused, agreed, confirmed = (moment.isoformat() if moment else "" for moment in moments)
    names = (of.address, of.first_name, of.last_name, ";".join(sorted(of.tags)))
    proof = (consent.source, agreed, consent.ip, confirmed, consent.confirmed_ip)
    return dict(zip(COLUMNS, (*names, of.standing, of.reason, since, paused, *proof), strict=True))


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data[: err.start].count(b"\n") + 1
        said = f"byte 0x{data[err.start]:02x} is not UTF-8"
        raise InvalidSource([Problem(file, Mark(line, 1), "", said, "save the file as CSV UTF-8")]) from err


def _column(name: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", name.strip().lower()).strip("_")
    return _ALIASES.get(plain, plain)


def _header(file: str, line: int, names: Sequence[str], problems: Sequence[Problem]) -> list[str]:
    """Return the columns' names, empty ones for columns without a heading, as spreadsheets leave them."""
    header = [_column(name) for name in names]
    wrong = list(problems)
    if "email" not in header and not wrong:
        hint = (
            f"name one column email; {did_you_mean('email', filter(None, header)) if header else 'the file is empty'}"
        )
        wrong.append(Problem(file, Mark(line, 1), "", "no column holds the email address", hint))
    doubles = sorted({name for name in header if name and header.count(name) > 1})
    wrong += [Problem(file, Mark(line, 1), name, "this column stands here twice", "keep one") for name in doubles]
    for name, column in zip(names, header, strict=True):
        if name.strip() and not column:
            said = "this column's name has no letter from a to z and no digit"
            wrong.append(Problem(file, Mark(line, 1), name.strip(), said, "give it one that merge fields can name"))
    if wrong:
        raise InvalidSource(wrong)
    return header


def _rows(reader: Iterator[list[str]], file: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-empty rows with the line each begins on."""
    line = _line_number(reader) + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = _line_number(reader) + 1
    except csv.Error as err:
        problems.append(Problem(file, Mark(line, 1), "", f"not CSV: {err}", "check the quotes on this line"))


def _line_number(reader: object) -> int:
    number: int = getattr(reader, "line_num", 0)
    return number


def _wrong(row: Mapping[str, str], surplus: int) -> Iterator[tuple[str, str, str]]:
    if surplus > 0:
        yield "", "more cells than the header has columns", "quote cells that hold the separator"
    try:
        valid_address(row.get("email", ""))
    except ValueError as err:
        yield "email", str(err), "mend or delete the row"
    if any("\x00" in value for value in row.values()):
        yield "", "a NUL character", "delete it"
    try:
        check_tags(_tags(row))
    except ValueError as err:
        said, _, hint = str(err).partition("; ")
        yield "tags", said, hint
    standing = row.get("standing", "")
    if standing and standing.lower() not in list(Standing):
        yield "standing", f"{standing!r} is not a standing", did_you_mean(standing.lower(), list(Standing))
    for column in _TIMES:
        if row.get(column) and _time(row[column]) is None:
            yield column, f"{row[column]!r} is not a time", "write it like 2025-09-28T14:30:00Z"


def _subscriber(row: Mapping[str, str], extra: frozenset[str], default: Consent) -> Subscriber:
    """Return the subscriber of a row. Whoever is not to be mailed anyway is not said to have agreed by an import."""
    since, paused, agreed, confirmed = (_time(row.get(column, "")) for column in _TIMES)
    ip, confirmed_ip = row.get("consent_ip", ""), row.get("confirmed_ip", "")
    brought = Consent(row.get("consent_source", ""), agreed, ip, confirmed, confirmed_ip)
    standing = Standing(row["standing"].lower()) if row.get("standing") else Standing.ACTIVE
    return Subscriber(
        address=valid_address(row["email"]),
        first_name=row.get("first_name", ""),
        last_name=row.get("last_name", ""),
        tags=check_tags(_tags(row)) | extra,
        fields={name: value for name, value in row.items() if name and name not in COLUMNS and value},
        standing=standing,
        reason=row.get("standing_reason", ""),
        since=since,
        paused_until=paused,
        consent=default if brought == Consent() and standing.mailable else brought,
    )


def _tags(row: Mapping[str, str]) -> list[str]:
    return [tag for tag in re.split(r"[,;]", row.get("tags", "")) if tag.strip()]


def _time(text: str) -> datetime | None:
    """Return a time in UTC; one without a zone is taken as UTC."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    # The writer quotes those line ends alone that its own is made of.
    csv.writer(out, lineterminator="\r\n").writerow(map(guarded, cells))
    return out.getvalue().removesuffix("\r\n") + "\n"

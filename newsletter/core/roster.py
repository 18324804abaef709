"""The list as CSV (RFC 4180), so that it can be imported again without loss.

Known columns are the address, names, tags, standing and consent; every other column is a field of the list's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from newsletter.core.subscriber import Subscriber

COLUMNS = ("email", "first_name", "last_name", "tags", "standing", "consent_source", "consent_at")


def csv_lines(subscribers: Iterable[Subscriber], fields: Sequence[str]) -> Iterator[str]:
    """Yield a CSV file line by line, header first; `fields` are the list's own columns."""
    yield _line([*COLUMNS, *fields])
    for each in subscribers:
        consent_at = each.consent.at.isoformat() if each.consent.at else ""
        own = [each.fields.get(name, "") for name in fields]
        tags = ";".join(sorted(each.tags))
        names = [each.address, each.first_name, each.last_name]
        yield _line([*names, tags, each.standing, each.consent.source, consent_at, *own])


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    # The writer quotes those line ends alone that its own is made of.
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + "\n"

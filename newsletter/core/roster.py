"""The list as CSV (RFC 4180), so that it can be imported again without loss.

Known columns are the address, names, tags, standing and consent; every other column is a field of the list's own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from newsletter.core.arrivals.cells import plain
from newsletter.core.formulas import guarded
from newsletter.core.subscriber import Subscriber

COLUMNS = (
    *("email", "first_name", "last_name", "tags", "standing", "standing_reason", "standing_since", "paused_until"),
    *("consent_source", "consent_at", "consent_ip", "confirmed_at", "confirmed_ip"),
)


def field_name(name: str) -> str:
    """Return the name of a field as an import of its column gives it, so that an export brings it back.

    Raises:
        ValueError: it cannot be a field's name.
    """
    column = plain(name)
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


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    # The writer quotes those line ends alone that its own is made of.
    csv.writer(out, lineterminator="\r\n").writerow(map(guarded, cells))
    return out.getvalue().removesuffix("\r\n") + "\n"

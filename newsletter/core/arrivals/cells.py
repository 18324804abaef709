"""Cells become values: times, names, tags, and the maps that some services write into one cell."""

from __future__ import annotations

import ast
import csv
import json
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

_LONGEST_TAG = 100  # characters, as `core.audience.check_tags` has it
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]([\d:.]+) ?(?:([+-]\d\d:?\d\d)(?: [A-Z]{1,5})?|UTC|GMT)")


def plain(name: str) -> str:
    """Return a name in the form in which names are compared, and in which merge fields can say it: `home_town`."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() if not name.isascii() else name
    return re.sub(r"[^a-z0-9]+", "_", bare.lower()).strip("_")


def moment(text: str) -> datetime | None:
    """Return a time in UTC, or None where it cannot be read; one without a zone is taken as UTC.

    Written as in ISO 8601, as Go prints times (`2026-07-21 12:53:04 +0000 UTC`), or with `UTC` behind it.
    """
    other = None if text[-1:].isdigit() and text[:1].isdigit() else _MOMENT.fullmatch(text)
    try:
        found = datetime.fromisoformat(f"{other[1]}T{other[2]}{other[3] or 'Z'}" if other else text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def names(whole: str) -> tuple[str, str]:
    """Split a whole name into first and last: `Lee, Ann` at its comma, `Ann van Lee` after the first word."""
    last, comma, first = whole.partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _, last = whole.partition(" ")
    return first, last.strip()


def tags(text: str, *, quoted: bool = False) -> frozenset[str]:
    """Return the tags of a cell, separated by commas or semicolons; with `quoted`, each may stand in quotes.

    A tag of ours holds neither separator: in one that stands in quotes they become spaces. It has 100 characters at
    most: what is longer is cut.
    """
    return tidy(_quoted(text) if quoted and '"' in text else re.split(r"[,;]", text))


def tidy(parts: Iterable[str]) -> frozenset[str]:
    """Return names of tags as tags of ours."""
    spaced = (re.sub(r"\s*[,;]\s*", " ", part) for part in parts)
    return frozenset(tag for part in spaced if (tag := part.strip()[:_LONGEST_TAG].strip()))


def listed(text: str) -> list[str] | None:
    """Return the texts of a list that stands in a cell as JSON; None where it is none."""
    found = _json(text) if text.startswith("[") else None
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else None


def _quoted(text: str) -> list[str]:
    try:
        return next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        return re.split(r"[,;]", text)


def mapping(text: str) -> Mapping[str, str] | None:
    """Return a map that stands in a cell, as JSON or as Python prints one; None where it is no map.

    What is no text is written as JSON, what is empty is left out.
    """
    found = _read(text)
    if not isinstance(found, dict):
        return None
    return {
        str(key): value if isinstance(value, str) else _written(value)
        for key, value in found.items()
        if value is not None and value not in ("", [], {})
    }


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _read(text: str) -> object:
    if (found := _json(text)) is not None:
        return found
    try:
        with warnings.catch_warnings(action="ignore"):  # it warns of backslashes that mean nothing
            return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None


def _written(value: object) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)

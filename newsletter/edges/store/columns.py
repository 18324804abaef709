"""Column types that SQLite and PostgreSQL keep alike: text, times, and small JSON documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

# PostgreSQL refuses U+0000 in text and a lone surrogate is not UTF-8. Both come from broken files and from what
# mail servers say; an account must not fail on them, so they are kept as U+FFFD.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Tell whether no character is one that a database refuses."""
    if text.isascii():  # nearly always, and ten times as fast
        return "\0" not in text
    return not _UNSTORABLE.search(text)


def storable(text: str) -> str:
    """Return the text with every character that a database refuses replaced by U+FFFD."""
    if is_storable(text):
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def storable_map(words: Mapping[str, str]) -> dict[str, str]:
    """Return the map with keys and values made storable."""
    return {storable(key): storable(value) for key, value in words.items()}


class Words(TypeDecorator[str]):
    """Text of any length."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what the database refuses."""
        del dialect
        return None if value is None else storable(value)


class Moment(TypeDecorator[datetime]):
    """A point in time: stored in UTC, returned aware and in UTC, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC.

        Raises:
            ValueError: the time is naive, so that nobody can tell when it was.
        """
        del dialect
        if value is not None and value.utcoffset() is None:
            raise ValueError("a time without an offset cannot be stored")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return it aware: SQLite has no offsets, PostgreSQL answers in the session's zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class WordMap(TypeDecorator[dict[str, str]]):
    """A small map of text to text."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> dict[str, str] | None:
        """Replace what the database refuses."""
        del dialect
        return None if value is None else storable_map(value)


# SQLite gives out numbers by itself only for a column declared INTEGER PRIMARY KEY; its integers are 64 bits anyway.
BigId = BigInteger().with_variant(Integer, "sqlite")

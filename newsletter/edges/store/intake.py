"""A whole list comes in: merged a chunk at a time, each person of it written once and counted once."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from newsletter.core.ports.readers import Change, Effect, Intake
from newsletter.core.standing import Entry, arrival
from newsletter.core.subscriber import Standing, Subscriber, address_key, merged
from newsletter.edges.store.audiences import on_the_list
from newsletter.edges.store.dialects import among
from newsletter.edges.store.erasures import erased_among
from newsletter.edges.store.many import Many, roomy
from newsletter.edges.store.rows import PERSON, columns_of, storable_subscriber, subscriber_of
from newsletter.edges.store.tables import history, subscriber_tags, subscribers

_CHUNK: Final = 1_000  # subscribers in memory at a time
_CHANGEABLE: Final = (  # what a merge can change of a row
    "first_name",
    "last_name",
    "fields",
    "standing",
    "standing_reason",
    "standing_since",
    "paused_until",
    "consent_source",
    "consent_at",
    "consent_ip",
    "confirmed_at",
    "confirmed_ip",
)
_NEW: Final = Many(insert(subscribers), [column.name for column in subscribers.c if column.name != "id"])
_CHANGED: Final = Many(
    update(subscribers)
    .where(subscribers.c.uid == bindparam("key"))
    .values(updated_at=bindparam("at"), **{name: bindparam(f"new_{name}") for name in _CHANGEABLE})
)
_TAGGED: Final = Many(insert(subscriber_tags))
_TOLD: Final = Many(insert(history), [column.name for column in history.c if column.name != "id"])
_EFFECTS: Final = [Effect(change, standing) for change in Change for standing in Standing]
_CODES: Final = {(effect.change, effect.standing): code for code, effect in enumerate(_EFFECTS, 1)}
_ERASED: Final = Effect(Change.KEPT_OUT, Standing.REMOVED)  # nothing else is known of them
_PAGE: Final = 1 << 16
_UID_BYTES: Final = 16  # nobody guesses 128 bits


def take_in(connection: Connection, people: Iterable[Subscriber], at: datetime, came: Entry | None) -> Intake:
    """Add or merge everybody; return what that did. History keeps how they `came`.

    The caller's transaction must be the only one that does so.
    """
    seen = _Seen()
    storables = map(storable_subscriber, people)
    with roomy(connection):
        while chunk := list(islice(storables, _CHUNK)):
            _take_chunk(connection, chunk, at, came, seen)
    return Intake(seen.people(), seen.duplicates, _count(connection))


def _count(connection: Connection) -> int:
    """Return how many are on the list, not counting those removed."""
    return connection.scalar(select(func.count()).select_from(subscribers).where(on_the_list)) or 0


@dataclass(slots=True)
class _Seen:
    """What was done so far, and to whom, one byte for each: somebody may come again a million rows later.

    The bytes are in pages, since numbers are dense but for those that PostgreSQL gave to what was rolled back.
    """

    counts: Counter[int] = field(default_factory=Counter)
    duplicates: int = 0
    erased: int = 0
    _pages: defaultdict[int, bytearray] = field(default_factory=lambda: defaultdict(lambda: bytearray(_PAGE)))

    def note(self, number: int, rows: int, change: Change, standing: Standing) -> None:
        """Count somebody by the first thing that was done to them, and by the standing after the last."""
        page, place = self._pages[number // _PAGE], number % _PAGE
        if before := page[place]:
            self.counts[before] -= 1
            earlier = _EFFECTS[before - 1].change
            change = change if earlier is Change.UNCHANGED else earlier
            rows += 1
        self.duplicates += rows - 1
        page[place] = code = _CODES[change, standing]
        self.counts[code] += 1

    def people(self) -> dict[Effect, int]:
        """Return how many came to each effect."""
        people = {effect: count for code, effect in enumerate(_EFFECTS, 1) if (count := self.counts[code])}
        if self.erased:
            people[_ERASED] = people.get(_ERASED, 0) + self.erased
        return people


def _take_chunk(
    connection: Connection, chunk: Sequence[Subscriber], at: datetime, came: Entry | None, seen: _Seen
) -> None:
    """Merge a chunk in memory, then write each person of it once."""
    rows = defaultdict[str, list[Subscriber]](list)
    for incoming in chunk:
        rows[address_key(incoming.address)].append(incoming)
    for key in erased_among(connection, rows):
        seen.erased += 1
        seen.duplicates += len(rows.pop(key)) - 1
    numbers, before = _known(connection, rows)
    after = {key: _merged(before.get(key), of_one) for key, of_one in rows.items()}
    numbers |= _insert(connection, {key: person for key, person in after.items() if key not in before}, at)
    _update(connection, [person for key, person in after.items() if key in before and person != before[key]], at)
    _tag(connection, numbers, before, after)
    if came:
        _tell(connection, numbers, before, after, came)
    for key, person in after.items():
        seen.note(numbers[key], len(rows[key]), _change(before.get(key), rows[key], person), person.standing)


def _known(connection: Connection, keys: Iterable[str]) -> tuple[dict[str, int], dict[str, Subscriber]]:
    """Return the number and the value of those already here, locked, so that nobody's leaving is overwritten."""
    of_these = among(subscribers.c.address_key, keys)
    rows = connection.execute(select(*PERSON, subscribers.c.address_key).where(of_these).with_for_update()).all()
    return {row.address_key: row.id for row in rows}, {row.address_key: subscriber_of(row) for row in rows}


def _merged(known: Subscriber | None, rows: Sequence[Subscriber]) -> Subscriber:
    """Return what somebody's rows, one after the other, make of what is known of them."""
    first, *others = rows
    return reduce(merged, others, merged(known, first) if known else first)


def _change(known: Subscriber | None, rows: Sequence[Subscriber], result: Subscriber) -> Change:
    if known is None:
        return Change.NEW
    if not known.standing.mailable and all(row.standing.mailable for row in rows):
        return Change.KEPT_OUT
    return Change.UNCHANGED if result == known else Change.CHANGED


def _insert(connection: Connection, people: Mapping[str, Subscriber], at: datetime) -> dict[str, int]:
    """Write new people; return their numbers, which one more query asks for: rows that return are sent far slower."""
    if not people:
        return {}
    random = secrets.token_bytes(_UID_BYTES * len(people))  # asking for them one by one takes as long as writing a row
    rows = []
    for place, person in enumerate(people.values()):
        row = columns_of(person)
        row["uid"] = urlsafe_b64encode(random[place * _UID_BYTES : (place + 1) * _UID_BYTES]).decode().rstrip("=")
        row["created_at"] = row["updated_at"] = at
        rows.append(row)
    _NEW.execute(connection, rows)
    numbers = select(subscribers.c.address_key, subscribers.c.id).where(among(subscribers.c.address_key, people))
    return {key: number for key, number in connection.execute(numbers)}  # noqa: C416 - rows are no pairs to mypy


def _update(connection: Connection, people: Sequence[Subscriber], at: datetime) -> None:
    """Write what a merge can change; uid and address stay as they are."""
    _CHANGED.execute(connection, [{"at": at} | _renamed(columns_of(person)) for person in people])


def _renamed(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": columns["uid"]} | {f"new_{name}": columns[name] for name in _CHANGEABLE}


def _tag(
    connection: Connection,
    numbers: Mapping[str, int],
    before: Mapping[str, Subscriber],
    after: Mapping[str, Subscriber],
) -> None:
    rows = [
        {"subscriber_id": numbers[key], "tag": tag}
        for key, person in after.items()
        for tag in (person.tags - before[key].tags if key in before else person.tags)
    ]
    _TAGGED.execute(connection, rows)


def _tell(
    connection: Connection,
    numbers: Mapping[str, int],
    before: Mapping[str, Subscriber],
    after: Mapping[str, Subscriber],
    came: Entry,
) -> None:
    lines = [(key, arrival(before.get(key), person, came)) for key, person in after.items()]
    rows = [
        {"subscriber_id": numbers[key], "at": line.at, "what": line.what, "detail": line.detail}
        for key, line in lines
        if line
    ]
    _TOLD.execute(connection, rows)

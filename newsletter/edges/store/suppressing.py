"""Suppress those of whom feedback says that they must not be mailed again (`core.verdict`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Connection, bindparam, func, insert, select, update

from newsletter.core.feedback import Event, Kind
from newsletter.core.standing import CHANGED, RELEASED, Entry, Step, former_addresses
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.core.verdict import PERMANENT, SOFT_BOUNCES, Round, applied, is_soft, judge
from newsletter.edges.store.dialects import among, as_array, rows_of
from newsletter.edges.store.readers import line_of
from newsletter.edges.store.rows import PERSON, columns_of, subscriber_of
from newsletter.edges.store.tables import deliveries, events, history, mailings, subscribers

_WEIGHTY: Final = frozenset({Kind.BOUNCE, Kind.COMPLAINT, Kind.SUBSCRIPTION, Kind.UNSUBSCRIBE})
_CAME_BACK: Final = ("confirmed", RELEASED)  # `core.standing`: what history calls the ways back


@dataclass(frozen=True, slots=True)
class Known:
    """An event, the number of the subscriber it is about, and when it happened."""

    event: Event
    subscriber: int
    at: datetime


def suppress(connection: Connection, told: Iterable[Known], at: datetime) -> Mapping[Standing, int]:
    """Change the standing of those whom events concern; return how many have which new standing."""
    weighty = [each for each in told if each.event.kind in _WEIGHTY]
    moved = _readdressed_at(connection, {each.subscriber for each in weighty if each.event.kind is Kind.BOUNCE})
    weighty = [each for each in weighty if not _went_to_a_former_address(each, moved)]
    if not weighty:
        return {}
    people = _people(connection, {each.subscriber for each in weighty})
    back = _back_since(connection, people)
    since = back | {number: max(at, back.get(number, at)) for number, at in moved.items()}
    rounds = _rounds(connection, {each.subscriber for each in weighty if is_soft(each.event)}, since)
    changed, entries = dict[int, Subscriber](), list[dict[str, Any]]()
    for each in weighty:
        known = changed.get(each.subscriber, people[each.subscriber])
        verdict = judge(each.event, each.at, rounds.get(each.subscriber, ()))
        step = applied(verdict, known, back.get(each.subscriber)) if verdict else Step(known)
        if step.subscriber != known:
            changed[each.subscriber] = step.subscriber
        if step.entry:
            entries.append(line_of(each.subscriber, step.entry))
    _write(connection, changed, entries, at)
    return Counter(each.standing for number, each in changed.items() if each.standing != people[number].standing)


def _readdressed_at(connection: Connection, numbers: Collection[int]) -> dict[int, datetime]:
    """Return when people last got another address, of those who did."""
    query = select(history.c.subscriber_id, history.c.at, history.c.what, history.c.detail).where(
        among(history.c.subscriber_id, sorted(numbers)), history.c.what == CHANGED
    )
    found = dict[int, datetime]()
    for number, *line in connection.execute(query) if numbers else ():
        entry = Entry(*line)
        if former_addresses([entry]):
            found[number] = max(entry.at, found.get(number, entry.at))
    return found


def _went_to_a_former_address(told: Known, moved: Mapping[int, datetime]) -> bool:
    """Tell whether an event is a bounce that says nothing of the address that somebody has now."""
    sent, at = told.event.sent_at, moved.get(told.subscriber)
    return told.event.kind is Kind.BOUNCE and sent is not None and at is not None and sent < at


def _people(connection: Connection, numbers: Collection[int]) -> dict[int, Subscriber]:
    """Return subscribers by number, locked, so that nobody's leaving is overwritten."""
    query = select(*PERSON).where(among(subscribers.c.id, sorted(numbers))).order_by(subscribers.c.id)
    return {row.id: subscriber_of(row) for row in connection.execute(query.with_for_update(of=subscribers))}


def _back_since(connection: Connection, people: Mapping[int, Subscriber]) -> dict[int, datetime]:
    """Return since when people are back, or were when they last came back; nothing for who was never away."""
    back = {number: each.since for number, each in people.items() if each.standing.mailable and each.since}
    gone = sorted(number for number, each in people.items() if not each.standing.mailable)
    if gone:
        query = (
            select(history.c.subscriber_id, func.max(history.c.at).label("at"))
            .where(among(history.c.subscriber_id, gone), history.c.what.in_(_CAME_BACK))
            .group_by(history.c.subscriber_id)
        )
        back |= {row.subscriber_id: row.at for row in connection.execute(query)}
    return back


def _rounds(
    connection: Connection, numbers: Collection[int], since: Mapping[int, datetime]
) -> Mapping[int, Sequence[Round]]:
    """Return the mailings that were for these people, from the first that bounced softly on, where that may matter."""
    bounced = defaultdict[int, dict[int, datetime]](dict)
    query = select(events.c.subscriber_id, events.c.mailing_id, events.c.at).where(
        among(events.c.subscriber_id, sorted(numbers)), events.c.kind == "bounce", events.c.type != PERMANENT
    )
    for number, mailing, at in connection.execute(query) if numbers else ():
        if number not in since or at >= since[number]:
            bounced[number][mailing] = min(at, bounced[number].get(mailing, at))
    often = {number: by_mailing for number, by_mailing in bounced.items() if len(by_mailing) >= SOFT_BOUNCES}
    if not often:
        return {}
    rounds = defaultdict[int, list[Round]](list)
    first = [(number, min(by_mailing)) for number, by_mailing in sorted(often.items())]
    for row in connection.execute(_MAILINGS, {"since": as_array(first)}):
        rounds[row.number].append(Round(row.mailing, often[row.number].get(row.mailing)))
    return rounds


# Looked for by mailing, because that is what deliveries are found by.
_since = rows_of("since", number=BigInteger(), mailing=BigInteger())
_first = mailings.alias()
_MAILINGS: Final = (
    select(_since.c.number, mailings.c.id.label("mailing"))
    .select_from(_since)
    .join(_first, _first.c.id == _since.c.mailing)
    .join(mailings, (mailings.c.id >= _since.c.mailing) & (mailings.c.transport == _first.c.transport))
    .join(
        deliveries,
        (deliveries.c.issue == mailings.c.issue)
        & (deliveries.c.transport == mailings.c.transport)
        & (deliveries.c.subscriber_id == _since.c.number)
        & (deliveries.c.mailing_id == mailings.c.id)
        & ~deliveries.c.released,
    )
    .order_by(_since.c.number, mailings.c.id)
)


def _write(
    connection: Connection, changed: Mapping[int, Subscriber], entries: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    if changed:
        rows = [{"number": number, "now": at, **_changes(changed[number])} for number in sorted(changed)]
        connection.execute(_UPDATE, rows)
    if entries:
        connection.execute(insert(history), list(entries))


# What an act of feedback can change of somebody; a sign-up that nobody confirmed loses its consent with a block.
_CHANGEABLE: Final = (
    "standing", "standing_reason", "standing_since", "consent_source", "consent_at", "consent_ip", "confirmed_at",
    "confirmed_ip",
)  # fmt: skip
_UPDATE: Final = (
    update(subscribers)
    .where(subscribers.c.id == bindparam("number"))
    .values(updated_at=bindparam("now"), **{name: bindparam(f"new_{name}") for name in _CHANGEABLE})
)


def _changes(person: Subscriber) -> dict[str, Any]:
    columns = columns_of(person)
    return {f"new_{name}": columns[name] for name in _CHANGEABLE}

"""Who opened and who clicked, as conditions on the subscribers table; what programs did is none of a reader's doing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, distinct, exists, func, literal, literal_column, not_, select

from newsletter.core.audience import Audience
from newsletter.core.audience.terms import Time, attention
from newsletter.core.feedback import Kind
from newsletter.core.machines import AT_ONCE, MANY_LINKS
from newsletter.edges.store.columns import storable
from newsletter.edges.store.dialects import Later
from newsletter.edges.store.tables import events, mailings, subscribers
from newsletter.errors import BadInput

Condition = ColumnElement[bool]

_KINDS: Final[Mapping[Time, Kind]] = {Time.OPENED: Kind.OPEN, Time.CLICKED: Kind.CLICK}
_TRACKED: Final[Mapping[Time, str]] = {Time.OPENED: "opens", Time.CLICKED: "clicks"}  # keys of `track`


def did(what: Time, through: str, *, issue: str = "", since: datetime | None = None) -> Condition:
    """Return the condition that somebody opened or clicked: an issue or any, perhaps since a moment."""
    those = [mailings.c.transport == storable(through), *([mailings.c.issue == storable(issue)] if issue else [])]
    asked = [
        events.c.subscriber_id == subscribers.c.id,
        # Written out: a database that does not see which kind is asked for does not take the index.
        events.c.kind == literal(_KINDS[what].value, literal_execute=True),
        ~events.c.machine,
        events.c.mailing_id.in_(select(mailings.c.id).where(*those)),
    ]
    if since:
        asked.append(events.c.at >= since)
    if what is Time.CLICKED:
        asked.append(not_(_scanned()))
    return exists().where(*asked)


def check_known(connection: Connection, audience: Audience) -> None:
    """Check that opens and clicks are known at all where an audience asks for them: else it would find nobody.

    Raises:
        BadInput: none came back of any mailing through this transport.
    """
    of_these = select(mailings.c.id).where(mailings.c.transport == storable(audience.through))
    for what in sorted(attention(audience.expression)):
        known = exists().where(events.c.mailing_id.in_(of_these), events.c.kind == _KINDS[what].value)
        if not connection.scalar(select(known)):
            raise BadInput(
                f"nobody is known to have {what} anything that went out through {audience.through}, "
                f"so `{what}` finds nobody",
                hint=f"it needs `track: {{{_TRACKED[what]}: true}}` in publication.yaml before an issue is sent, "
                "a configuration set that watches them, and newsletter feedback",
            )


def _scanned() -> Condition:
    """Return the condition that a scanner made the click, as `core.machines.is_scan` tells by the clicks beside it."""
    begin, other = events.alias("begin"), events.alias("other")
    beside = [
        (
            each.c.mailing_id == events.c.mailing_id,
            each.c.kind == literal(Kind.CLICK.value, literal_execute=True),
            each.c.delivery_id == events.c.delivery_id,
            ~each.c.machine,
        )
        for each in (begin, other)
    ]
    until = Later(begin.c.at, literal_column(str(int(AT_ONCE.total_seconds()))))
    links = select(func.count(distinct(other.c.detail))).where(*beside[1], other.c.at.between(begin.c.at, until))
    return exists().where(*beside[0], links.correlate(events, begin).scalar_subquery() >= MANY_LINKS)

"""The figures of a report, counted by the database: people and numbers, nobody by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, distinct, func, or_, select, union

from newsletter.core.acts import link_in
from newsletter.core.delivery import Mailing, State
from newsletter.core.feedback import LEAVES, Kind
from newsletter.core.report import Bounced, Clicked, Provider, Totals
from newsletter.core.standing import left_by
from newsletter.core.subscriber import Standing
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import Domain
from newsletter.edges.store.erasing import ERASED
from newsletter.edges.store.events import BOUNCED, COMPLAINED, scanned
from newsletter.edges.store.tables import deliveries, events, history, mailings, subscribers

_PAGE: Final = 1_000  # rows in memory at a time
_DOMAIN: Final = Domain(subscribers.c.address_key)
_SPLIT: Final = "\n"
_LEFT: Final = or_(
    events.c.kind == Kind.UNSUBSCRIBE.value, and_(events.c.kind == Kind.SUBSCRIPTION.value, events.c.type == LEAVES)
)


@dataclass(frozen=True, slots=True)
class StoredReports:
    """Implements `core.ports.Reports`."""

    _database: Database

    def bounces(self, mailing: Mailing) -> Sequence[Bounced]:
        """Count the deliveries that bounced, each once, by its weightiest bounce; not those that complained as well."""
        # In SES's words Permanent comes first in the alphabet, before Transient and Undetermined.
        worst = (
            select(func.min(events.c.type.concat(_SPLIT).concat(events.c.subtype)).label("kind"))
            .where(_of(mailing, BOUNCED), events.c.delivery_id.not_in(_those(mailing, COMPLAINED)))
            .group_by(events.c.delivery_id)
            .subquery()
        )
        number = func.count()
        query = select(worst.c.kind, number).group_by(worst.c.kind).order_by(number.desc(), worst.c.kind)
        with self._database.reading() as connection:
            rows = [(kind.partition(_SPLIT), count) for kind, count in connection.execute(query)]
        return [Bounced(kind, subtype, count) for (kind, _, subtype), count in rows]

    def providers(self, mailing: Mailing, *, fewest: int, limit: int) -> Sequence[Provider]:
        """Return the domains with the most accepted deliveries, those with fewer than `fewest` left out."""
        number = func.count()
        query = (
            select(_DOMAIN, number)
            .select_from(deliveries)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .where(
                deliveries.c.mailing_id == mailing.id,
                deliveries.c.state == State.ACCEPTED.value,
                subscribers.c.address != ERASED,
            )
            .group_by(_DOMAIN)
            .having(number >= fewest)
            .order_by(number.desc(), _DOMAIN)
            .limit(limit)
        )
        with self._database.reading() as connection:
            accepted = {row[0]: row[1] for row in connection.execute(query)}
            bounced, complained = (
                {row[0]: row[1] for row in connection.execute(_by_domain(mailing, which, accepted))}
                for which in (BOUNCED, COMPLAINED)
            )
        return [
            Provider(domain, count, bounced.get(domain, 0), complained.get(domain, 0))
            for domain, count in accepted.items()
        ]

    def left(self, mailing: Mailing, until: datetime) -> int:
        """Count who left by the mailing: as an event or history says, or else got it and left before that moment.

        Who left by the link in another mail left by that one, whenever it was.
        """
        by_event = select(events.c.subscriber_id).where(_of(mailing, _LEFT))
        by_another = select(events.c.subscriber_id).where(
            events.c.mailing_id.in_(select(mailings.c.id).where(mailings.c.id != mailing.id)),
            _LEFT,
            events.c.at >= mailing.created_at,
        )
        got = func.coalesce(deliveries.c.settled_at, mailing.created_at)
        by_history = (
            select(history.c.subscriber_id)
            .join(deliveries, deliveries.c.subscriber_id == history.c.subscriber_id)
            .where(
                history.c.what == Standing.UNSUBSCRIBED.value,
                or_(_by_link_in(mailing), and_(~_BY_LINK, history.c.at >= got, history.c.at < until)),
                deliveries.c.issue == mailing.issue,
                deliveries.c.transport == mailing.transport,
                deliveries.c.mailing_id == mailing.id,
                deliveries.c.state.in_([State.ACCEPTED.value, State.IN_DOUBT.value]),
                ~deliveries.c.released,
                history.c.subscriber_id.not_in(by_another),
            )
        )
        query = select(func.count()).select_from(union(by_event, by_history).subquery())
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def opens(self, mailing: Mailing) -> Totals:
        """Count how often a mailing was opened, by people and by programs."""
        query = (
            select(events.c.machine, func.count())
            .where(_of(mailing, events.c.kind == Kind.OPEN.value))
            .group_by(events.c.machine)
        )
        with self._database.reading() as connection:
            found = {bool(machine): count for machine, count in connection.execute(query)}
        return Totals(found.get(False, 0), found.get(True, 0))

    def clicked(self, mailing: Mailing) -> Iterator[Clicked]:
        """Yield the links that were clicked. A link can come again, also with less than nothing: a scanner's clicks.

        In flat memory; where a link is every reader's own there are as many as clicks.
        """
        people = func.count(distinct(events.c.delivery_id)).filter(~events.c.machine)
        clicks, by_machines = (func.count().filter(which) for which in (~events.c.machine, events.c.machine))
        query = (
            select(events.c.detail, people, clicks, by_machines, events.c.type, events.c.subtype)
            .where(_of(mailing, events.c.kind == Kind.CLICK.value))
            .group_by(events.c.detail, events.c.type, events.c.subtype)
        )
        with self._database.reading() as connection:
            for row in connection.execute(query, execution_options={"yield_per": _PAGE}):
                url, readers, times, programs, block, link = row
                yield Clicked(url, readers, times, programs, _number(block), _number(link))
            for made in scanned(connection, mailing):
                links = Counter((row.detail, row.type, row.subtype) for row in made)
                for (url, block, link), count in links.items():
                    yield Clicked(url, -1, -count, count, _number(block), _number(link))


_BY_LINK: Final = history.c.detail.startswith(left_by(link_in("")), autoescape=True)


def _by_link_in(mailing: Mailing) -> ColumnElement[bool]:
    said = left_by(link_in(mailing.uid))
    return or_(history.c.detail == said, history.c.detail.startswith(f"{said},", autoescape=True))


def _number(stands: str) -> int:
    """Return the number in "block 3" or "link 1", or nought."""
    return int(stands.rpartition(" ")[2] or 0)


def _by_domain(mailing: Mailing, which: ColumnElement[bool], domains: Collection[str]) -> Any:
    """Return how to count the deliveries to some domains of which such an event tells."""
    return (
        select(_DOMAIN, func.count(distinct(events.c.delivery_id)))
        .join_from(events, subscribers, subscribers.c.id == events.c.subscriber_id)
        .where(_of(mailing, which), _DOMAIN.in_(list(domains)), subscribers.c.address != ERASED)
        .group_by(_DOMAIN)
    )


def _of(mailing: Mailing, which: ColumnElement[bool]) -> ColumnElement[bool]:
    return and_(events.c.mailing_id == mailing.id, which)


def _those(mailing: Mailing, which: ColumnElement[bool]) -> Any:
    return select(events.c.delivery_id).where(_of(mailing, which)).correlate(None)

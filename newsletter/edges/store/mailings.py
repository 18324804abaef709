"""Mailings in the database: what was begun, when, of which build, for whom."""

from __future__ import annotations

import secrets
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Update,
    and_,
    bindparam,
    case,
    exc,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    update,
)

from newsletter.core.account import Forecast
from newsletter.core.audience import Audience
from newsletter.core.audience.writing import written
from newsletter.core.delivery import CANCELLED, PAUSED, Mailing, NewMailing, State
from newsletter.core.orders import Orders, Wish
from newsletter.core.subscriber import Standing
from newsletter.edges.store.attention import check_known
from newsletter.edges.store.audiences import belongs_to
from newsletter.edges.store.columns import Moment
from newsletter.edges.store.database import Database
from newsletter.edges.store.tables import deliveries, mailings, subscribers
from newsletter.errors import MailingBusy

_UID_LETTERS: Final = string.ascii_lowercase + string.digits
_UID_LENGTH: Final = 12

# Whoever opens or finishes a mailing holds its row first, so that none is finished while its last claims come back.
HOLD: Final = select(mailings.c.id).where(mailings.c.id == bindparam("mailing")).with_for_update()
_OPEN: Final = [state.value for state in State if not state.ends]


@dataclass(frozen=True, slots=True)
class StoredMailings:
    """Implements `core.ports.Mailings`."""

    _database: Database

    def forecast(self, issue: str, audience: Audience, transport: str, at: datetime) -> Forecast:
        """Return what freezing this audience would do, for this transport, of a mailing that goes out at this time."""
        has_it = _has_issue(issue, transport).label("has_it")
        people = select(right_at(at).label("right"), has_it).where(belongs_to(audience)).subquery()
        query = select(people.c.right, people.c.has_it, func.count()).group_by(people.c.right, people.c.has_it)
        new, already = Counter[str](), 0
        with self._database.reading() as connection:
            check_known(connection, audience)
            for right, has, count in connection.execute(query):
                if has:
                    already += count
                else:
                    new[right] += count
        return Forecast(to_send=new.pop(Standing.ACTIVE.value, 0), already=already, suppressed=dict(new))

    def freeze(self, mailing: NewMailing, audience: Audience, at: datetime) -> Mailing:
        """Begin a mailing: write it and one delivery per subscriber of the audience, in one transaction.

        Raises:
            MailingBusy: a mailing of this issue was begun and is not finished.
        """
        with self._database.writing() as connection:
            check_known(connection, audience)
            begun = _begin(connection, mailing, audience, at)
            connection.execute(_copy_audience(begun, audience, at))
        return begun

    def unfinished(self, issue: str, transport: str) -> Mailing | None:
        """Return the mailing of this issue through this transport that has not been finished, if there is one."""
        query = select(mailings).where(
            mailings.c.issue == issue, mailings.c.transport == transport, mailings.c.finished_at.is_(None)
        )
        return next(iter(self._all(query)), None)

    def finish(self, mailing: Mailing, at: datetime) -> None:
        """Write that nothing is left to send, if that is so; the first time it was finished stands."""
        left = exists().where(deliveries.c.mailing_id == mailing.id, deliveries.c.state.in_(_OPEN))
        statement = (
            update(mailings)
            .where(mailings.c.id == mailing.id, mailings.c.finished_at.is_(None), ~left)
            .values(finished_at=at)
        )
        with self._database.writing() as connection:
            connection.execute(HOLD, {"mailing": mailing.id})
            connection.execute(statement)

    def order(self, mailing: Mailing, wish: Wish, orders: Orders, at: datetime) -> None:
        """Tell every sender what the editor wants; cancelling suppresses at once whatever is pending."""
        told = update(mailings).where(mailings.c.id == mailing.id).values(wish=wish.value, orders=orders.written())
        with self._database.writing() as connection:
            connection.execute(told)
            if wish is Wish.CANCEL:
                connection.execute(_cancel(mailing, at))

    def of(self, issue: str | None = None) -> Sequence[Mailing]:
        """Return the mailings of an issue, or all, oldest first."""
        return self._all(select(mailings) if issue is None else select(mailings).where(mailings.c.issue == issue))

    def _all(self, query: Select[Any]) -> Sequence[Mailing]:
        with self._database.reading() as connection:
            return tuple(mailing_of(row) for row in connection.execute(query.order_by(mailings.c.id)))


def _cancel(mailing: Mailing, at: datetime) -> Update:
    return (
        update(deliveries)
        .where(deliveries.c.mailing_id == mailing.id, deliveries.c.state == State.PENDING.value)
        .values(state=State.SUPPRESSED.value, reason=CANCELLED, settled_at=at, released=True)
    )


def right_at(at: datetime | ColumnElement[datetime]) -> ColumnElement[str]:
    """Return somebody's right to be mailed at a time: their standing, or that they are paused."""
    paused = and_(subscribers.c.standing == Standing.ACTIVE.value, subscribers.c.paused_until > at)
    return case((paused, PAUSED), else_=subscribers.c.standing)


def _has_issue(issue: str, transport: str) -> ColumnElement[bool]:
    return exists().where(
        deliveries.c.issue == issue,
        deliveries.c.transport == transport,
        deliveries.c.subscriber_id == subscribers.c.id,
        ~deliveries.c.released,
    )


def _begin(connection: Connection, mailing: NewMailing, audience: Audience, at: datetime) -> Mailing:
    statement = insert(mailings).values(
        uid="".join(secrets.choice(_UID_LETTERS) for _ in range(_UID_LENGTH)),
        issue=mailing.issue,
        digest=mailing.digest,
        subject=mailing.subject,
        audience=written(audience.expression),
        transport=mailing.transport,
        created_at=at,
        wish=Wish.GO.value,
        orders=mailing.orders.written(),
    )
    try:
        return mailing_of(connection.execute(statement.returning(mailings)).one())
    except exc.IntegrityError as err:  # uq_mailings_unfinished; a uid twice is a chance of 1 in 36^12
        raise MailingBusy(
            f"a mailing of {mailing.issue} was begun and is not finished", hint="continue that one"
        ) from err


def _copy_audience(mailing: Mailing, audience: Audience, at: datetime) -> Any:
    """Return the statement that freezes: all of it happens in the database, since the list can be a million long.

    A pause that is over when a scheduled mailing goes out keeps nobody from it; the claim looks once more.
    """
    right = right_at(mailing.goes_out_at)
    mailable = right == Standing.ACTIVE.value
    people = (
        select(
            literal(mailing.id),
            literal(mailing.issue),
            literal(mailing.transport),
            subscribers.c.id,
            case((mailable, State.PENDING.value), else_=State.SUPPRESSED.value),
            case((mailable, ""), else_=right),
            literal(""),
            literal(0),
            case((mailable, null()), else_=literal(at, Moment)),
            ~mailable,
        )
        .where(belongs_to(audience), ~_has_issue(mailing.issue, mailing.transport))
        .order_by(subscribers.c.id)
    )
    columns = (
        "mailing_id", "issue", "transport", "subscriber_id",
        "state", "reason", "message_id", "attempts", "settled_at", "released",
    )  # fmt: skip
    return insert(deliveries).from_select(columns, people)


def mailing_of(row: Row[Any]) -> Mailing:
    """Return a row of the table as a value."""
    return Mailing(
        id=row.id,
        uid=row.uid,
        issue=row.issue,
        digest=row.digest,
        subject=row.subject,
        audience=row.audience,
        transport=row.transport,
        created_at=row.created_at,
        finished_at=row.finished_at,
        wish=Wish(row.wish),
        orders=Orders.read(row.orders),
    )

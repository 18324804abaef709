"""The ledger in the database: the account of every recipient of a mailing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, exc, func, select, update

from newsletter.core.account import Account, Course, Named
from newsletter.core.delivery import Batch, Mailing, Sender, Settlement, State
from newsletter.core.orders import Orders
from newsletter.edges.store.claiming import claim_some, delivery_id, number_of
from newsletter.edges.store.course import course_of
from newsletter.edges.store.database import Database
from newsletter.edges.store.dialects import among
from newsletter.edges.store.mailings import HOLD
from newsletter.edges.store.schedule import take_places
from newsletter.edges.store.settling import settle
from newsletter.edges.store.tables import deliveries, mailings, subscribers
from newsletter.errors import MailingBusy

_PAGE: Final = 1_000  # deliveries in memory at a time
_DECIDED: Final = "taken for accepted by the editor"


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """Implements `core.ports.Ledger`."""

    _database: Database

    def claim(self, sender: Sender, limit: int, at: datetime, *, rate: float | None, details: bool = True) -> Batch:
        """Claim up to `limit` pending deliveries and commit that, oldest first, each with its place in the schedule.

        One short transaction each time: when all it saw had to be suppressed, another one takes the next.
        """
        while limit > 0:
            with self._database.writing() as connection:
                claims, suppressed = claim_some(connection, sender, limit, at, details=details)
                start = at
                if claims and rate:
                    start = take_places(connection, sender.mailing.transport, len(claims), rate, at)
            if claims or not suppressed:
                return Batch(claims, start)
        return Batch((), at)

    def settle(self, sender: Sender, settlements: Sequence[Settlement], at: datetime) -> None:
        """Write what became of deliveries that this sender claimed, in one transaction."""
        if settlements:
            with self._database.writing() as connection:
                settle(connection, sender, settlements, at)

    def account(self, mailing: Mailing) -> Account:
        """Count the deliveries by state."""
        query = (
            select(deliveries.c.state, func.count())
            .where(deliveries.c.mailing_id == mailing.id)
            .group_by(deliveries.c.state)
        )
        with self._database.reading() as connection:
            return Account({State(state): count for state, count in connection.execute(query)})

    def named(self, mailing: Mailing, state: State) -> Iterator[Named]:
        """Yield the deliveries in a state with address and reason; no transaction is open while the caller works."""
        query = (
            select(deliveries.c.id, subscribers.c.address, deliveries.c.reason)
            .join_from(deliveries, subscribers)
            .where(deliveries.c.mailing_id == mailing.id, deliveries.c.state == state.value)
            .order_by(deliveries.c.id)
            .limit(_PAGE)
        )
        last = 0
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(query.where(deliveries.c.id > last)).all()
            if not rows:
                return
            yield from (Named(delivery_id(mailing, row.id), row.address, row.reason) for row in rows)
            last = rows[-1].id

    def course(self, mailing: Mailing) -> Course:
        """Return how the sending went."""
        with self._database.reading() as connection:
            return course_of(connection, mailing)

    def sent_since(self, mailing: Mailing, moment: datetime) -> int:
        """Count the deliveries that were accepted, or may have been, since a moment."""
        query = select(func.count()).where(
            deliveries.c.mailing_id == mailing.id,
            deliveries.c.state.in_([State.ACCEPTED.value, State.IN_DOUBT.value]),
            deliveries.c.settled_at >= moment,
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or 0

    def decide(self, mailing: Mailing, delivery_ids: Sequence[str] | None, state: State, at: datetime) -> int:
        """Settle deliveries in doubt, or all of them, as the editor decides: accepted, or pending to be sent again.

        Raises:
            MailingBusy: the mailing would be open again, and another one of its issue is.
        """
        pending = state is State.PENDING
        statement = (
            update(deliveries)
            .where(deliveries.c.mailing_id == mailing.id, deliveries.c.state == State.IN_DOUBT.value)
            .values(
                state=state.value,
                reason="" if pending else _DECIDED,
                settled_at=None if pending else at,
                claimed_by=None,
            )
        )
        if delivery_ids is not None:
            statement = statement.where(among(deliveries.c.id, map(number_of, delivery_ids)))
        with self._database.writing() as connection:
            connection.execute(HOLD, {"mailing": mailing.id})
            count = connection.execute(statement).rowcount
            if count and pending:
                _open_again(connection, mailing)
                _remember(connection, mailing, count)
        return count


def _open_again(connection: Connection, mailing: Mailing) -> None:
    try:
        connection.execute(update(mailings).where(mailings.c.id == mailing.id).values(finished_at=None))
    except exc.IntegrityError as err:  # uq_mailings_unfinished
        hint = f"finish the open mailing of {mailing.issue} first"
        raise MailingBusy(f"another mailing of {mailing.issue} is not finished", hint=hint) from err


def _remember(connection: Connection, mailing: Mailing, count: int) -> None:
    """Write that so many more were asked for once more."""
    this = mailings.c.id == mailing.id
    orders = Orders.read(connection.execute(select(mailings.c.orders).where(this)).scalar_one())
    told = replace(orders, again=orders.again + count)
    connection.execute(update(mailings).where(this).values(orders=told.written()))

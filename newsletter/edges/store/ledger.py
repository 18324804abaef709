"""The ledger in the database: the account of every recipient of a mailing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, assert_never

from sqlalchemy import bindparam, func, select, update

from newsletter.core.delivery import (
    Accepted,
    Account,
    Claim,
    Deferred,
    InDoubt,
    Mailing,
    Named,
    Outcome,
    Refused,
    Settlement,
    State,
)
from newsletter.edges.store.claiming import claim_some
from newsletter.edges.store.database import Database
from newsletter.edges.store.locks import file_lock, server_lock
from newsletter.edges.store.tables import deliveries, subscribers
from newsletter.errors import MailingBusy

_PAGE: Final = 1_000  # deliveries in memory at a time
_ORPHANED: Final = "the sending process ended before the answer was written down"


@dataclass(frozen=True, slots=True)
class StoredLedger:
    """Implements `core.ports.Ledger`."""

    _database: Database

    @contextmanager
    def sole_sender(self, mailing: Mailing) -> Iterator[None]:
        """Hold the mailing for this process; the hold ends with the process, however it dies.

        Raises:
            MailingBusy: another process holds it.
        """
        engine = self._database.engine
        if engine.dialect.name == "sqlite":
            lock = file_lock(Path(f"{engine.url.database}.sending-{mailing.uid}"), wait=False)
        else:
            lock = server_lock(engine, mailing.id)
        with lock as free:
            if not free:
                raise MailingBusy(
                    f"another process is sending the mailing of {mailing.issue} at this moment",
                    hint="let it finish, or stop it and run the command again",
                )
            yield

    def doubt_orphans(self, mailing: Mailing, at: datetime) -> int:
        """Put into doubt what a dead sender had claimed; only its holder (`sole_sender`) may call this."""
        statement = (
            update(deliveries)
            .where(deliveries.c.mailing_id == mailing.id, deliveries.c.state == State.CLAIMED.value)
            .values(state=State.IN_DOUBT.value, reason=_ORPHANED, settled_at=at)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount

    def claim(self, mailing: Mailing, limit: int, at: datetime) -> Sequence[Claim]:
        """Claim up to `limit` pending deliveries and commit that, oldest first.

        One short transaction each time: when all it saw had to be suppressed, another one takes the next.
        """
        while limit > 0:
            with self._database.writing() as connection:
                claims, suppressed = claim_some(connection, mailing, limit, at)
            if claims or not suppressed:
                return claims
        return ()

    def settle(self, settlements: Sequence[Settlement], at: datetime) -> None:
        """Write what became of claimed deliveries, in one transaction; leave those no longer claimed as they are."""
        kinds = defaultdict[State, list[dict[str, Any]]](list)
        for settlement in settlements:
            columns = _columns(settlement.outcome, at)
            kinds[columns["new_state"]].append({"delivery": settlement.delivery_id, **columns})
        with self._database.writing() as connection:
            for rows in kinds.values():
                connection.execute(_SETTLE, rows)

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
            select(deliveries.c.id, deliveries.c.uid, subscribers.c.address, deliveries.c.reason)
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
            yield from (Named(row.uid, row.address, row.reason) for row in rows)
            last = rows[-1].id


_SETTLE: Final = (
    update(deliveries)
    .where(deliveries.c.uid == bindparam("delivery"), deliveries.c.state == State.CLAIMED.value)
    .values(
        state=bindparam("new_state"),
        reason=bindparam("new_reason"),
        message_id=bindparam("new_message_id"),
        settled_at=bindparam("new_settled_at"),
    )
)


def _columns(outcome: Outcome, at: datetime) -> dict[str, Any]:
    """Return what an outcome writes into a delivery."""
    match outcome:
        case Accepted(message_id):
            return _written(State.ACCEPTED, at, message_id=message_id)
        case Refused(reason):
            return _written(State.REFUSED, at, reason=reason)
        case Deferred(reason=reason):
            return _written(State.PENDING, None, reason=reason)
        case InDoubt(reason):
            return _written(State.IN_DOUBT, at, reason=reason)
        case _:
            assert_never(outcome)


def _written(state: State, at: datetime | None, *, reason: str = "", message_id: str = "") -> dict[str, Any]:
    return {"new_state": state.value, "new_reason": reason, "new_message_id": message_id, "new_settled_at": at}

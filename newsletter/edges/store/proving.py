"""What events prove of deliveries: that they were accepted, or that they were never sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Connection, Text, bindparam, update

from newsletter.core.delivery import State
from newsletter.edges.store.columns import Moment
from newsletter.edges.store.dialects import as_array, rows_of
from newsletter.edges.store.tables import deliveries, mailings

UNKNOWN: Final = frozenset({State.IN_DOUBT, State.CLAIMED, State.PENDING})  # where it is news that one was accepted


def prove(connection: Connection, rows: Iterable[tuple[int, str, str]], at: datetime) -> None:
    """Write that deliveries were accepted: their number, their mailing's uid, their message id.

    One that is pending again is proved too: it went out before it was taken back.
    """
    connection.execute(_PROVE, {"proven": as_array(sorted(rows)), "at": at})


def disprove(connection: Connection, rows: Iterable[tuple[int, str, str, str]], at: datetime) -> None:
    """Write that deliveries were never sent: number, uid, message id, and the reason."""
    connection.execute(_DISPROVE, {"proven": as_array(sorted(rows)), "at": at})


_proven = rows_of("proven", number=BigInteger(), mailing=Text(), message=Text(), reason=Text())
_THOSE: Final = update(deliveries).where(
    deliveries.c.id == _proven.c.number,
    deliveries.c.mailing_id == mailings.c.id,
    mailings.c.uid == _proven.c.mailing,
)
_PROVE: Final = _THOSE.where(deliveries.c.state.in_([state.value for state in sorted(UNKNOWN)])).values(
    state=State.ACCEPTED.value,
    reason="",
    message_id=_proven.c.message,
    settled_at=bindparam("at", type_=Moment),
)
_DISPROVE: Final = _THOSE.where(
    deliveries.c.state.in_([state.value for state in (*sorted(UNKNOWN), State.ACCEPTED)])
).values(
    state=State.REFUSED.value,
    reason=_proven.c.reason,
    message_id=_proven.c.message,
    settled_at=bindparam("at", type_=Moment),
)

"""What each outcome writes into a delivery."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, assert_never

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Text,
    Update,
    bindparam,
    case,
    exists,
    null,
    update,
)

from newsletter.core.delivery import (
    MOST_ATTEMPTS,
    Accepted,
    Deferred,
    InDoubt,
    Refused,
    Sender,
    Settlement,
    State,
)
from newsletter.edges.store.claiming import number_of
from newsletter.edges.store.columns import Moment, is_storable, storable
from newsletter.edges.store.dialects import as_array, as_pairs, pairs_of, rows_of
from newsletter.edges.store.mailings import HOLD
from newsletter.edges.store.tables import deliveries, mailings


def settle(connection: Connection, sender: Sender, settlements: Iterable[Settlement], at: datetime) -> None:
    """Write what became of deliveries that a sender claimed; as good as always that is one statement."""
    accepted: list[tuple[int, str]] = []
    ended: list[tuple[int, str, str]] = []
    given_back: list[tuple[int, str, int]] = []
    for delivery_id, outcome in settlements:
        number = number_of(delivery_id)
        match outcome:
            case Accepted():  # to take it apart in the pattern takes twice as long
                accepted.append((number, outcome.message_id))
            case Refused(reason):
                ended.append((number, State.REFUSED, storable(reason)))
            case InDoubt(reason):
                ended.append((number, State.IN_DOUBT, storable(reason)))
            case Deferred(reason):
                given_back.append((number, storable(reason), int(not outcome.counts)))
            case _:
                assert_never(outcome)
    about = {"mailing": sender.mailing.id, "sender": sender.id, "at": at}
    if given_back:
        connection.execute(HOLD, about)
        connection.execute(_REOPEN, about)
        connection.execute(_GIVE_BACK, about | {"given_back": as_array(sorted(given_back))})
    if accepted:
        if not is_storable("".join(message_id for _, message_id in accepted)):
            accepted = [(number, storable(message_id)) for number, message_id in accepted]
        connection.execute(_ACCEPT, about | {"accepted": as_pairs(sorted(accepted))})
    if ended:
        connection.execute(_END, about | {"ended": as_array(sorted(ended))})


def _own(number: ColumnElement[int]) -> Update:
    """Begin to change those that the sender claimed; one that was put into doubt meanwhile is still its own."""
    return update(deliveries).where(
        deliveries.c.id == number,
        deliveries.c.claimed_by == bindparam("sender"),
        deliveries.c.state.in_([State.CLAIMED.value, State.IN_DOUBT.value]),
    )


_accepted = pairs_of("accepted", "number", "message")
_ACCEPT: Final = _own(_accepted.c.number).values(
    state=State.ACCEPTED.value,
    reason="",
    message_id=_accepted.c.message,
    settled_at=bindparam("at", type_=Moment),
)

_ended = rows_of("ended", number=BigInteger(), state=Text(), reason=Text())
_END: Final = _own(_ended.c.number).values(
    state=_ended.c.state,
    reason=_ended.c.reason,
    message_id="",
    settled_at=bindparam("at", type_=Moment),
)

_back = rows_of("given_back", number=BigInteger(), reason=Text(), uncounted=Integer())
_attempts = deliveries.c.attempts - _back.c.uncounted
_spent = _attempts >= MOST_ATTEMPTS
_open = exists().where(mailings.c.id == bindparam("mailing"), mailings.c.finished_at.is_(None))
# In a mailing that is finished nobody would send it again: there it stays in doubt, for the editor to see.
_GIVE_BACK: Final = (
    _own(_back.c.number)
    .where(_open)
    .values(
        state=case((_spent, State.REFUSED.value), else_=State.PENDING.value),
        reason=_back.c.reason,
        attempts=_attempts,
        settled_at=case((_spent, bindparam("at", type_=Moment)), else_=null()),
        claimed_by=null(),
    )
)

# Others may have finished the mailing while this sender's claims were in doubt; what it gives back is to be sent.
_other = mailings.alias()
_REOPEN: Final = (
    update(mailings)
    .where(
        mailings.c.id == bindparam("mailing"),
        mailings.c.finished_at.is_not(None),
        exists().where(
            deliveries.c.mailing_id == bindparam("mailing"),
            deliveries.c.state == State.IN_DOUBT.value,
            deliveries.c.claimed_by == bindparam("sender"),
        ),
        ~exists().where(
            _other.c.issue == mailings.c.issue,
            _other.c.transport == mailings.c.transport,
            _other.c.finished_at.is_(None),
        ),
    )
    .values(finished_at=None)
)

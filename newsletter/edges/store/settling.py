"""What each outcome writes into a delivery."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, assert_never

from sqlalchemy import Update, bindparam, case, null, or_, update

from newsletter.core.delivery import MOST_ATTEMPTS, Accepted, Deferred, InDoubt, Outcome, Refused, State
from newsletter.edges.store.columns import Moment
from newsletter.edges.store.tables import deliveries

# Those that the sender claimed; one that was put into doubt meanwhile is still the sender's to settle.
_OWN: Final = update(deliveries).where(
    deliveries.c.id == bindparam("delivery"),
    deliveries.c.claimed_by == bindparam("sender"),
    or_(deliveries.c.state == State.CLAIMED.value, deliveries.c.state == State.IN_DOUBT.value),  # no IN: executemany
)
_SPENT: Final = deliveries.c.attempts - bindparam("given_back", type_=deliveries.c.attempts.type) >= MOST_ATTEMPTS


def _ended(state: State) -> Update:
    return _OWN.values(
        state=state.value,
        reason=bindparam("because"),
        message_id=bindparam("message"),
        settled_at=bindparam("at"),
    )


SETTLE: Final[Mapping[type[object], Update]] = {
    Accepted: _ended(State.ACCEPTED),
    Refused: _ended(State.REFUSED),
    InDoubt: _ended(State.IN_DOUBT),
    # Given up after so many attempts; those that were nobody's fault do not count.
    Deferred: _OWN.values(
        state=case((_SPENT, State.REFUSED.value), else_=State.PENDING.value),
        reason=bindparam("because"),
        attempts=deliveries.c.attempts - bindparam("given_back", type_=deliveries.c.attempts.type),
        settled_at=case((_SPENT, bindparam("at", type_=Moment)), else_=null()),
        claimed_by=null(),
    ),
}


def written(outcome: Outcome, at: datetime) -> dict[str, Any]:
    """Return the values that an outcome puts into its statement."""
    match outcome:
        case Accepted(message_id):
            return {"because": "", "message": message_id, "at": at}
        case Refused(reason) | InDoubt(reason):
            return {"because": reason, "message": "", "at": at}
        case Deferred(reason):
            return {"because": reason, "given_back": int(not outcome.counts), "at": at}
        case _:
            assert_never(outcome)

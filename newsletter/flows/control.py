"""Pause, resume or cancel a mailing; whoever is sending it learns it within two seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from newsletter.core.delivery import Account, Mailing, State
from newsletter.core.orders import Wish
from newsletter.core.ports import Clock, Events, Ledger, Mailings
from newsletter.core.reputation import Seen, Tally
from newsletter.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class Told:
    """The mailing that was told, and its account afterwards."""

    mailing: Mailing
    account: Account


@dataclass(frozen=True, slots=True)
class Desk:
    """The ports that orders need, and the way out whose mailings are meant."""

    mailings: Mailings
    ledger: Ledger
    events: Events
    clock: Clock
    transport: str


def tell(desk: Desk, issue: str, wish: Wish) -> Told:
    """Tell the open mailing of an issue what the editor wants.

    Who lets it go on has looked at what came back so far: from then on only what is worse stops it.

    Raises:
        NotFound: no mailing of this issue is open.
        BadInput: it was cancelled, and can neither be paused nor go on.
    """
    mailing = desk.mailings.unfinished(issue, desk.transport)
    if mailing is None:
        raise NotFound(f"no mailing of {issue} is open", hint=f"see: newsletter status {issue}")
    if mailing.wish is Wish.CANCEL and wish is not Wish.CANCEL:
        hint = f"once its sender has ended, newsletter send {issue} mails the rest after all"
        raise BadInput(f"the mailing of {issue} was cancelled", hint=hint)
    orders = replace(mailing.orders, seen=_seen(desk, mailing)) if wish is Wish.GO else mailing.orders
    desk.mailings.order(mailing, wish, orders, desk.clock.now())
    account = desk.ledger.account(mailing)
    if wish is Wish.CANCEL and not account[State.CLAIMED]:
        desk.mailings.finish(mailing, desk.clock.now())
    return Told(mailing, account)


def _seen(desk: Desk, mailing: Mailing) -> Seen | None:
    tally = desk.events.tally(mailing)
    if tally == Tally():
        return mailing.orders.seen
    return Seen(tally.bounced, tally.complained, desk.ledger.account(mailing)[State.ACCEPTED])

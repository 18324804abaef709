"""Pause, resume or cancel a mailing; whoever is sending it learns it within two seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from newsletter.core.account import Account
from newsletter.core.delivery import Mailing, State
from newsletter.core.orders import Wish
from newsletter.core.ports.feedback import Events
from newsletter.core.ports.sending import Clock, Ledger, Mailings
from newsletter.core.reputation import NOTHING_SEEN, Seen, Tally, reason_to_stop
from newsletter.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class Told:
    """The mailing that was told, and its account afterwards; `news` is False where nothing held what was to go on."""

    mailing: Mailing
    account: Account
    news: bool = True


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

    Who lets it go on has looked at what came back so far: from then on only what is worse stops it. One that is neither
    paused nor stopped by what came back is left as it is.

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
    account = desk.ledger.account(mailing)
    if wish is mailing.wish is Wish.GO and not _stopped(desk, mailing, account):
        return Told(mailing, account, news=False)
    orders = replace(mailing.orders, seen=_seen(desk, mailing, account)) if wish is Wish.GO else mailing.orders
    desk.mailings.order(mailing, wish, orders, desk.clock.now())
    account = desk.ledger.account(mailing)
    if wish is Wish.CANCEL and not account[State.CLAIMED]:
        desk.mailings.finish(mailing, desk.clock.now())
    return Told(mailing, account)


def _stopped(desk: Desk, mailing: Mailing, account: Account) -> bool:
    """Tell whether what came back of a mailing keeps it from going on until somebody has looked."""
    seen = mailing.orders.seen or NOTHING_SEEN
    return bool(reason_to_stop(desk.events.tally(mailing), account[State.ACCEPTED], seen))


def _seen(desk: Desk, mailing: Mailing, account: Account) -> Seen | None:
    tally = desk.events.tally(mailing)
    if tally == Tally():
        return mailing.orders.seen
    return Seen(tally.bounced, tally.complained, account[State.ACCEPTED])

"""Pause, resume or cancel a mailing; whoever is sending it learns it within two seconds."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.core.delivery import Account, Mailing, State
from newsletter.core.orders import Wish
from newsletter.core.ports import Clock, Ledger, Mailings
from newsletter.errors import BadInput, NotFound


@dataclass(frozen=True, slots=True)
class Told:
    """The mailing that was told, and its account afterwards."""

    mailing: Mailing
    account: Account


def tell(mailings: Mailings, ledger: Ledger, clock: Clock, issue: str, transport: str, wish: Wish) -> Told:
    """Tell the open mailing of an issue what the editor wants.

    Raises:
        NotFound: no mailing of this issue is open.
        BadInput: it was cancelled, and can neither be paused nor go on.
    """
    mailing = mailings.unfinished(issue, transport)
    if mailing is None:
        raise NotFound(f"no mailing of {issue} is open", hint=f"see: newsletter status {issue}")
    if mailing.wish is Wish.CANCEL and wish is not Wish.CANCEL:
        hint = f"once its sender has ended, newsletter send {issue} mails the rest after all"
        raise BadInput(f"the mailing of {issue} was cancelled", hint=hint)
    mailings.order(mailing, wish, mailing.orders, clock.now())
    account = ledger.account(mailing)
    if wish is Wish.CANCEL and not account[State.CLAIMED]:
        mailings.finish(mailing, clock.now())
    return Told(mailing, account)

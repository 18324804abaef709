"""Open mailings whose time has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsletter.core.delivery import Mailing, State
from newsletter.core.orders import Wish
from newsletter.core.ports.feedback import Feedback
from newsletter.core.ports.sending import Ledger, Mailings


def due(mailings: Mailings, ledger: Ledger, feedback: Feedback, transport: str, now: datetime) -> Sequence[Mailing]:
    """Return the mailings through a transport that may go on by now without a look of the editor, oldest first."""
    return [
        each
        for each in mailings.of()
        if each.finished_at is None
        and each.transport == transport
        and each.wish is Wish.GO
        and (each.orders.begin is None or each.orders.begin <= now)
        and not _canary_waits(each, ledger, feedback)
    ]


def _canary_waits(mailing: Mailing, ledger: Ledger, feedback: Feedback) -> bool:
    """Tell whether a canary is out of which only the editor can learn what came back.

    A queue is read before that is said: one that cannot be is as good as none, and nobody would have looked.
    """
    canary = mailing.orders.canary
    if canary is None:
        return False
    account = ledger.account(mailing)
    if canary.recipients > account.settled - account[State.SUPPRESSED]:
        return False
    if not feedback.wanted:
        return True
    with feedback.listening():
        return feedback.tally(mailing) is None

"""A mailing of which some bounced and some complained."""

from __future__ import annotations

from newsletter.core.account import Account
from newsletter.core.delivery import Mailing, Return, State
from newsletter.core.report import Hearing, Outcome, Report
from newsletter.core.reputation import Tally
from tests.fakes import NOON

MAILING = Mailing(1, "m", "may", "abc", "Hello", "", "ses", NOON)


def report(accepted: int, bounced: int, complained: int) -> Report:
    returns = {Return.DELIVERED: accepted - bounced - complained, Return.COMPLAINED: complained}
    return Report(
        outcome=Outcome(MAILING, accepted, {**returns, Return.BOUNCED: bounced}, 0, None, None),
        account=Account({State.ACCEPTED: accepted}),
        hearing=Hearing.LISTENED,
        tally=Tally(bounced, complained),
    )

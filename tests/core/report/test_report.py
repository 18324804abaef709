"""How the figures of a mailing add up."""

from __future__ import annotations

from newsletter.core.delivery import Return
from newsletter.core.report import Outcome
from tests.core.report.examples import MAILING


def test_what_nothing_was_heard_of_is_the_rest() -> None:
    outcome = Outcome(MAILING, 10, {Return.DELIVERED: 6, Return.BOUNCED: 1, Return.COMPLAINED: 1}, 0, None, None)
    assert (outcome.delivered, outcome.silent) == (7, 2)

"""How a mailing stands against the limits of SES and Gmail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.account import Account
from newsletter.core.delivery import Mailing, Return, State
from newsletter.core.report import Hearing, Level, Outcome, Report, rates
from newsletter.core.report.page import page
from newsletter.core.report.sponsor import for_sponsors
from newsletter.core.report.telling import percent
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


@pytest.mark.parametrize(
    ("accepted", "bounced", "complained", "levels"),
    [
        (10_000, 499, 9, ["ok", "ok", "ok"]),
        (10_000, 500, 10, ["warning", "warning", "warning"]),
        (10_000, 999, 49, ["warning", "warning", "error"]),
        (10_000, 1_000, 50, ["error", "error", "error"]),
        (50, 4, 1, ["too few to judge", "too few to judge", "too few to judge"]),
        (0, 0, 0, ["too few to judge", "too few to judge", "too few to judge"]),
    ],
)
def test_a_rate_is_judged_at_its_limits(accepted: int, bounced: int, complained: int, levels: list[str]) -> None:
    assert [each.level for each in rates(report(accepted, bounced, complained))] == [Level(each) for each in levels]


@pytest.mark.parametrize(
    ("count", "of", "shown"),
    [(1, 3, "33.3%"), (1, 1_000, "0.10%"), (0, 9, "0.0%"), (0, 0, "–"), (9, 9, "100.0%")],
)
def test_a_share_is_written_so_that_limits_can_be_seen(count: int, of: int, shown: str) -> None:
    assert percent(count, of) == shown


def test_what_nothing_was_heard_of_is_the_rest() -> None:
    outcome = Outcome(MAILING, 10, {Return.DELIVERED: 6, Return.BOUNCED: 1, Return.COMPLAINED: 1}, 0, None, None)
    assert (outcome.delivered, outcome.silent) == (7, 2)


def test_who_is_no_reader_sees_a_gap_where_the_subject_names_one() -> None:
    subject = 'Dear {{ subscriber.first_name | default("reader") }}, hello'
    of = replace(report(10, 0, 0), outcome=replace(report(10, 0, 0).outcome, mailing=replace(MAILING, subject=subject)))
    assert for_sponsors([of]).startswith("# Dear …, hello\n")
    assert "<title>Report: Dear …, hello</title>" in page([of], "The Letter")

"""When bounces and complaints stop a mailing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.reputation import Tally, reason_to_stop


@pytest.mark.parametrize(
    ("tally", "accepted", "stops"),
    [
        (Tally(), 0, False),
        (Tally(), 1_000_000, False),
        (Tally(bounced=4), 4, False),  # too few to say anything
        (Tally(bounced=5), 100, True),
        (Tally(bounced=5), 101, False),
        (Tally(bounced=5_000), 100_000, True),
        (Tally(bounced=4_999), 100_000, False),
        (Tally(complained=1), 10, False),
        (Tally(complained=2), 2_000, True),
        (Tally(complained=2), 2_001, False),
        (Tally(bounced=5), 0, True),  # events may come before the ledger knows of the acceptance
    ],
)
def test_a_mailing_stops_where_ses_begins_to_review(tally: Tally, accepted: int, *, stops: bool) -> None:
    assert bool(reason_to_stop(tally, accepted)) is stops


def test_the_reason_gives_the_figures() -> None:
    assert reason_to_stop(Tally(bounced=60), 1_000) == "60 of 1,000 bounced (6.0%); SES reviews an account at 5.0%"
    said = reason_to_stop(Tally(bounced=500, complained=20), 1_000)
    assert said == "20 of 1,000 complained (2.0%); SES reviews an account at 0.1%"


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 100_000))
def test_more_of_what_is_bad_never_lets_it_go_on(bounced: int, complained: int, accepted: int) -> None:
    if reason_to_stop(Tally(bounced, complained), accepted):
        assert reason_to_stop(Tally(bounced + 1, complained), accepted)
        assert reason_to_stop(Tally(bounced, complained + 1), accepted)

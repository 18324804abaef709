from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.acts import Block, By
from newsletter.core.standing import BLOCKED, after
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.core.suppression import AT_SES, Listed, Seen, Sighting, Verdict, verdict

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BEFORE, SINCE = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
BOUNCED = Listed("ann@example.org", Standing.BOUNCED, AT)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (None, Verdict.BLOCK),
        (Sighting(None), Verdict.LEAVE),
        (Sighting(Standing.ACTIVE), Verdict.BLOCK),
        (Sighting(Standing.ACTIVE, BEFORE), Verdict.BLOCK),
        (Sighting(Standing.ACTIVE, SINCE), Verdict.LIFT),
        (Sighting(Standing.UNCONFIRMED, SINCE), Verdict.LIFT),
        (Sighting(Standing.UNCONFIRMED), Verdict.BLOCK),
        (Sighting(Standing.DISABLED, SINCE), Verdict.BLOCK),
        (Sighting(Standing.BOUNCED, SINCE), Verdict.LEAVE),
        (Sighting(Standing.COMPLAINED), Verdict.LEAVE),
        (Sighting(Standing.UNSUBSCRIBED), Verdict.LEAVE),
        (Sighting(Standing.REMOVED), Verdict.LEAVE),
    ],
)
def test_what_ses_lists_is_blocked_unless_it_was_released_since_or_left(
    known: Sighting | None, expected: Verdict
) -> None:
    assert verdict(BOUNCED, known) is expected


@given(st.sampled_from(sorted(AT_SES)), st.sampled_from(sorted(Standing)), st.none() | st.sampled_from([BEFORE, SINCE]))
def test_a_verdict_to_block_always_changes_something_and_then_all_is_done(
    listed: Standing, standing: Standing, released: datetime | None
) -> None:
    entry = Listed("ann@example.org", listed, AT)
    known = Subscriber(address="ann@example.org", standing=standing, consent=Consent("form", AT))
    if verdict(entry, Sighting(standing, released)) is Verdict.BLOCK:
        step = after(Block(listed, "listed", By.SES), known, SINCE)
        assert step.entry
        assert step.subscriber.standing in BLOCKED
        assert verdict(entry, Sighting(step.subscriber.standing, released)) is Verdict.LEAVE


@given(st.lists(st.emails(), max_size=9), st.lists(st.emails(), max_size=9))
def test_what_has_been_seen_is_known_in_any_case_and_nothing_else(some: list[str], others: list[str]) -> None:
    seen = Seen()
    for each in some:
        assert each not in seen or each.lower() in {one.lower() for one in some}
        seen.add([each])
    assert all(each.upper() in seen for each in some if each.upper().lower() == each.lower())
    assert [each for each in others if each in seen and each.lower() not in {one.lower() for one in some}] == []

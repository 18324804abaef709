"""How a mailing stands against the limits of SES and Gmail."""

from __future__ import annotations

import pytest

from newsletter.core.report.rates import Level, rates
from tests.core.report.examples import report


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

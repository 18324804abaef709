"""How figures are written."""

from __future__ import annotations

import pytest

from newsletter.core.report.telling import percent


@pytest.mark.parametrize(
    ("count", "of", "shown"),
    [(1, 3, "33.3%"), (1, 1_000, "0.10%"), (0, 9, "0.0%"), (0, 0, "–"), (9, 9, "100.0%")],
)
def test_a_share_is_written_so_that_limits_can_be_seen(count: int, of: int, shown: str) -> None:
    assert percent(count, of) == shown

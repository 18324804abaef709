"""The machine's clock."""

from __future__ import annotations

from datetime import UTC

from newsletter.edges.clock import SystemClock


def test_the_time_of_day_is_aware_and_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_monotonic_time_does_not_go_back() -> None:
    clock = SystemClock()
    before = clock.monotonic()
    clock.sleep(0.001)
    clock.sleep(-1)

    assert clock.monotonic() > before

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.pace import FEW, SHARE, SHARE_OF_FEW, SLOWEST, Pace

RATES = st.floats(0.3, 200)
STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "take", "take", "throttled", "accepted"]), st.floats(0, 3)), max_size=80
)


def starts_of(pace: Pace, steps: list[tuple[str, float]]) -> tuple[Pace, list[float]]:
    """Play a sender that waits as told; return the times of its starts."""
    now, starts = 0.0, []
    for step, pause in steps:
        now += pause
        if step == "take":
            pace, wait = pace.take(now)
            assert wait >= 0
            now += wait
            starts.append(now)
        elif step == "throttled":
            pace = pace.throttled(now)
        else:
            pace = pace.accepted()
    return pace, starts


@given(RATES, STEPS, st.floats(0.01, 30))
def test_no_window_holds_more_starts_than_the_rate_allows(
    rate: float, steps: list[tuple[str, float]], window: float
) -> None:
    _, starts = starts_of(Pace.of(rate), steps)
    for first in starts:
        inside = sum(first <= each < first + window for each in starts)
        assert inside <= rate * window + 1 + 1e-6


@given(RATES, STEPS)
def test_the_rate_stays_between_its_floor_and_its_ceiling(rate: float, steps: list[tuple[str, float]]) -> None:
    pace, _ = starts_of(Pace.of(rate), steps)
    assert min(SLOWEST, pace.ceiling) <= pace.rate <= pace.ceiling < rate


@given(RATES, st.integers(1, 50))
def test_after_throttles_full_speed_comes_back(rate: float, throttles: int) -> None:
    pace = Pace.of(rate)
    for _ in range(throttles):
        pace = pace.throttled(0)
    for _ in range(1000):
        pace = pace.accepted()
    assert pace.rate == pace.ceiling


@given(RATES, st.floats(0, 100))
def test_a_throttle_waits_before_the_next_start_and_slows(rate: float, now: float) -> None:
    before = Pace.of(rate)
    after = before.throttled(now)
    _, wait = after.take(now)
    assert wait == pytest.approx(1 / after.rate)
    assert after.rate < before.rate or after.rate == min(SLOWEST, before.ceiling)


def test_starts_are_not_saved_up_over_a_pause() -> None:
    pace, _ = Pace.of(10).take(0)
    pace, wait = pace.take(100)
    assert wait == 0
    _, wait = pace.take(100)
    assert wait == pytest.approx(1 / 9.85)


def test_a_rate_below_the_floor_keeps_its_own_pace() -> None:
    pace = Pace.of(0.1)
    assert pace.throttled(0).rate == pace.rate


def test_at_a_few_a_second_more_room_is_left() -> None:
    assert Pace.of(FEW).ceiling == FEW * SHARE
    assert Pace.of(1.0).ceiling == SHARE_OF_FEW


@given(RATES, st.integers(1, 5_000))
def test_a_call_with_many_accepted_brings_back_what_as_many_calls_would(rate: float, count: int) -> None:
    slowed = Pace.of(rate).throttled(0).throttled(0)
    one_by_one = slowed
    for _ in range(min(count, 1_000)):
        one_by_one = one_by_one.accepted()
    assert slowed.accepted(count).rate == pytest.approx(one_by_one.rate)


def test_the_slower_of_account_and_editor_sets_the_pace() -> None:
    assert Pace.under(None, None) is None
    assert Pace.under(100, None) == Pace.under(100, 200) == Pace.of(100)
    assert Pace.under(100, 40) == Pace.under(None, 40) == Pace(40, 40)


@given(RATES, RATES)
def test_under_another_ceiling_what_a_throttle_took_stays_taken(rate: float, ceiling: float) -> None:
    slowed = Pace.of(rate).throttled(0)
    after = slowed.within(ceiling)
    assert after.ceiling == ceiling
    assert after.rate == min(slowed.rate, ceiling)
    assert after.next_at == slowed.next_at


def test_the_next_start_is_never_pulled_forward() -> None:
    slow, _ = Pace.of(0.3).take(0)
    assert slow.throttled(0).next_at >= slow.next_at
    assert not math.isinf(slow.next_at)

"""Orders: kept as they were given; windows, ramps and their edges."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.orders import AT_ONCE, Canary, Orders, WarmUp, Window

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
HOURS = st.times().map(lambda each: each.replace(microsecond=0))
WINDOWS = st.tuples(HOURS, HOURS).filter(lambda pair: pair[0] != pair[1]).map(lambda pair: Window(*pair))
RAMPS = st.builds(WarmUp, st.integers(1, 10**9 - 1), st.floats(1, 10))
ORDERS = st.builds(
    Orders,
    begin=st.none() | MOMENTS,
    rate=st.none() | st.floats(0.01, 10_000),
    keep_free=st.floats(0, 0.99),
    wait=st.booleans(),
    window=st.none() | WINDOWS,
    canary=st.none() | st.builds(Canary, st.integers(1, 10**6), st.floats(0, 10_000)),
    warm_up=st.none() | RAMPS,
    again=st.integers(0, 10**6),
)
DAY = datetime(2026, 3, 2, tzinfo=UTC)
OVER_MIDNIGHT = Window(time(20), time(6))


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    return DAY + timedelta(days=day, hours=hour, minutes=minute)


@given(ORDERS)
def test_orders_are_read_as_they_were_written(orders: Orders) -> None:
    assert Orders.read(orders.written()) == orders


def test_no_orders_are_written_as_nothing() -> None:
    assert AT_ONCE.written() == "{}"


def test_new_orders_replace_what_they_say_and_leave_the_rest() -> None:
    kept = Orders(rate=5.0, wait=True, canary=Canary(10, minutes=5))

    assert kept.renewed(AT_ONCE) == kept
    assert kept.renewed(Orders(rate=2.0, keep_free=0.25)) == replace(kept, rate=2.0, keep_free=0.25)


@given(WINDOWS, MOMENTS)
def test_a_window_opens_within_a_day_and_closes_within_the_next(window: Window, moment: datetime) -> None:
    opening = window.open_at(moment)
    closing = window.close_after(opening)

    assert moment <= opening < moment + timedelta(days=1)
    assert opening < closing <= opening + timedelta(days=1)
    assert closing.time() == window.end
    assert opening in {moment, opening.replace(hour=window.begin.hour, minute=window.begin.minute)}
    assert window.open_at(opening) == opening
    assert window.open_at(closing) > closing, "it is shut from its very end on"


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (at(7, 59), at(8)),
        (at(8), at(8)),
        (at(19, 59), at(19, 59)),
        (at(20), at(8, day=1)),
        (at(23), at(8, day=1)),
    ],
)
def test_the_edges_of_a_window_by_day(now: datetime, opening: datetime) -> None:
    assert Window(time(8), time(20)).open_at(now) == opening


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        (at(5, 59), at(5, 59)),
        (at(6), at(20)),
        (at(19, 59), at(20)),
        (at(20), at(20)),
        (at(0, day=1), at(0, day=1)),
    ],
)
def test_the_edges_of_a_window_over_midnight(now: datetime, opening: datetime) -> None:
    assert OVER_MIDNIGHT.open_at(now) == opening


def test_a_window_over_midnight_closes_in_the_morning_after() -> None:
    assert OVER_MIDNIGHT.close_after(at(22)) == at(6, day=1)
    assert OVER_MIDNIGHT.close_after(at(3)) == at(6)


def test_a_ramp_grows_day_by_day() -> None:
    assert [WarmUp(200, 1.5).allowed(day) for day in range(5)] == [200, 300, 450, 675, 1012]
    assert [WarmUp(50, 1).allowed(day) for day in (0, 400)] == [50, 50]


@given(RAMPS, st.integers(0, 100_000))
def test_a_ramp_never_falls_and_has_an_end(ramp: WarmUp, day: int) -> None:
    assert 1 <= ramp.allowed(day) <= ramp.allowed(day + 1) <= 10**9

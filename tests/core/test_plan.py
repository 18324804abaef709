"""The timetable of a send: nothing is promised that quota, rate, window or ramp forbid, and every pause is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.orders import AT_ONCE, Canary, Orders, WarmUp, Window
from newsletter.core.plan import DAY, MOST_LEGS, Leg, Means, cost, legs
from tests.core.test_orders import WINDOWS

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FREELY = Means(None, None, None)
MEANS = st.builds(
    lambda rate, day, left: Means(rate, min(left, day) if day else None, day),
    st.none() | st.floats(0.05, 2_000),
    st.none() | st.integers(1, 100_000),
    st.integers(0, 100_000),
)
ORDERS = st.builds(
    Orders,
    begin=st.none() | st.integers(-100, 100).map(lambda hours: NOON + timedelta(hours=hours)),
    rate=st.none() | st.floats(0.05, 2_000),
    keep_free=st.sampled_from([0.0, 0.1, 0.5]),
    window=st.none() | WINDOWS,
    warm_up=st.none() | st.builds(WarmUp, st.integers(1, 5_000), st.sampled_from([1.0, 1.5, 2.0])),
    canary=st.none() | st.builds(Canary, st.integers(0, 5_000), st.floats(0, 10_080)),
)


def counts(found: Sequence[Leg]) -> list[int]:
    return [leg.recipients for leg in found]


def by_day(found: Sequence[Leg]) -> Counter[date]:
    days: Counter[date] = Counter()
    for leg in found:
        days[leg.begin.date()] += leg.recipients
    return days


@given(st.integers(0, 200_000), MEANS, ORDERS)
def test_everybody_is_in_the_plan_unless_it_is_too_long_to_tell(asked: int, means: Means, orders: Orders) -> None:
    found = legs(asked, means, orders, NOON)

    assert sum(counts(found)) == asked or (len(found) == MOST_LEGS and sum(counts(found)) < asked)
    assert all(leg.recipients >= 0 and leg.begin <= leg.end for leg in found)
    assert all(before.end <= after.begin for before, after in pairwise(found))


@given(st.integers(1, 200_000), MEANS, ORDERS)
def test_every_pause_is_said_and_the_end_is_none(asked: int, means: Means, orders: Orders) -> None:
    found = legs(asked, means, orders, NOON)

    assert all(leg.why for leg in found[:-1])
    assert bool(found[-1].why) is (sum(counts(found)) < asked)


@given(st.integers(1, 200_000), MEANS, ORDERS)
def test_nothing_goes_out_faster_than_the_rate_or_before_its_time(asked: int, means: Means, orders: Orders) -> None:
    rates = [each for each in (means.per_second, orders.rate) if each]
    for leg in legs(asked, means, orders, NOON):
        seconds = (leg.end - leg.begin).total_seconds()
        assert seconds == pytest.approx(leg.recipients / min(rates) if rates else 0.0, abs=1e-5)
        assert leg.begin >= max(NOON, orders.begin or NOON)


@given(st.integers(1, 200_000), MEANS, ORDERS)
def test_a_day_never_holds_more_than_the_quota(asked: int, means: Means, orders: Orders) -> None:
    if means.per_day is None or means.left_today is None:
        return
    found = legs(asked, means, orders, NOON)
    rate = min((each for each in (means.per_second, orders.rate) if each), default=None)
    for leg in found:
        last_day = [each for each in found if leg.begin - DAY < each.begin <= leg.begin]
        most = means.per_day * (1 - orders.keep_free)
        if rate is None or most / rate < DAY.total_seconds():
            assert sum(counts(last_day)) <= most
        if leg.begin < NOON + DAY and (rate is None or means.left_today / rate < DAY.total_seconds()):
            assert sum(counts(last_day)) <= means.left_today


@given(st.integers(1, 200_000), MEANS, ORDERS)
def test_a_day_never_holds_more_than_the_ramp(asked: int, means: Means, orders: Orders) -> None:
    if not orders.warm_up:
        return
    first = max(NOON, orders.begin or NOON).date()
    for day, count in by_day(legs(asked, means, orders, NOON)).items():
        assert count <= orders.warm_up.allowed((day - first).days)


@given(st.integers(1, 200_000), MEANS, ORDERS)
def test_nothing_goes_out_while_the_window_is_shut(asked: int, means: Means, orders: Orders) -> None:
    if not orders.window:
        return
    rate = min((each for each in (means.per_second, orders.rate) if each), default=None)
    for leg in legs(asked, means, orders, NOON):
        assert orders.window.open_at(leg.begin) == leg.begin
        last_start = leg.end - timedelta(seconds=1 / rate if rate and leg.recipients else 0)
        assert last_start <= orders.window.close_after(leg.begin)


@given(st.integers(1, 200_000), MEANS, ORDERS)
def test_nobody_follows_a_canary_before_its_feedback_was_waited_for(asked: int, means: Means, orders: Orders) -> None:
    if not orders.canary:
        return
    out, out_at = 0, None
    for leg in legs(asked, means, orders, NOON):
        if out >= orders.canary.recipients and leg.recipients:
            assert leg.begin >= (out_at or max(NOON, orders.begin or NOON)) + timedelta(minutes=orders.canary.minutes)
            return
        out += leg.recipients
        assert out <= orders.canary.recipients
        out_at = out_at or (leg.end if out >= orders.canary.recipients else None)


def test_the_rest_follows_when_the_canary_was_waited_for() -> None:
    canary = Canary(100, minutes=15)
    found = legs(1_000, Means(10, None, None), Orders(canary=canary), NOON)

    assert counts(found) == [100, 900]
    assert found[0].why == "the canary's feedback is waited for"
    assert found[1].begin == NOON + timedelta(seconds=10, minutes=15)


def test_a_canary_of_everybody_is_not_waited_for() -> None:
    assert counts(legs(100, FREELY, Orders(canary=Canary(100, minutes=15)), NOON)) == [100]


def test_a_canary_that_is_out_is_waited_for_from_the_beginning() -> None:
    found = legs(50, FREELY, Orders(canary=Canary(0, minutes=15)), NOON)
    assert [(leg.begin, leg.recipients) for leg in found] == [(NOON, 0), (NOON + timedelta(minutes=15), 50)]


def test_a_canary_that_a_quota_cuts_short_goes_on_a_day_later() -> None:
    found = legs(200, Means(None, 60, 100), Orders(canary=Canary(80, minutes=15)), NOON)

    assert counts(found)[:3] == [60, 20, 80]
    assert [leg.begin - NOON for leg in found[:3]] == [0 * DAY, DAY, DAY + timedelta(minutes=15)]


def test_without_limits_it_goes_out_at_once() -> None:
    assert legs(1_000, FREELY, AT_ONCE, NOON) == [Leg(NOON, NOON, 1_000)]
    assert legs(0, FREELY, AT_ONCE, NOON) == []


def test_the_slower_of_both_rates_counts() -> None:
    (leg,) = legs(1_000, Means(14, None, None), Orders(rate=10), NOON)
    assert leg.end == NOON + timedelta(seconds=100)
    (leg,) = legs(1_400, Means(14, None, None), Orders(rate=100), NOON)
    assert leg.end == NOON + timedelta(seconds=100)


def test_a_quota_that_is_too_small_is_waited_for_day_by_day() -> None:
    found = legs(500, Means(10, 50, 200), AT_ONCE, NOON)

    assert counts(found) == [50, 200, 200, 50]
    assert [leg.begin for leg in found] == [NOON + DAY * number for number in range(4)]
    assert [leg.why for leg in found] == ["the quota of 24 hours is spent"] * 3 + [""]


def test_a_share_of_the_quota_stays_free() -> None:
    assert counts(legs(500, Means(10, 50, 200), Orders(keep_free=0.1), NOON)) == [30, 180, 180, 110]


def test_a_quota_that_is_spent_already_sends_nobody_today() -> None:
    assert counts(legs(100, Means(10, 0, 200), AT_ONCE, NOON)) == [0, 100]


def test_a_quota_that_the_rate_cannot_spend_in_a_day_is_no_pause() -> None:
    (leg,) = legs(100_000, Means(0.5, 50_000, 50_000), AT_ONCE, NOON)
    assert (leg.recipients, leg.why) == (100_000, "")


def test_a_window_cuts_the_days_and_the_quota_is_whole_again_each_day() -> None:
    found = legs(100, Means(0.01, 60, 60), Orders(window=Window(time(8), time(9))), NOON)

    assert counts(found)[:2] == [36, 36]
    assert [leg.begin.time() for leg in found] == [time(8)] * len(found)
    assert [leg.why for leg in found] == ["the window closes"] * (len(found) - 1) + [""]


def test_a_window_of_a_minute_lets_one_through_however_slow() -> None:
    assert counts(legs(3, FREELY, Orders(rate=0.01, window=Window(time(8), time(8, 1))), NOON)) == [1, 1, 1]


def test_a_warm_up_begins_anew_each_day_even_where_a_window_shuts_between() -> None:
    orders = Orders(rate=1, window=Window(time(8), time(20)), warm_up=WarmUp(100, 2))
    found = legs(700, FREELY, orders, NOON)

    assert counts(found) == [100, 200, 400]
    assert [leg.begin for leg in found] == [
        NOON,
        datetime(2026, 3, 3, 8, tzinfo=UTC),
        datetime(2026, 3, 4, 8, tzinfo=UTC),
    ]


def test_a_scheduled_warm_up_begins_its_ramp_when_it_begins() -> None:
    orders = Orders(begin=NOON + 5 * DAY, warm_up=WarmUp(100, 2))
    assert counts(legs(300, FREELY, orders, NOON)) == [100, 200]


def test_a_warm_up_that_is_continued_stands_where_it_stands() -> None:
    found = legs(1_000, FREELY, Orders(warm_up=WarmUp(100, 2)), NOON, since=NOON - 2 * DAY, sent_today=150)
    assert counts(found) == [250, 750]


def test_the_cost_is_that_of_the_price_list() -> None:
    assert cost(50_000) == pytest.approx(5.0)

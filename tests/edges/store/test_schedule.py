from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.edges.store.opening import open_database
from newsletter.edges.store.schedule import slack, take_places
from tests.edges.store.examples import AT

# What the fixtures give is shared by all examples of a property: each works on a schedule of its own.
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
RATES = st.floats(0.2, 2_000)
MOMENT = 1e-4  # seconds; places are floats of seconds since 1970, times have microseconds


class Senders:
    """Several senders of one transport, as a simulation: each claims, then starts what it claimed when it is due."""

    def __init__(self, url: str, rate: float) -> None:
        self._database = open_database(url)
        self._rate, self.transport = rate, f"simulated {id(self)}"
        self.places: list[float] = []
        self.starts: list[float] = []

    def claim(self, count: int, now: float) -> float:
        """Take places; return when the last of them may start."""
        at = AT + timedelta(seconds=now)
        with self._database.writing() as connection:
            first = _seconds(take_places(connection, self.transport, count, self._rate, at))
        mine = [first + number / self._rate for number in range(count)]
        self.places += mine
        self.starts += [max(place, now) for place in mine]
        return self.starts[-1]

    def close(self) -> None:
        with self._database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM schedules")
        self._database.engine.dispose()


def _seconds(moment: datetime) -> float:
    return (moment - AT).total_seconds()


def claimed(url: str, rate: float, steps: list[tuple[float, int]]) -> Senders:
    """Let senders claim with pauses in between, whoever they are."""
    senders, now = Senders(url, rate), 0.0
    try:
        for pause, count in steps:
            now += pause
            senders.claim(count, now)
    finally:
        senders.close()
    return senders


@SHARED
@given(rate=RATES, steps=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 50)), min_size=1, max_size=25))
def test_places_are_never_closer_than_the_rate_allows(url: str, rate: float, steps: list[tuple[float, int]]) -> None:
    places = sorted(claimed(url, rate, steps).places)
    assert all(later - sooner >= 1 / rate - MOMENT for sooner, later in pairwise(places))


@SHARED
@given(
    rate=RATES,
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 50)), min_size=1, max_size=25),
    window=st.floats(0.05, 20),
)
def test_what_starts_within_a_window_stays_well_within_a_bucket_of_one_second(
    url: str, rate: float, steps: list[tuple[float, int]], window: float
) -> None:
    starts = claimed(url, rate, steps).starts
    most = rate * window + max(1.0, (1 + rate) / 2) + rate * MOMENT
    assert all(sum(first <= each < first + window for each in starts) <= most for first in starts)


@SHARED
@given(
    rate=st.floats(2, 2_000),
    lates=st.lists(st.floats(0, 0.2), min_size=40, max_size=40),
    senders=st.integers(1, 4),
)
def test_the_rate_is_held_together_though_each_comes_a_little_late(
    url: str, rate: float, lates: list[float], senders: int
) -> None:
    together = Senders(url, rate)
    count = max(1, int(rate / 4))
    due = [0.0] * senders  # when each sender has started all that it claimed
    try:
        for late in lates:
            who = due.index(min(due))
            due[who] = together.claim(count, due[who] + late * slack(rate) / 0.25)
    finally:
        together.close()
    total = len(lates) * count
    assert max(together.starts) <= total / rate + 0.25 * senders + MOMENT


@pytest.mark.parametrize(
    ("rate", "seconds"), [(0.5, 0.0), (1.0, 0.0), (1.25, 0.1), (2.0, 0.25), (14.0, 0.25), (5_000.0, 0.25)]
)
def test_at_a_low_rate_lateness_is_not_caught_up_with(rate: float, seconds: float) -> None:
    assert slack(rate) == pytest.approx(seconds)


def test_a_schedule_that_was_long_idle_begins_anew(url: str) -> None:
    assert claimed(url, 10.0, [(0.0, 5), (3600.0, 1)]).starts[-1] == pytest.approx(3600.0, abs=MOMENT)


def test_each_transport_has_its_own_schedule(url: str) -> None:
    database = open_database(url)
    with database.writing() as connection:
        take_places(connection, "ses", 1_000, 1.0, AT)
        assert _seconds(take_places(connection, "outbox", 1, 1.0, AT)) == pytest.approx(0, abs=MOMENT)
    database.engine.dispose()

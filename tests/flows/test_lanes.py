"""Lanes by themselves: what they carry at once, what they put down, and that they come to rest."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from newsletter.core.delivery import Accepted, Claim, Settlement
from newsletter.core.subscriber import Subscriber
from newsletter.flows.carry import Load
from newsletter.flows.lanes import Landing, Lanes

SOON = 10.0  # seconds; far longer than any of this takes


def load(*names: str) -> Load:
    return [Claim(name, Subscriber(address=f"{name}@example.net")) for name in names]


def accepted(carried: Load) -> Sequence[Settlement]:
    return [Settlement(each.delivery_id, Accepted(f"m-{each.delivery_id}")) for each in carried]


def landings(lanes: Lanes, count: int) -> list[Landing]:
    found: list[Landing] = []
    while len(found) < count:
        more = lanes.landed(SOON)
        assert more
        found += more
    return found


def test_as_many_loads_are_carried_at_once_as_there_are_lanes() -> None:
    together = threading.Barrier(3)

    def carry(carried: Load) -> Sequence[Settlement]:
        together.wait(SOON)
        return accepted(carried)

    with Lanes(carry, 3) as lanes:
        for name in "abc":
            lanes.start(load(name))
        assert lanes.free == 0
        landed = landings(lanes, 3)
    assert sorted(each.load[0].delivery_id for each in landed) == ["a", "b", "c"]
    assert all(each.result == accepted(each.load) for each in landed)


def test_lanes_are_begun_as_they_are_needed_and_used_again() -> None:
    used = set[int]()

    def carry(carried: Load) -> Sequence[Settlement]:
        used.add(threading.get_ident())
        return accepted(carried)

    with Lanes(carry, 8) as lanes:
        for name in "abcdef":
            lanes.start(load(name))
            landings(lanes, 1)
    assert len(used) == 1


def test_what_is_under_way_is_counted_until_it_is_taken_up() -> None:
    with Lanes(accepted, 2) as lanes:
        lanes.start(load("a", "b"))
        assert (lanes.calls, lanes.recipients, lanes.free) == (1, 2, 1)
        landings(lanes, 1)
        assert (lanes.calls, lanes.recipients, lanes.free) == (0, 0, 2)
        assert lanes.landed(0.01) == []


def test_a_defect_is_put_down_and_the_lane_goes_on() -> None:
    defect = KeyError("b")

    def carry(carried: Load) -> Sequence[Settlement]:
        if carried[0].delivery_id == "b":
            raise defect
        return accepted(carried)

    with Lanes(carry, 1) as lanes:
        results = []
        for name in "abc":
            lanes.start(load(name))
            results += [each.result for each in landings(lanes, 1)]
    assert results == [accepted(load("a")), defect, accepted(load("c"))]


def test_whatever_ends_the_block_all_lanes_come_to_rest_and_nothing_is_lost() -> None:
    go_on = threading.Event()

    def carry(carried: Load) -> Sequence[Settlement]:
        assert go_on.wait(SOON)
        return accepted(carried)

    lanes = Lanes(carry, 2)

    def breaking() -> None:
        with lanes:
            for name in "ab":
                lanes.start(load(name))
            threading.Timer(0.05, go_on.set).start()
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        breaking()
    assert sorted(each.load[0].delivery_id for each in lanes.landed(0)) == ["a", "b"]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane_")]

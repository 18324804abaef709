from __future__ import annotations

import pytest

from newsletter.web.public.limits import Limit, household


def test_so_many_tries_are_welcome_within_the_window_and_one_more_for_each_that_leaves_it() -> None:
    limit = Limit(2, 60.0)
    assert [limit.wait("ann", now) for now in (0.0, 10.0)] == [0, 0]
    assert limit.wait("ann", 20.0) == 40
    assert limit.wait("ann", 59.5) == 1
    assert limit.wait("ann", 60.0) == 0
    assert limit.wait("ann", 61.0) == 9
    assert limit.wait("bob", 61.0) == 0


def test_whoever_was_quiet_for_longest_is_forgotten_first() -> None:
    limit = Limit(1, 60.0, most_known=2)
    assert [limit.wait(key, 0.0) for key in ("ann", "bob", "cleo")] == [0, 0, 0]
    assert limit.wait("cleo", 1.0) > 0
    assert limit.wait("bob", 1.0) > 0
    assert limit.wait("ann", 1.0) == 0
    assert len(limit._known) == 2


def test_what_is_remembered_stays_small_whatever_is_sent() -> None:
    limit = Limit(1, 60.0)
    for number in range(100):
        limit.wait(f"{number}{'a' * 16_000}", 0.0)
    assert sum(map(len, limit._known)) < 30_000


@pytest.mark.parametrize(
    ("ip", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_an_ipv6_customer_is_counted_by_their_network(ip: str, counted: str) -> None:
    assert household(ip) == counted

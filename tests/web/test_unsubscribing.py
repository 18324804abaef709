"""The function behind unsubscribe links knows real ones; `test_exits.py` has what it answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.links import Bearer, LinkMaker
from newsletter.web import unsubscribing

BASE = "https://function.example.com"

uids = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=32)


doors = st.sampled_from(sorted(unsubscribing.DOORS))


@given(doors, doors, uids, uids, st.lists(st.text(min_size=32, max_size=40), min_size=1, max_size=3))
def test_every_link_that_is_made_here_is_known_and_no_other(
    door: str, other: str, subscriber: str, mailing: str, keys: list[str]
) -> None:
    link = LinkMaker(BASE, keys).make(door, Bearer(subscriber, mailing))
    token = link.rpartition("/")[2]
    assert unsubscribing.reader_of(door, token, keys) == (subscriber, mailing)
    assert unsubscribing.reader_of(door, "x" + token, keys) is None
    assert unsubscribing.reader_of(door, token, ["another key"]) is None
    assert (unsubscribing.reader_of(other, token, keys) is None) == (other != door)


@given(st.text())
def test_whatever_is_no_link_is_nobody_s(token: str) -> None:
    assert unsubscribing.reader_of("unsubscribe", token, ["k" * 32]) is None


@given(uids, uids, st.lists(st.text(min_size=32, max_size=40), min_size=1, max_size=3))
def test_a_link_that_it_makes_itself_is_the_one_that_is_made_here(
    subscriber: str, mailing: str, keys: list[str]
) -> None:
    link = LinkMaker(BASE, keys).make("unsubscribe", Bearer(subscriber, mailing))
    assert unsubscribing.token_for((subscriber, mailing), keys) == link.rpartition("/")[2]

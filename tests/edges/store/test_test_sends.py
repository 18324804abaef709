from __future__ import annotations

from datetime import timedelta

from newsletter.edges.store import Store
from tests.edges.store.examples import AT, LATER


def test_a_build_that_was_never_test_sent_has_no_time(store: Store) -> None:
    assert store.test_sends.last("abc") is None


def test_the_last_test_send_of_exactly_this_build_is_remembered_in_utc(store: Store) -> None:
    store.test_sends.remember("may", "abc", 2, LATER)
    store.test_sends.remember("may", "abc", 1, AT)
    store.test_sends.remember("may", "other", 1, LATER + timedelta(days=1))
    last = store.test_sends.last("abc")
    assert last is not None
    assert last == LATER
    assert last.utcoffset() == timedelta(0)

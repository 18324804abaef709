from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.core.suppression import Listed
from newsletter.edges.store import Store, open_store
from newsletter.errors import BadInput, NotFound, TransportError
from newsletter.flows.suppressions import MOST_REFUSED, Synced, block, release, sync
from tests.fakes import NOON, FakeClock
from tests.stores import empty_store


@dataclass
class FakeList:
    """A suppression list like that of SES, two on a page."""

    clock: FakeClock
    reasons: dict[str, tuple[Standing, datetime]] = field(default_factory=dict)
    refuses: bool = False
    fails_after: int = 1_000_000  # calls

    def pages(self) -> Iterator[Sequence[Listed]]:
        everything = [Listed(address, *why) for address, why in sorted(self.reasons.items())]
        for begin in range(0, max(len(everything), 1), 2):
            self._called()
            yield everything[begin : begin + 2]

    def put(self, address: str, standing: Standing) -> str:
        self._called()
        if self.refuses:
            return "not in a sandbox"
        self.reasons[address.lower()] = standing, self.clock.now()
        return ""

    def lift(self, address: str) -> None:
        self._called()
        del self.reasons[address]

    def _called(self) -> None:
        self.fails_after -= 1
        if self.fails_after < 0:
            raise TransportError("the network is gone")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(empty_store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def there(clock: FakeClock) -> FakeList:
    return FakeList(clock)


def put(store: Store, **standings: Standing) -> None:
    people = [
        Subscriber(address=f"{name}@example.org", standing=standing, consent=Consent("form", NOON))
        for name, standing in standings.items()
    ]
    store.subscribers.put(people, NOON)


def standings(store: Store) -> dict[str, Standing]:
    return {each.address.split("@")[0]: each.standing for each in store.subscribers.everybody()}


def kept_in_step(store: Store, there: FakeList, clock: FakeClock) -> Synced:
    return sync(store.suppressions, there, clock, rehearsal=False)


def test_both_lists_learn_from_each_other_and_are_then_in_step(store: Store, there: FakeList, clock: FakeClock) -> None:
    put(store, ann=Standing.ACTIVE, bob=Standing.BOUNCED, cid=Standing.DISABLED, dan=Standing.UNSUBSCRIBED)
    for name in ("ann", "dan", "eve", "zoe"):
        there.reasons[f"{name}@example.org"] = Standing.COMPLAINED, NOON
    planned = sync(store.suppressions, there, clock, rehearsal=True)
    assert standings(store)["ann"] is Standing.ACTIVE
    assert len(there.reasons) == 4
    done = kept_in_step(store, there, clock)
    assert done == planned == Synced(listed=4, blocked=3, put=1)
    assert standings(store) == {
        "ann": Standing.COMPLAINED,
        "bob": Standing.BOUNCED,
        "cid": Standing.DISABLED,
        "dan": Standing.UNSUBSCRIBED,
        "eve": Standing.COMPLAINED,
        "zoe": Standing.COMPLAINED,
    }
    assert there.reasons["bob@example.org"][0] is Standing.BOUNCED
    assert "cid@example.org" not in there.reasons
    assert kept_in_step(store, there, clock) == Synced(listed=5)


def test_what_the_editor_released_is_taken_off_there_and_what_bounces_again_is_blocked_again(
    store: Store, there: FakeList, clock: FakeClock
) -> None:
    put(store, ann=Standing.ACTIVE)
    there.reasons["ann@example.org"] = Standing.BOUNCED, NOON
    kept_in_step(store, there, clock)
    clock.sleep(60)
    release(store.readers, "ann@example.org", "a new mailbox", clock.now())
    assert kept_in_step(store, there, clock) == Synced(listed=1, lifted=1)
    assert (there.reasons, standings(store)) == ({}, {"ann": Standing.ACTIVE})
    there.reasons["ann@example.org"] = Standing.BOUNCED, clock.now() + timedelta(days=1)
    assert kept_in_step(store, there, clock) == Synced(listed=1, blocked=1)


def test_who_was_erased_does_not_come_back_from_the_list_of_ses(
    store: Store, there: FakeList, clock: FakeClock
) -> None:
    put(store, ann=Standing.ACTIVE)
    store.readers.erase(Whom("ann@example.org"), NOON)
    there.reasons["ann@example.org"] = Standing.BOUNCED, NOON
    assert kept_in_step(store, there, clock) == Synced(listed=1)
    assert standings(store) == {}


def test_ses_is_asked_about_once_a_second(store: Store, there: FakeList, clock: FakeClock) -> None:
    put(store, **{f"r{number}": Standing.BOUNCED for number in range(10)})
    kept_in_step(store, there, clock)
    assert 10 <= clock.monotonic() <= 13


def test_what_was_stopped_goes_on_where_it_stopped(store: Store, there: FakeList, clock: FakeClock) -> None:
    put(store, **{f"r{number}": Standing.BOUNCED for number in range(6)})
    there.reasons["eve@example.org"] = Standing.BOUNCED, NOON
    there.fails_after = 4
    with pytest.raises(TransportError):
        kept_in_step(store, there, clock)
    assert (len(there.reasons), len(standings(store))) == (4, 7)
    there.fails_after = 100
    assert kept_in_step(store, there, clock) == Synced(listed=4, put=3)


def test_addresses_that_ses_does_not_take_are_counted_and_one_after_another_ends_it(
    store: Store, there: FakeList, clock: FakeClock
) -> None:
    put(store, **{f"r{number}": Standing.BOUNCED for number in range(MOST_REFUSED - 1)})
    there.refuses = True
    done = kept_in_step(store, there, clock)
    assert (done.refused, done.put, done.why) == (MOST_REFUSED - 1, 0, "not in a sandbox")
    put(store, more=Standing.BOUNCED)
    with pytest.raises(TransportError, match="not in a sandbox"):
        kept_in_step(store, there, clock)


@pytest.mark.parametrize(
    ("reason", "standing", "kept"),
    [
        ("bounce", Standing.BOUNCED, ""),
        (" Complaint", Standing.COMPLAINED, ""),
        (" rude", Standing.DISABLED, "rude"),
        ("", Standing.DISABLED, ""),
    ],
)
def test_an_editor_blocks_for_a_reason(store: Store, reason: str, standing: Standing, kept: str) -> None:
    step = block(store.readers, "eve@example.org", reason, NOON)
    assert (step.subscriber.standing, step.subscriber.reason) == (standing, kept)
    assert block(store.readers, "EVE@example.org", reason, NOON).entry is None


def test_who_is_blocked_or_released_in_vain_is_told_why(store: Store) -> None:
    put(store, ann=Standing.UNSUBSCRIBED, bob=Standing.ACTIVE)
    store.readers.erase(Whom("bob@example.org"), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(BadInput, match="was erased"):
        block(store.readers, "bob@example.org", "", NOON)
    with pytest.raises(BadInput, match="is not an email address"):
        block(store.readers, "bob", "", NOON)
    with pytest.raises(BadInput, match="unsubscribed themselves"):
        release(store.readers, "ann@example.org", "why", NOON)
    with pytest.raises(BadInput, match="no reason"):
        release(store.readers, "ann@example.org", " ", NOON)
    with pytest.raises(NotFound):
        release(store.readers, "eve@example.org", "why", NOON)

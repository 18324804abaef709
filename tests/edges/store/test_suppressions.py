from __future__ import annotations

from dataclasses import replace

from newsletter.core.acts import Block, By, Release
from newsletter.core.ports.readers import Whom
from newsletter.core.standing import BLOCKED
from newsletter.core.subscriber import Consent, Standing
from newsletter.core.suppression import Sighting
from newsletter.edges.store import Store
from tests.edges.store.examples import AT, LATER, crowd, person

BOUNCE = Block(Standing.BOUNCED, "550", By.SES)


def test_who_is_blocked_is_told_in_the_order_they_joined(store: Store) -> None:
    store.subscribers.put([person(standing.value, standing=standing) for standing in Standing], AT)
    blocked = list(store.suppressions.blocked())
    assert [each.standing for each in blocked] == [standing for standing in Standing if standing in BLOCKED]


def test_more_blocked_than_are_held_at_a_time_are_told(store: Store) -> None:
    store.subscribers.put([replace(each, standing=Standing.BOUNCED) for each in crowd(2_100)], AT)
    assert sum(1 for _ in store.suppressions.blocked()) == 2_100


def test_known_erased_and_released_addresses_are_looked_up_and_strangers_are_not(store: Store) -> None:
    people = [replace(person(name), consent=Consent("form", AT)) for name in ("ann", "bob", "cid")]
    store.subscribers.put(people, AT)
    store.readers.change(Whom("ann@example.org"), BOUNCE, AT)
    store.readers.change(Whom("ann@example.org"), Release("why"), LATER)
    store.readers.erase(Whom("cid@example.org"), AT)
    asked = ["ANN@example.org", "bob@example.org", "cid@example.org", "eve@example.org"]
    assert store.suppressions.look_up(asked) == {
        "ann@example.org": Sighting(Standing.ACTIVE, LATER),
        "bob@example.org": Sighting(Standing.ACTIVE),
        "cid@example.org": Sighting(None),
    }
    assert store.suppressions.look_up([]) == {}


def test_readers_and_strangers_are_blocked_together_and_news_is_counted(store: Store) -> None:
    store.subscribers.put([person("ann"), person("bob", standing=Standing.UNSUBSCRIBED)], AT)
    blocks = [(f"{name}@example.org", BOUNCE) for name in ("ann", "bob", "eve", "EVE")]
    assert store.suppressions.block(blocks, LATER) == 2
    assert {each.address: each.reason for each in store.suppressions.blocked()} == {
        "ann@example.org": "550",
        "eve@example.org": "550",
    }
    assert store.suppressions.block(blocks, LATER) == 0
    assert len(store.readers.history(Whom("eve@example.org"))) == 1

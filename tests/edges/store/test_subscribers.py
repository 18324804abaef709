from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from newsletter.core.audience import Audience
from newsletter.core.ports.readers import Change, Effect, Intake, Whom
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.store import Store
from newsletter.errors import InvalidSource
from tests.edges.store.examples import AT, LATER, addresses, crowd, person, remove
from tests.stores import on_the_list

FULL = Subscriber(
    address="Ada.Lovelace@Example.org",
    first_name="Ada",
    last_name="Lovelace",
    tags=frozenset({"weekly", "maths"}),
    fields={"city": "London"},
    consent=Consent("form", AT),
)


def counted(**counts: int) -> dict[Change, int]:
    return {change: counts.get(change.name.lower(), 0) for change in Change}


def test_what_is_put_comes_back_with_a_random_public_uid(store: Store) -> None:
    assert store.subscribers.put([FULL], AT) == counted(new=1)
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", found.uid)
    assert replace(found, uid="") == FULL


def test_a_stranger_is_not_found(store: Store) -> None:
    assert store.subscribers.get("nobody@example.org") is None


def test_an_address_is_one_subscriber_whatever_its_case_and_the_spaces_around_it(store: Store) -> None:
    store.subscribers.put([FULL], AT)
    shouting = replace(FULL, address=" ADA.LOVELACE@EXAMPLE.ORG ")
    assert store.subscribers.put([shouting], LATER) == counted(unchanged=1)
    found = store.subscribers.get("ada.lovelace@EXAMPLE.org")
    assert found is not None
    assert found.address == "Ada.Lovelace@Example.org"
    assert on_the_list(store) == 1


def test_putting_the_same_twice_changes_nothing(store: Store) -> None:
    store.subscribers.put([FULL], AT)
    before = store.subscribers.get(FULL.address)
    assert store.subscribers.put([FULL], LATER) == counted(unchanged=1)
    assert store.subscribers.get(FULL.address) == before


def test_an_import_merges_names_fields_and_tags(store: Store) -> None:
    store.subscribers.put([FULL], AT)
    incoming = Subscriber(
        address=FULL.address, last_name="King", tags=frozenset({"poetry"}), fields={"city": "", "shoe": "36"}
    )
    assert store.subscribers.put([incoming], LATER) == counted(changed=1)
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert (found.first_name, found.last_name) == ("Ada", "King")
    assert found.tags == {"weekly", "maths", "poetry"}
    assert found.fields == {"city": "London", "shoe": "36"}


def test_consent_once_given_is_kept(store: Store) -> None:
    store.subscribers.put([FULL], AT)
    store.subscribers.put([replace(FULL, consent=Consent("import", LATER))], LATER)
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert found.consent == Consent("form", AT)


def test_consent_that_was_missing_is_written(store: Store) -> None:
    store.subscribers.put([person("ann")], AT)
    store.subscribers.put([replace(person("ann"), consent=Consent("paper", AT))], LATER)
    found = store.subscribers.get("ann@example.org")
    assert found is not None
    assert found.consent == Consent("paper", AT)


def test_a_time_in_another_zone_comes_back_as_the_same_moment_in_utc(store: Store) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    store.subscribers.put([replace(FULL, consent=Consent("form", AT.astimezone(zone)))], AT)
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert found.consent.at is not None
    assert found.consent.at == AT
    assert found.consent.at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("standing", [standing for standing in Standing if not standing.mailable])
def test_an_import_takes_nobody_back_who_may_not_be_mailed(store: Store, standing: Standing) -> None:
    store.subscribers.put([person("ann", standing=standing)], AT)
    assert store.subscribers.put([person("ann", "new")], LATER) == counted(kept_out=1)
    found = store.subscribers.get("ann@example.org")
    assert found is not None
    assert found.standing is standing


def test_an_import_can_make_a_standing_stricter(store: Store) -> None:
    store.subscribers.put([person("ann")], AT)
    assert store.subscribers.put([person("ann", standing=Standing.UNSUBSCRIBED)], LATER) == counted(changed=1)
    found = store.subscribers.get("ann@example.org")
    assert found is not None
    assert found.standing is Standing.UNSUBSCRIBED


def test_the_same_address_several_times_in_one_import_is_one_subscriber(store: Store) -> None:
    people = [person("ann", "a"), person("ANN", "b"), person("ann", "a"), person("ann", standing=Standing.BOUNCED)]
    assert store.subscribers.put([*people, person("Ann")], AT) == counted(new=1)
    found = store.subscribers.get("ann@example.org")
    assert found is not None
    assert found.tags == {"a", "b"}
    assert found.standing is Standing.BOUNCED


def test_an_import_longer_than_a_chunk_counts_everybody(store: Store) -> None:
    people = crowd(2_100)
    assert store.subscribers.put(iter([*people, *people[:5]]), AT) == counted(new=2_100)
    assert on_the_list(store) == 2_100
    assert addresses(store) == [f"reader{number}" for number in range(2_100)]


def test_an_import_that_fails_half_way_leaves_the_list_as_it_was(store: Store) -> None:
    def broken() -> Iterator[Subscriber]:
        yield from crowd(1_500)
        raise InvalidSource(())

    with pytest.raises(InvalidSource):
        store.subscribers.put(broken(), AT)
    assert on_the_list(store) == 0


def test_everybody_is_counted_once_however_many_rows_they_have_and_however_far_apart(store: Store) -> None:
    store.subscribers.put([person("bob"), person("cid"), person("dot", standing=Standing.COMPLAINED)], AT)
    far_apart = [person("ann"), person("bob"), person("cid", "a"), person("dot"), *crowd(1_100)]
    later = [person("ann", standing=Standing.BOUNCED), person("bob", "b"), person("cid"), person("dot", "d")]
    intake = store.subscribers.take_in([*far_apart, *later, *crowd(3)], LATER)
    assert intake == Intake(
        people={
            Effect(Change.NEW, Standing.ACTIVE): 1_100,
            Effect(Change.NEW, Standing.BOUNCED): 1,
            Effect(Change.CHANGED, Standing.ACTIVE): 2,
            Effect(Change.KEPT_OUT, Standing.COMPLAINED): 1,
        },
        duplicates=7,
        on_the_list=1_104,
    )
    assert sum(intake.people.values()) + intake.duplicates == len(far_apart) + len(later) + 3


def test_history_keeps_who_came_and_whose_standing_that_changed(store: Store) -> None:
    earlier = [person("ann"), person("bob"), person("cid", standing=Standing.UNSUBSCRIBED)]
    store.subscribers.put(earlier, AT)
    later = [person("ann", "us"), person("bob", standing=Standing.BOUNCED), person("cid"), person("dot"), person("dot")]
    came = Entry(LATER, "imported", "list.csv")
    for rehearsal in (True, False, False):
        store.subscribers.take_in(later, LATER, came, rehearsal=rehearsal)
    told = {each: store.readers.history(Whom(f"{each}@example.org")) for each in ("ann", "bob", "cid", "dot")}
    moved = Entry(LATER, "imported", "list.csv, bounced, was active")
    assert told == {"ann": [], "bob": [moved], "cid": [], "dot": [came]}


def test_a_rehearsal_says_what_would_be_and_changes_nothing(store: Store) -> None:
    store.subscribers.put([FULL], AT)
    rehearsed = store.subscribers.take_in([replace(FULL, last_name="King"), *crowd(1_001)], LATER, rehearsal=True)
    assert on_the_list(store) == 1
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert found.last_name == "Lovelace"
    assert store.subscribers.take_in([replace(FULL, last_name="King"), *crowd(1_001)], LATER) == rehearsed
    assert rehearsed.on_the_list == on_the_list(store) == 1_002


def test_everything_known_of_somebody_is_kept_to_the_microsecond(store: Store) -> None:
    full = replace(
        FULL,
        first_name="Zoë",
        fields={"city": "München", "emoji": "🚌"},
        standing=Standing.BOUNCED,
        reason="cleaned by Mailchimp",
        since=LATER,
        consent=Consent("form", AT, "192.0.2.1", LATER, "2001:db8::1"),
    )
    assert store.subscribers.put([replace(full, first_name="", reason="")], AT) == counted(new=1)
    assert store.subscribers.put([full], AT) == counted(changed=1)
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert replace(found, uid="", reason=full.reason) == full


def test_putting_nobody_is_no_change(store: Store) -> None:
    assert store.subscribers.put([], AT) == counted()


def test_a_time_without_an_offset_is_a_defect(store: Store) -> None:
    with pytest.raises(Exception, match="without an offset"):
        store.subscribers.put([FULL], datetime(2024, 5, 1))  # noqa: DTZ001 - what is tested


def test_a_removed_subscriber_is_off_the_list_but_remembered(store: Store) -> None:
    store.subscribers.put([FULL, person("bob")], AT)
    remove(store, "ADA.LOVELACE")
    assert on_the_list(store) == 1
    assert addresses(store) == ["bob"]
    found = store.subscribers.get(FULL.address)
    assert found is not None
    assert found.standing is Standing.REMOVED
    assert found.consent == FULL.consent


def test_everybody_is_also_who_was_removed_but_not_who_was_erased(store: Store) -> None:
    store.subscribers.put([person("ann"), person("bob"), person("cid")], AT)
    remove(store, "ann")
    store.readers.erase(Whom("bob@example.org"), LATER)
    assert [found.address for found in store.subscribers.everybody()] == ["ann@example.org", "cid@example.org"]


def test_streaming_an_audience_yields_who_carries_any_of_its_tags_once_in_the_order_they_joined(store: Store) -> None:
    store.subscribers.put([person("zoe", "a", "b"), person("ann", "b"), person("bob", "c"), person("cid")], AT)
    assert addresses(store, "a", "b") == ["zoe", "ann"]
    assert addresses(store, "c") == ["bob"]
    assert addresses(store, "nowhere") == []
    assert addresses(store) == ["zoe", "ann", "bob", "cid"]


def test_streaming_includes_those_who_may_not_be_mailed(store: Store) -> None:
    store.subscribers.put([person("ann", standing=Standing.UNSUBSCRIBED)], AT)
    assert [found.standing for found in store.subscribers.stream(Audience())] == [Standing.UNSUBSCRIBED]


def test_the_store_can_be_written_while_it_is_streamed(store: Store) -> None:
    store.subscribers.put(crowd(1_500), AT)
    seen = 0
    for found in store.subscribers.stream(Audience()):
        if seen == 0:
            remove(store, "reader1499")
        assert found.address != "reader1499@example.org"
        seen += 1
    assert seen == 1_499


def test_an_audience_of_ten_thousand_tags_can_be_asked_for(store: Store) -> None:
    store.subscribers.put([person("ann", "tag 9999"), person("bob", "other")], AT)
    assert addresses(store, *(f"tag {number}" for number in range(10_000))) == ["ann"]

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from newsletter.core.account import Mailed
from newsletter.core.acts import Amend, Block, By, Confirm, Pause, Release, Remove, SignUp, Unsubscribe
from newsletter.core.delivery import Refused, State
from newsletter.core.ports.readers import Whom
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Consent, Standing
from newsletter.edges.store import Store
from newsletter.errors import BadInput
from tests.edges.store.examples import AT, EVERYBODY, LATER, claims, crowd, frozen, joined, of_tags, person, settle
from tests.stores import on_the_list

ANN = Whom("ann@example.org")


def known(store: Store, *people: str) -> None:
    store.subscribers.put([replace(person(name), consent=Consent("form", AT)) for name in people], AT)


def standing(store: Store, name: str) -> Standing:
    found = store.subscribers.get(f"{name}@example.org")
    assert found is not None
    return found.standing


def test_a_subscriber_is_found_by_address_in_any_case_and_by_uid(store: Store) -> None:
    known(store, "ann", "bob")
    found = store.readers.find(Whom(" ANN@example.ORG"))
    assert found is not None
    assert store.readers.find(Whom(uid=found.uid)) == found
    assert store.readers.find(Whom(uid="nobody's")) is None
    assert store.readers.find(Whom("cid@example.org")) is None


def test_a_change_is_written_with_its_line_of_history(store: Store) -> None:
    known(store, "ann", "bob")
    step = store.readers.change(ANN, Unsubscribe("one-click"), LATER)
    assert step is not None
    assert step.entry == Entry(LATER, "unsubscribed", "by the reader: one-click")
    assert store.readers.find(ANN) == step.subscriber
    assert (step.subscriber.standing, step.subscriber.since) == (Standing.UNSUBSCRIBED, LATER)
    assert store.readers.history(ANN) == [step.entry]
    assert standing(store, "bob") is Standing.ACTIVE


def test_what_changes_nothing_leaves_no_line(store: Store) -> None:
    known(store, "ann")
    for _ in range(2):
        store.readers.change(ANN, Unsubscribe("page"), LATER)
    assert len(store.readers.history(ANN)) == 1


def test_nobody_there_is_no_change(store: Store) -> None:
    for act in (Unsubscribe("page"), Confirm(), Release("why"), Remove(), Pause(LATER)):
        assert store.readers.change(ANN, act, AT) is None
    assert store.readers.change(Whom(uid="x"), SignUp(consent=Consent("form", AT)), AT) is None
    assert on_the_list(store) == 0


def test_a_stranger_signs_up_confirms_pauses_and_leaves(store: Store) -> None:
    asked = SignUp(consent=Consent("form", AT, "192.0.2.7"), first_name="Ann\x00", tags=frozenset({"us"}))
    step = store.readers.change(Whom("Ann@Example.org"), asked, AT)
    assert step is not None
    assert (step.subscriber.address, step.subscriber.first_name) == ("Ann@Example.org", "Ann\ufffd")
    assert store.subscribers.get("ann@example.org") == step.subscriber
    uid = Whom(uid=step.subscriber.uid)
    store.readers.change(uid, Confirm("192.0.2.8"), LATER)
    store.readers.change(uid, Pause(LATER + timedelta(days=30)), LATER)
    found = store.readers.find(uid)
    assert found is not None
    assert found.consent == Consent("form", AT, "192.0.2.7", LATER, "192.0.2.8")
    assert found.paused_until == LATER + timedelta(days=30)
    store.readers.change(uid, Unsubscribe("one-click"), LATER)
    assert [entry.what for entry in store.readers.history(uid)] == ["signed up", "confirmed", "paused", "unsubscribed"]


def test_a_stranger_who_is_blocked_is_remembered_and_never_active(store: Store) -> None:
    store.readers.change(ANN, Block(Standing.BOUNCED, "on SES's list", By.SES), AT)
    assert standing(store, "ann") is Standing.BOUNCED
    store.readers.change(ANN, Release("a mistake"), LATER)
    assert standing(store, "ann") is Standing.UNCONFIRMED


def test_names_fields_tags_and_the_address_are_changed_together(store: Store) -> None:
    store.subscribers.put([person("ann", "us", "fleet"), person("bob", "us")], AT)
    new = Whom("anne@example.org")
    act = Amend(
        by=By.EDITOR,
        address=new.address,
        last_name="Lee",
        fields={"city": "Bath"},
        add=frozenset({"eu"}),
        remove=frozenset({"us"}),
    )
    store.readers.change(ANN, act, LATER)
    found = store.readers.find(new)
    assert found is not None
    assert (found.address, found.last_name) == ("anne@example.org", "Lee")
    assert found.fields == {"city": "Bath"}
    assert found.tags == {"eu", "fleet"}
    assert store.readers.find(ANN) is None
    assert [entry.what for entry in store.readers.history(new)] == ["changed"]


def test_an_address_cannot_become_that_of_another(store: Store) -> None:
    known(store, "ann", "bob")
    with pytest.raises(BadInput, match="another subscriber"):
        store.readers.change(ANN, Amend(by=By.EDITOR, address="BOB@example.org", first_name="Bob"), LATER)
    found = store.readers.find(ANN)
    assert found is not None
    assert found.first_name == ""
    assert store.readers.history(ANN) == []


def test_the_case_of_an_address_can_be_mended(store: Store) -> None:
    known(store, "ann")
    store.readers.change(ANN, Amend(by=By.EDITOR, address="Ann@example.org"), LATER)
    found = store.readers.find(ANN)
    assert found is not None
    assert found.address == "Ann@example.org"


def test_a_refused_act_leaves_everything_as_it_was(store: Store) -> None:
    known(store, "ann")
    store.readers.change(ANN, Unsubscribe("page"), AT)
    with pytest.raises(BadInput, match="unsubscribed themselves"):
        store.readers.change(ANN, Release("why"), LATER)
    assert len(store.readers.history(ANN)) == 1


def test_five_hundred_who_leave_at_once_have_all_left(store: Store) -> None:
    store.subscribers.put(crowd(500), AT)

    def leave(number: int) -> None:
        store.readers.change(Whom(f"reader{number}@example.org"), Unsubscribe("one-click"), LATER)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(leave, range(500)))
    assert Counter(found.standing for found in store.subscribers.stream(EVERYBODY)) == {Standing.UNSUBSCRIBED: 500}
    assert len(store.readers.history(Whom("reader499@example.org"))) == 1


def test_many_who_do_the_same_to_one_at_once_do_it_once(store: Store) -> None:
    sign_up = SignUp(consent=Consent("form", AT))

    def once(_: int) -> None:
        store.readers.change(ANN, sign_up, AT)
        store.readers.change(ANN, Confirm(), AT)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(once, range(24)))
    assert on_the_list(store) == 1
    assert [entry.what for entry in store.readers.history(ANN)].count("confirmed") == 1


def test_tags_of_an_audience_change_with_a_line_of_history_each(store: Store) -> None:
    people = [person("ann", "us"), person("bob", "us", "fleet"), person("cid", "eu"), person("dan", "us", "new")]
    store.subscribers.put(people, AT)
    act = Amend(by=By.EDITOR, add=frozenset({"new"}), remove=frozenset({"us", "fleet"}))
    assert store.readers.change_all(of_tags("us"), act, LATER) == 3
    assert {found.address[:3]: set(found.tags) for found in store.subscribers.stream(EVERYBODY)} == {
        "ann": {"new"},
        "bob": {"new"},
        "cid": {"eu"},
        "dan": {"new"},
    }
    assert store.readers.history(Whom("bob@example.org")) == [
        Entry(LATER, "changed", "by the editor: tag new, no tag fleet, no tag us")
    ]
    assert store.readers.history(Whom("cid@example.org")) == []
    assert store.readers.change_all(of_tags("us"), act, LATER) == 0


def test_tags_of_more_people_than_are_held_at_a_time_change(store: Store) -> None:
    store.subscribers.put([person(f"reader{number}", "us") for number in range(2_100)], AT)
    act = Amend(by=By.EDITOR, add=frozenset({"new"}), remove=frozenset({"us"}))
    assert store.readers.change_all(of_tags("us"), act, LATER) == 2_100
    assert len(list(store.subscribers.stream(of_tags("new")))) == 2_100


def test_what_became_of_each_mailing_is_told_newest_first(store: Store) -> None:
    sender = joined(store, person("ann"), person("bob"), issue="may")
    mine, other = claims(store, sender)
    settle(store, sender, [mine], Refused("550 no"), LATER)
    settle(store, sender, [other], at=LATER)
    store.senders.leave(sender, LATER)
    store.mailings.finish(sender.mailing, LATER)
    store.readers.change(ANN, Unsubscribe("page"), LATER)
    frozen(store, issue="june")
    assert store.readers.mailed(ANN) == [
        Mailed("june", "Hello", "outbox", State.SUPPRESSED, "unsubscribed", AT),
        Mailed("may", "Hello", "outbox", State.REFUSED, "550 no", LATER),
    ]
    assert store.readers.mailed(Whom("nobody@example.org")) == []

"""The figures of a report, on both databases."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from newsletter.core.acts import Unsubscribe, link_in
from newsletter.core.delivery import Return
from newsletter.core.feedback import LEAVES, Event, Kind
from newsletter.core.ports.readers import Whom
from newsletter.core.report import Bounced, Provider, Totals
from newsletter.edges.store import Store
from tests.mailed import (
    FIND,
    FIRST,
    FULL,
    HARD,
    SECOND,
    accepted,
    clicks,
    event,
    made_up,
    mailed,
    readers,
    tell,
)

SOON = SECOND + timedelta(days=7)


def test_a_delivery_that_bounced_twice_counts_once_as_hard(store: Store) -> None:
    store.subscribers.put(readers(6), FIRST)
    mailing = mailed(store, "may", FIRST)
    one, two, three, *_ = (each.delivery_id for each in accepted(store, mailing))
    tell(store, event(one, FIRST, **FULL), event(one, FIRST, 20, **HARD), event(two, FIRST, **FULL))
    tell(store, event(three, FIRST, **FULL), event(three, FIRST, kind=Kind.COMPLAINT))

    assert store.reports.bounces(mailing) == [
        Bounced("Permanent", "NoEmail", 1),
        Bounced("Transient", "MailboxFull", 1),
    ]
    assert sum(each.people for each in store.reports.bounces(mailing)) == store.events.returns(mailing)[Return.BOUNCED]


def test_providers_with_few_readers_are_not_named(store: Store) -> None:
    mailing = made_up(store)

    assert store.reports.providers(mailing, fewest=5, limit=8) == [
        Provider("mail.example", 29, 3, 1),
        Provider("post.example", 9, 0, 0),
    ]
    assert [each.domain for each in store.reports.providers(mailing, fewest=1, limit=1)] == ["mail.example"]
    assert [each.domain for each in store.reports.providers(mailing, fewest=1, limit=9)][2:] == ["lovelace.example"]


def test_who_was_erased_has_no_domain(store: Store) -> None:
    mailing = made_up(store)
    store.readers.erase(Whom("ada@lovelace.example"), SOON)

    assert [each.domain for each in store.reports.providers(mailing, fewest=1, limit=9)] == [
        "mail.example",
        "post.example",
    ]


def test_who_left_by_a_link_counts_whenever_and_who_left_otherwise_only_soon(store: Store) -> None:
    mailing = made_up(store)

    assert store.reports.left(mailing, SOON) == 2
    assert store.reports.left(mailing, SECOND) == 1
    assert store.reports.left(mailing, SECOND + timedelta(days=90)) == 3


def test_who_leaves_by_an_older_mailing_left_by_that_one(store: Store) -> None:
    store.subscribers.put(readers(6), FIRST)
    old, new = mailed(store, "may", FIRST), mailed(store, "june", SECOND)
    one, two, three, *_ = accepted(store, old)
    tell(store, Event(kind=Kind.UNSUBSCRIBE, delivery=one.delivery_id, at=SECOND + timedelta(days=1)))
    tell(store, event(two.delivery_id, SECOND, kind=Kind.SUBSCRIPTION, type=LEAVES))
    tell(store, event(three.delivery_id, SECOND, kind=Kind.SUBSCRIPTION))

    assert (store.reports.left(old, SECOND), store.reports.left(new, SOON)) == (2, 0)


def test_the_public_pages_write_down_by_the_link_in_which_mailing_somebody_left(store: Store) -> None:
    people = readers(6)
    store.subscribers.put(people, FIRST)
    old, new = mailed(store, "may", FIRST), mailed(store, "june", SECOND)
    leavers = ((people[0], old.uid, 1), (people[2], new.uid, 30), (people[3], "welcome", 1))
    for leaver, mail, days in leavers:
        act = Unsubscribe(link_in(mail))
        store.readers.change(Whom(leaver.address), act, SECOND + timedelta(days=days))

    assert (store.reports.left(old, SECOND), store.reports.left(new, SOON)) == (1, 1)


def test_nobody_left_by_a_mailing_before_they_got_it_or_without_getting_it(store: Store) -> None:
    people = readers(6)
    store.subscribers.put(people, FIRST)
    store.readers.change(Whom(people[0].address), Unsubscribe("through the public pages"), FIRST - timedelta(hours=1))
    mailing = mailed(store, "may", FIRST)
    refused = people[2].address  # the second of those who were mailed
    store.readers.change(Whom(refused), Unsubscribe("through the public pages"), FIRST + timedelta(hours=1))

    assert store.reports.left(mailing, FIRST + timedelta(days=7)) == 0


def test_opens_are_counted_by_people_and_by_programs(store: Store) -> None:
    assert store.reports.opens(made_up(store)) == Totals(by_people=30, by_machines=1)


def test_the_clicks_of_a_scanner_are_taken_back_link_by_link(store: Store) -> None:
    people, numbers, machines = Counter[str](), Counter[str](), Counter[str]()
    for each in store.reports.clicked(made_up(store)):
        people[each.url] += each.people
        numbers[each.url] += each.clicks
        machines[each.url] += each.by_machines

    assert (people[FIND], numbers[FIND], machines[FIND]) == (2, 3, 1)
    assert (people["https://a.example/"], numbers["https://a.example/"], machines["https://a.example/"]) == (0, 0, 1)
    assert sum(numbers.values()) == 5


def test_a_mailing_of_which_nothing_was_heard_has_no_figures(store: Store) -> None:
    store.subscribers.put(readers(6), FIRST)
    mailing = mailed(store, "may", FIRST)
    other = mailed(store, "june", SECOND)
    tell(store, *clicks(accepted(store, other)[0].delivery_id, SECOND, FIND))

    assert store.reports.bounces(mailing) == []
    assert store.reports.left(mailing, SOON) == 0
    assert store.reports.opens(mailing) == Totals(0, 0)
    assert list(store.reports.clicked(mailing)) == []

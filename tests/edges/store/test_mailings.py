from __future__ import annotations

import re
from dataclasses import replace
from datetime import time

import pytest
from sqlalchemy import create_engine, exc, text

from newsletter.core.delivery import Deferred, State
from newsletter.core.orders import AT_ONCE, Canary, Orders, WarmUp, Window, Wish
from newsletter.core.subscriber import Standing
from newsletter.edges.store import Store
from newsletter.errors import MailingBusy
from tests.edges.store.examples import (
    AT,
    EVERYBODY,
    LATER,
    build,
    claims,
    crowd,
    finished,
    frozen,
    joined,
    of_tags,
    person,
    remove,
    settle,
)

STANDINGS = [person(standing.value, standing=standing) for standing in Standing]


def test_a_frozen_mailing_carries_what_it_was_begun_with_and_a_random_public_uid(store: Store) -> None:
    mailing = store.mailings.freeze(build(), of_tags("weekly", "a"), AT)
    assert re.fullmatch(r"[a-z0-9]{12}", mailing.uid)
    assert (mailing.issue, mailing.digest, mailing.subject) == ("may", "abc", "Hello")
    assert (mailing.audience, mailing.transport) == ("tag:weekly or tag:a", "outbox")
    assert (mailing.created_at, mailing.finished_at) == (AT, None)
    assert list(store.mailings.of()) == [mailing]


def test_freezing_writes_one_delivery_per_subscriber_and_suppresses_whom_the_standing_forbids(store: Store) -> None:
    mailing = frozen(store, *STANDINGS)
    account = store.ledger.account(mailing)
    assert account.counts == {State.PENDING: 1, State.SUPPRESSED: 5}
    suppressed = {named.address: named.reason for named in store.ledger.named(mailing, State.SUPPRESSED)}
    assert suppressed == {
        f"{word}@example.org": word for word in ("unconfirmed", "unsubscribed", "bounced", "complained", "disabled")
    }


def test_freezing_an_audience_takes_only_those_with_its_tags_and_each_once(store: Store) -> None:
    people = person("ann", "a", "b"), person("bob", "b"), person("cid", "c")
    mailing = frozen(store, *people, audience=of_tags("a", "b"))
    assert [named.address for named in store.ledger.named(mailing, State.PENDING)] == [
        "ann@example.org",
        "bob@example.org",
    ]


def test_delivery_ids_are_the_public_uid_of_the_mailing_with_a_number_and_all_different(store: Store) -> None:
    mailing = frozen(store, *crowd(500))
    ids = {named.delivery_id for named in store.ledger.named(mailing, State.PENDING)}
    assert len(ids) == 500
    assert all(re.fullmatch(rf"{mailing.uid}-[0-9]+", id_) for id_ in ids)


def test_nobody_gets_a_second_delivery_of_an_issue(store: Store) -> None:
    first = frozen(store, person("ann", "a"), person("bob"), audience=of_tags("a"))
    finished(store, first)
    second = store.mailings.freeze(build(), EVERYBODY, LATER)
    assert [named.address for named in store.ledger.named(second, State.PENDING)] == ["bob@example.org"]
    assert store.ledger.account(first).intended == 1


def test_another_issue_goes_to_everybody_again(store: Store) -> None:
    frozen(store, person("ann"))
    assert store.ledger.account(frozen(store, issue="june")).intended == 1


def test_who_joins_after_the_freeze_is_not_in_the_mailing(store: Store) -> None:
    mailing = frozen(store, person("ann"))
    store.subscribers.put([person("late")], LATER)
    assert store.ledger.account(mailing).intended == 1


def test_an_issue_cannot_be_begun_again_before_it_is_finished(store: Store) -> None:
    mailing = frozen(store, person("ann"))
    with pytest.raises(MailingBusy) as caught:
        store.mailings.freeze(build(), EVERYBODY, LATER)
    assert caught.value.hint
    assert list(store.mailings.of()) == [mailing]
    assert store.ledger.account(mailing).intended == 1


def test_freezing_an_empty_list_begins_an_empty_mailing(store: Store) -> None:
    assert store.ledger.account(frozen(store)).intended == 0


def test_the_forecast_is_what_freezing_then_does(store: Store) -> None:
    first = frozen(store, person("had", "a"), person("left", "a"), audience=of_tags("a"))
    finished(store, first)
    store.subscribers.put([person("left", standing=Standing.UNSUBSCRIBED), *STANDINGS, *crowd(3)], LATER)
    forecast = store.mailings.forecast("may", EVERYBODY, "outbox", LATER)
    assert (forecast.to_send, forecast.already) == (4, 2)
    assert forecast.suppressed == {"unconfirmed": 1, "unsubscribed": 1, "bounced": 1, "complained": 1, "disabled": 1}
    account = store.ledger.account(store.mailings.freeze(build(), EVERYBODY, LATER))
    assert account[State.PENDING] == forecast.to_send
    assert account[State.SUPPRESSED] == sum(forecast.suppressed.values())


def test_a_forecast_of_an_audience_counts_only_that(store: Store) -> None:
    store.subscribers.put([person("ann", "a"), person("bob")], AT)
    assert store.mailings.forecast("may", of_tags("a"), "outbox", AT).to_send == 1
    assert store.mailings.forecast("may", of_tags("none"), "outbox", AT).to_send == 0


def test_who_is_paused_is_suppressed_and_reached_by_the_next_mailing_once_the_pause_is_over(store: Store) -> None:
    paused = replace(person("ann"), paused_until=LATER)
    left = replace(person("bob", standing=Standing.UNSUBSCRIBED), paused_until=LATER)
    store.subscribers.put([paused, left, person("cleo")], AT)
    forecast = store.mailings.forecast("may", EVERYBODY, "outbox", AT)
    assert (forecast.to_send, forecast.suppressed) == (1, {"paused": 1, "unsubscribed": 1})
    mailing = finished(store, store.mailings.freeze(build(), EVERYBODY, AT))
    reasons = {each.address: each.reason for each in store.ledger.named(mailing, State.SUPPRESSED)}
    assert reasons == {"ann@example.org": "paused", "bob@example.org": "unsubscribed"}
    assert store.mailings.forecast("may", EVERYBODY, "outbox", LATER).to_send == 1


def test_a_mailing_is_unfinished_until_it_is_finished(store: Store) -> None:
    assert store.mailings.unfinished("may", "outbox") is None
    mailing = frozen(store, person("ann"))
    assert store.mailings.unfinished("may", "outbox") == mailing
    assert store.mailings.unfinished("june", "outbox") is None
    store.mailings.finish(mailing, AT)
    assert store.mailings.unfinished("may", "outbox") == mailing, "somebody is still to be mailed"
    finished(store, mailing, LATER)
    assert store.mailings.unfinished("may", "outbox") is None
    assert [found.finished_at for found in store.mailings.of("may")] == [LATER]


def test_the_first_time_a_mailing_was_finished_stands(store: Store) -> None:
    mailing = frozen(store)
    store.mailings.finish(mailing, AT)
    store.mailings.finish(mailing, LATER)
    assert [found.finished_at for found in store.mailings.of()] == [AT]


def test_mailings_are_listed_oldest_first_of_one_issue_or_of_all(store: Store) -> None:
    may, june = frozen(store, issue="may"), frozen(store, issue="june")
    assert list(store.mailings.of()) == [may, june]
    assert list(store.mailings.of("june")) == [june]
    assert list(store.mailings.of("july")) == []


def test_a_removed_subscriber_keeps_their_place_in_the_account(store: Store) -> None:
    mailing = finished(store, frozen(store, person("ann")))
    remove(store, "ann")
    assert [named.address for named in store.ledger.named(mailing, State.ACCEPTED)] == ["ann@example.org"]


ORDERS = Orders(
    rate=12.5,
    keep_free=0.2,
    wait=True,
    window=Window(time(22), time(6, 30)),
    canary=Canary(100, 30),
    warm_up=WarmUp(50, 1.5),
)


def test_orders_are_kept_with_the_mailing_and_every_sender_learns_them(store: Store) -> None:
    sender = joined(store, person("ann"))
    assert (sender.mailing.wish, sender.mailing.orders) == (Wish.GO, AT_ONCE)
    store.mailings.order(sender.mailing, Wish.PAUSE, ORDERS, AT)
    learned = store.senders.renew(sender, AT).sender.mailing
    assert (learned.wish, learned.orders) == (Wish.PAUSE, ORDERS)
    assert list(store.mailings.of("may")) == [learned]
    store.mailings.order(sender.mailing, Wish.GO, AT_ONCE, AT)
    assert store.senders.renew(sender, AT).sender.mailing == sender.mailing
    assert store.ledger.account(sender.mailing).counts == {State.PENDING: 1}


def test_cancelling_suppresses_whom_it_has_not_reached_and_another_mailing_reaches_them(store: Store) -> None:
    sender = joined(store, *crowd(4))
    reached, under_way = claims(store, sender, 1), claims(store, sender, 1)
    settle(store, sender, reached)
    store.mailings.order(sender.mailing, Wish.CANCEL, AT_ONCE, LATER)
    account = store.ledger.account(sender.mailing)
    assert account.counts == {State.ACCEPTED: 1, State.CLAIMED: 1, State.SUPPRESSED: 2}
    assert {named.reason for named in store.ledger.named(sender.mailing, State.SUPPRESSED)} == {"cancelled"}
    settle(store, sender, under_way)
    store.mailings.finish(sender.mailing, LATER)
    again = store.mailings.freeze(build(), EVERYBODY, LATER)
    assert [named.address for named in store.ledger.named(again, State.PENDING)] == [
        "reader2@example.org",
        "reader3@example.org",
    ]


def test_what_is_given_back_after_the_cancelling_is_cancelled_by_saying_so_again(store: Store) -> None:
    sender = joined(store, person("ann"))
    claimed = claims(store, sender)
    store.mailings.order(sender.mailing, Wish.CANCEL, AT_ONCE, AT)
    settle(store, sender, claimed, Deferred("claimed, but not handed over"))
    assert store.ledger.account(sender.mailing).counts == {State.PENDING: 1}
    store.mailings.order(sender.mailing, Wish.CANCEL, AT_ONCE, AT)
    assert store.ledger.account(sender.mailing).counts == {State.SUPPRESSED: 1}


def test_who_was_suppressed_by_their_standing_is_reached_by_the_next_mailing_once_they_may_be(store: Store) -> None:
    finished(store, frozen(store, person("ann", standing=Standing.UNCONFIRMED)))
    assert store.mailings.forecast("may", EVERYBODY, "outbox", AT).suppressed == {"unconfirmed": 1}


def test_the_database_itself_refuses_a_second_delivery_that_is_not_released(store: Store, url: str) -> None:
    first = finished(store, frozen(store, *crowd(2)))
    second = store.mailings.freeze(build(), EVERYBODY, LATER)
    assert store.ledger.account(second).intended == 0
    copy = text(
        "INSERT INTO deliveries (mailing_id, issue, transport, subscriber_id, state, reason, message_id, attempts,"
        " released) SELECT :second, issue, transport, subscriber_id, 'pending', '', '', 0, :released FROM deliveries"
        " WHERE mailing_id = :first"
    )
    about = {"first": first.id, "second": second.id}
    engine = create_engine(url)
    with pytest.raises(exc.IntegrityError), engine.begin() as connection:
        connection.execute(copy, about | {"released": False})
    with engine.begin() as connection:
        connection.execute(copy, about | {"released": True})
    engine.dispose()
    assert store.ledger.account(second).intended == 2

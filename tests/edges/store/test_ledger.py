from __future__ import annotations

from dataclasses import replace

import pytest

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Mailing, Outcome, Refused, Settlement, State
from newsletter.core.subscriber import Standing
from newsletter.edges.store import Store, open_store
from newsletter.errors import MailingBusy
from tests.edges.store.examples import AT, LATER, crowd, frozen, person

OUTCOMES: list[tuple[Outcome, State, str]] = [
    (Accepted("0100-1"), State.ACCEPTED, ""),
    (Refused("no such mailbox"), State.REFUSED, "no such mailbox"),
    (Deferred("too fast", throttled=True), State.PENDING, "too fast"),
    (InDoubt("time-out"), State.IN_DOUBT, "time-out"),
]


def claimed(store: Store, mailing: Mailing, limit: int = 10) -> list[str]:
    return [claim.subscriber.address.split("@")[0] for claim in store.ledger.claim(mailing, limit, AT)]


def test_a_claim_carries_the_subscriber_as_they_are_now(store: Store) -> None:
    mailing = frozen(store, person("ann", "a"), person("bob"))
    store.subscribers.put([replace(person("ann", "b"), first_name="Ann", fields={"city": "Bern"})], LATER)
    ann, bob = store.ledger.claim(mailing, 10, AT)
    assert ann.subscriber == store.subscribers.get("ann@example.org")
    assert ann.subscriber.tags == {"a", "b"}
    assert bob.subscriber == store.subscribers.get("bob@example.org")
    assert ann.delivery_id != bob.delivery_id


def test_deliveries_are_claimed_oldest_first_each_once_until_nothing_is_pending(store: Store) -> None:
    mailing = frozen(store, *crowd(5))
    assert claimed(store, mailing, 2) == ["reader0", "reader1"]
    assert claimed(store, mailing, 2) == ["reader2", "reader3"]
    assert claimed(store, mailing, 2) == ["reader4"]
    assert claimed(store, mailing, 2) == []
    assert store.ledger.account(mailing).counts == {State.CLAIMED: 5}


def test_only_the_deliveries_of_this_mailing_are_claimed(store: Store) -> None:
    may, june = frozen(store, person("ann")), frozen(store, issue="june")
    assert claimed(store, may) == ["ann"]
    assert store.ledger.account(june).counts == {State.PENDING: 1}


@pytest.mark.parametrize("limit", [0, -1])
def test_claiming_none_claims_none(store: Store, limit: int) -> None:
    mailing = frozen(store, person("ann"))
    assert claimed(store, mailing, limit) == []
    assert store.ledger.account(mailing).counts == {State.PENDING: 1}


def test_a_batch_can_be_larger_than_the_variables_of_a_statement(store: Store) -> None:
    mailing = frozen(store, *crowd(50))
    assert len(claimed(store, mailing, 1_000_000)) == 50


@pytest.mark.parametrize("standing", [standing for standing in Standing if not standing.mailable])
def test_who_may_no_longer_be_mailed_is_suppressed_at_the_claim(store: Store, standing: Standing) -> None:
    mailing = frozen(store, person("ann"), person("bob"))
    if standing is Standing.REMOVED:
        store.subscribers.remove("ann@example.org", LATER)
    else:
        store.subscribers.put([person("ann", standing=standing)], LATER)
    assert claimed(store, mailing) == ["bob"]
    (named,) = store.ledger.named(mailing, State.SUPPRESSED)
    assert (named.address, named.reason) == ("ann@example.org", standing.value)


def test_a_claim_is_empty_only_when_nothing_is_pending_however_many_left(store: Store) -> None:
    mailing = frozen(store, *crowd(10))
    store.subscribers.put([replace(reader, standing=Standing.UNSUBSCRIBED) for reader in crowd(9)], LATER)
    assert claimed(store, mailing, 2) == ["reader9"]
    assert store.ledger.account(mailing).counts == {State.SUPPRESSED: 9, State.CLAIMED: 1}
    assert claimed(store, mailing, 2) == []


@pytest.mark.parametrize(("outcome", "state", "reason"), OUTCOMES)
def test_settling_writes_what_became_of_a_claim(store: Store, outcome: Outcome, state: State, reason: str) -> None:
    mailing = frozen(store, person("ann"))
    (claim,) = store.ledger.claim(mailing, 1, AT)
    store.ledger.settle([Settlement(claim.delivery_id, outcome)], LATER)
    assert store.ledger.account(mailing).counts == {state: 1}
    (named,) = store.ledger.named(mailing, state)
    assert (named.delivery_id, named.address, named.reason) == (claim.delivery_id, "ann@example.org", reason)


def test_outcomes_of_every_kind_are_settled_together(store: Store) -> None:
    mailing = frozen(store, *crowd(8))
    claims = store.ledger.claim(mailing, 8, AT)
    kinds = [outcome for outcome, _, _ in OUTCOMES] * 2
    store.ledger.settle(
        [Settlement(claim.delivery_id, outcome) for claim, outcome in zip(claims, kinds, strict=True)], LATER
    )
    assert store.ledger.account(mailing).counts == {state: 2 for _, state, _ in OUTCOMES}


def test_settling_nothing_is_nothing(store: Store) -> None:
    store.ledger.settle([], AT)


def test_what_is_no_longer_claimed_is_left_as_it_is(store: Store) -> None:
    mailing = frozen(store, person("ann"))
    (claim,) = store.ledger.claim(mailing, 1, AT)
    store.ledger.settle([Settlement(claim.delivery_id, Accepted("1"))], AT)
    store.ledger.settle([Settlement(claim.delivery_id, Deferred("late")), Settlement("unknown", Refused("x"))], LATER)
    assert store.ledger.account(mailing).counts == {State.ACCEPTED: 1}


def test_what_was_never_claimed_cannot_be_settled(store: Store) -> None:
    mailing = frozen(store, person("ann"))
    (named,) = store.ledger.named(mailing, State.PENDING)
    store.ledger.settle([Settlement(named.delivery_id, Accepted("1"))], AT)
    assert store.ledger.account(mailing).counts == {State.PENDING: 1}


def test_what_was_deferred_is_claimed_again(store: Store) -> None:
    mailing = frozen(store, person("ann"))
    (first,) = store.ledger.claim(mailing, 1, AT)
    store.ledger.settle([Settlement(first.delivery_id, Deferred("too fast"))], AT)
    (second,) = store.ledger.claim(mailing, 1, LATER)
    assert second == first
    assert [named.reason for named in store.ledger.named(mailing, State.CLAIMED)] == [""]


def test_orphans_of_this_mailing_alone_are_put_into_doubt(store: Store) -> None:
    may, june = frozen(store, *crowd(4)), frozen(store, issue="june")
    first, *_ = store.ledger.claim(may, 3, AT)
    store.ledger.claim(june, 1, AT)
    store.ledger.settle([Settlement(first.delivery_id, Accepted("1"))], AT)
    assert store.ledger.doubt_orphans(may, LATER) == 2
    assert store.ledger.account(may).counts == {State.ACCEPTED: 1, State.IN_DOUBT: 2, State.PENDING: 1}
    assert store.ledger.account(june)[State.CLAIMED] == 1
    assert all("before the answer" in named.reason for named in store.ledger.named(may, State.IN_DOUBT))
    assert store.ledger.doubt_orphans(may, LATER) == 0


def test_the_account_of_nobody_is_empty(store: Store) -> None:
    assert store.ledger.account(frozen(store)).counts == {}


def test_naming_goes_through_more_than_a_page_while_the_states_change(store: Store) -> None:
    mailing = frozen(store, *crowd(1_200))
    names = store.ledger.named(mailing, State.PENDING)
    first = next(names)
    store.ledger.claim(mailing, 1_100, AT)
    assert first.address == "reader0@example.org"
    assert len(list(names)) == 1_199 - 100  # the rest of the page as it was read, then what is still pending


def test_a_mailing_has_one_sender_at_a_time_also_within_one_process(store: Store, url: str) -> None:
    mailing = frozen(store, person("ann"))
    with open_store(url) as other, store.ledger.sole_sender(mailing):
        for ledger in (store.ledger, other.ledger):
            with pytest.raises(MailingBusy) as caught, ledger.sole_sender(mailing):
                pass
            assert caught.value.hint
    with store.ledger.sole_sender(mailing):
        pass


def test_two_mailings_can_be_sent_at_once(store: Store) -> None:
    may, june = frozen(store, issue="may"), frozen(store, issue="june")
    with store.ledger.sole_sender(may), store.ledger.sole_sender(june):
        pass


def test_a_sender_that_fails_lets_the_mailing_go(store: Store) -> None:
    mailing = frozen(store)
    with pytest.raises(ZeroDivisionError), store.ledger.sole_sender(mailing):
        raise ZeroDivisionError
    with store.ledger.sole_sender(mailing):
        pass

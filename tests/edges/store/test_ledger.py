from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from newsletter.core.delivery import (
    MOST_ATTEMPTS,
    Accepted,
    Deferred,
    InDoubt,
    Outcome,
    Refused,
    Sender,
    Settlement,
    State,
)
from newsletter.core.subscriber import Addressee, Standing
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
    joined,
    person,
    proven,
    remove,
    settle,
)

OUTCOMES: list[tuple[Outcome, State, str]] = [
    (Accepted("0100-1"), State.ACCEPTED, ""),
    (Refused("no such mailbox"), State.REFUSED, "no such mailbox"),
    (Deferred("too fast", throttled=True), State.PENDING, "too fast"),
    (InDoubt("time-out"), State.IN_DOUBT, "time-out"),
]


def claimed(store: Store, sender: Sender, limit: int = 10) -> list[str]:
    return [claim.subscriber.address.split("@")[0] for claim in claims(store, sender, limit)]


def counts(store: Store, sender: Sender) -> dict[State, int]:
    return dict(store.ledger.account(sender.mailing).counts)


def addressee(store: Store, name: str) -> Addressee:
    known = store.subscribers.get(f"{name}@example.org")
    assert known
    return Addressee(*(getattr(known, part) for part in Addressee._fields))


def test_a_claim_carries_the_subscriber_as_they_are_now(store: Store) -> None:
    sender = joined(store, person("ann", "a"), person("bob"))
    store.subscribers.put([replace(person("ann", "b"), first_name="Ann", fields={"city": "Bern"})], LATER)
    ann, bob = claims(store, sender)
    assert ann.subscriber == addressee(store, "ann")
    assert ann.subscriber.tags == {"a", "b"}
    assert bob.subscriber == addressee(store, "bob")
    assert ann.delivery_id != bob.delivery_id


def test_a_claim_without_details_leaves_out_tags_and_fields_alone(store: Store) -> None:
    ann = replace(person("ann", "a"), first_name="Ann", last_name="Ey", fields={"city": "Bern"})
    sender = joined(store, ann, person("bob"))
    remove(store, "bob")
    (claim,) = store.ledger.claim(sender, 10, AT, rate=None, details=False).claims
    assert claim.subscriber == addressee(store, "ann")._replace(tags=frozenset(), fields={})
    assert counts(store, sender) == {State.CLAIMED: 1, State.SUPPRESSED: 1}


def test_deliveries_are_claimed_oldest_first_each_once_until_nothing_is_pending(store: Store) -> None:
    sender = joined(store, *crowd(5))
    assert claimed(store, sender, 2) == ["reader0", "reader1"]
    assert claimed(store, sender, 2) == ["reader2", "reader3"]
    assert claimed(store, sender, 2) == ["reader4"]
    assert claimed(store, sender, 2) == []
    assert counts(store, sender) == {State.CLAIMED: 5}


def test_only_the_deliveries_of_this_mailing_are_claimed(store: Store) -> None:
    may, june = joined(store, person("ann")), joined(store, issue="june")
    assert claimed(store, may) == ["ann"]
    assert counts(store, june) == {State.PENDING: 1}


@pytest.mark.parametrize("limit", [0, -1])
def test_claiming_none_claims_none(store: Store, limit: int) -> None:
    sender = joined(store, person("ann"))
    assert claimed(store, sender, limit) == []
    assert counts(store, sender) == {State.PENDING: 1}


def test_a_batch_can_be_larger_than_the_variables_of_a_statement(store: Store) -> None:
    sender = joined(store, *crowd(50))
    assert len(claimed(store, sender, 1_000_000)) == 50


@pytest.mark.parametrize("standing", [standing for standing in Standing if not standing.mailable])
def test_who_may_no_longer_be_mailed_is_suppressed_at_the_claim(store: Store, standing: Standing) -> None:
    sender = joined(store, person("ann"), person("bob"))
    if standing is Standing.REMOVED:
        remove(store, "ann")
    else:
        store.subscribers.put([person("ann", standing=standing)], LATER)
    assert claimed(store, sender) == ["bob"]
    (named,) = store.ledger.named(sender.mailing, State.SUPPRESSED)
    assert (named.address, named.reason) == ("ann@example.org", standing.value)


def test_who_is_paused_meanwhile_is_suppressed_at_the_claim(store: Store) -> None:
    people = [replace(person("ann"), paused_until=LATER), replace(person("bob"), paused_until=AT), person("cleo")]
    store.subscribers.put(people, AT)
    sender = store.senders.join(store.mailings.freeze(build(), EVERYBODY, LATER), AT, alone=False)
    assert counts(store, sender) == {State.PENDING: 3}
    assert claimed(store, sender) == ["bob", "cleo"]
    assert [each.reason for each in store.ledger.named(sender.mailing, State.SUPPRESSED)] == ["paused"]


def test_a_claim_is_empty_only_when_nothing_is_pending_however_many_left(store: Store) -> None:
    sender = joined(store, *crowd(10))
    store.subscribers.put([replace(reader, standing=Standing.UNSUBSCRIBED) for reader in crowd(9)], LATER)
    assert claimed(store, sender, 2) == ["reader9"]
    assert counts(store, sender) == {State.SUPPRESSED: 9, State.CLAIMED: 1}
    assert claimed(store, sender, 2) == []


@pytest.mark.parametrize(("outcome", "state", "reason"), OUTCOMES)
def test_settling_writes_what_became_of_a_claim(store: Store, outcome: Outcome, state: State, reason: str) -> None:
    sender = joined(store, person("ann"))
    (claim,) = claims(store, sender)
    settle(store, sender, [claim], outcome, LATER)
    assert counts(store, sender) == {state: 1}
    (named,) = store.ledger.named(sender.mailing, state)
    assert (named.delivery_id, named.address, named.reason) == (claim.delivery_id, "ann@example.org", reason)


def test_outcomes_of_every_kind_are_settled_together(store: Store) -> None:
    sender = joined(store, *crowd(8))
    kinds = [outcome for outcome, _, _ in OUTCOMES] * 2
    some = zip(claims(store, sender), kinds, strict=True)
    store.ledger.settle(sender, [Settlement(claim.delivery_id, outcome) for claim, outcome in some], LATER)
    assert counts(store, sender) == {state: 2 for _, state, _ in OUTCOMES}


def test_settling_nothing_is_nothing(store: Store) -> None:
    store.ledger.settle(joined(store), [], AT)


def test_what_is_no_longer_claimed_is_left_as_it_is(store: Store) -> None:
    sender = joined(store, person("ann"))
    some = claims(store, sender)
    settle(store, sender, some)
    settle(store, sender, some, Deferred("late"), LATER)
    settle(store, sender, some, Refused("late"), LATER)
    assert counts(store, sender) == {State.ACCEPTED: 1}


@pytest.mark.parametrize("unknown", ["unknown", "x-", "x-1e3", "x-" + "9" * 40, "x-\u00b2"])
def test_settling_what_is_not_there_changes_nothing(store: Store, unknown: str) -> None:
    sender = joined(store, person("ann"))
    claims(store, sender)
    store.ledger.settle(sender, [Settlement(unknown, Refused("x")), Settlement(unknown, Deferred("x"))], LATER)
    assert counts(store, sender) == {State.CLAIMED: 1}


def test_what_was_never_claimed_cannot_be_settled(store: Store) -> None:
    sender = joined(store, person("ann"))
    (named,) = store.ledger.named(sender.mailing, State.PENDING)
    store.ledger.settle(sender, [Settlement(named.delivery_id, Accepted("1"))], AT)
    assert counts(store, sender) == {State.PENDING: 1}


def test_what_another_sender_claimed_cannot_be_settled(store: Store) -> None:
    one = joined(store, person("ann"))
    other = store.senders.join(one.mailing, AT, alone=False)
    settle(store, other, claims(store, one))
    assert counts(store, one) == {State.CLAIMED: 1}


def test_what_was_deferred_is_claimed_again_by_whoever_comes(store: Store) -> None:
    one = joined(store, person("ann"))
    other = store.senders.join(one.mailing, AT, alone=False)
    first = claims(store, one)
    settle(store, one, first, Deferred("too fast"))
    assert claims(store, other, at=LATER) == first
    assert [named.reason for named in store.ledger.named(one.mailing, State.CLAIMED)] == [""]


def test_a_delivery_that_the_transport_fails_at_again_and_again_is_refused(store: Store) -> None:
    sender = joined(store, person("ann"))
    for _ in range(MOST_ATTEMPTS - 1):
        settle(store, sender, claims(store, sender), Deferred("boom", counts=True))
        assert counts(store, sender) == {State.PENDING: 1}
    settle(store, sender, claims(store, sender), Deferred("boom", counts=True), LATER)
    assert [named.reason for named in store.ledger.named(sender.mailing, State.REFUSED)] == ["boom"]
    assert claims(store, sender) == []


def test_what_was_nobodys_fault_is_tried_again_however_often(store: Store) -> None:
    sender = joined(store, person("ann"))
    for _ in range(2 * MOST_ATTEMPTS):
        settle(store, sender, claims(store, sender), Deferred("too fast", throttled=True))
    settle(store, sender, claims(store, sender), Deferred("boom", counts=True))
    assert counts(store, sender) == {State.PENDING: 1}


def test_the_account_of_nobody_is_empty(store: Store) -> None:
    assert counts(store, joined(store)) == {}


def test_naming_goes_through_more_than_a_page_while_the_states_change(store: Store) -> None:
    sender = joined(store, *crowd(1_200))
    names = store.ledger.named(sender.mailing, State.PENDING)
    first = next(names)
    claims(store, sender, 1_100)
    assert first.address == "reader0@example.org"
    assert len(list(names)) == 1_199 - 100  # the rest of the page as it was read, then what is still pending


def test_what_was_sent_since_a_moment_counts_what_is_in_doubt_and_not_what_was_refused(store: Store) -> None:
    sender = joined(store, *crowd(5))
    sent: list[tuple[Outcome, datetime]] = [(Accepted("1"), AT), (InDoubt("?"), LATER), (Accepted("2"), LATER)]
    for outcome, at in [*sent, (Refused("no"), LATER)]:
        settle(store, sender, claims(store, sender, 1), outcome, at)
    assert store.ledger.sent_since(sender.mailing, AT) == 3
    assert store.ledger.sent_since(sender.mailing, AT + timedelta(microseconds=1)) == 2
    assert store.ledger.sent_since(sender.mailing, LATER) == 2
    assert store.ledger.sent_since(sender.mailing, LATER + timedelta(seconds=1)) == 0


def test_events_prove_deliveries_accepted_that_were_pending_claimed_or_in_doubt(store: Store) -> None:
    sender = joined(store, *crowd(4))
    doubted, under_way, accepted = claims(store, sender, 3)
    settle(store, sender, [doubted], InDoubt("time-out"))
    settle(store, sender, [accepted], Accepted("told"))
    (pending,) = store.ledger.named(sender.mailing, State.PENDING)
    ids = [doubted.delivery_id, under_way.delivery_id, accepted.delivery_id, pending.delivery_id]
    assert proven(store, {id_: f"proof of {id_}" for id_ in ids}) == 2  # one of three is still under way
    assert counts(store, sender) == {State.ACCEPTED: 4}
    assert proven(store, dict.fromkeys(ids, "again")) == 0
    assert store.ledger.sent_since(sender.mailing, LATER) == 3
    settle(store, sender, [under_way], Refused("late"))
    assert counts(store, sender) == {State.ACCEPTED: 4}


def test_an_event_proves_nothing_of_what_was_refused_or_suppressed(store: Store) -> None:
    sender = joined(store, person("ann"), person("bob", standing=Standing.UNSUBSCRIBED))
    some = claims(store, sender)
    settle(store, sender, some, Refused("no"))
    (suppressed,) = store.ledger.named(sender.mailing, State.SUPPRESSED)
    assert proven(store, {some[0].delivery_id: "1", suppressed.delivery_id: "2"}) == 0
    assert counts(store, sender) == {State.REFUSED: 1, State.SUPPRESSED: 1}


def test_events_about_other_mailings_or_about_nothing_of_ours_prove_nothing(store: Store) -> None:
    may, june = joined(store, person("ann")), joined(store, issue="june")
    (claim,) = claims(store, may)
    number = claim.delivery_id.rpartition("-")[2]
    strange = ["", "x", number, f"-{number}", f"{june.mailing.uid}-{number}", f"nobody-{number}", f"{may.mailing.uid}-"]
    strange += [f"{may.mailing.uid}-{'9' * 40}", f"{may.mailing.uid}-{number}\0", "\ud83d-1", f"{may.mailing.uid}--1"]
    assert proven(store, dict.fromkeys(strange, "m")) == 0
    assert proven(store, {}) == 0
    assert (counts(store, may), counts(store, june)) == ({State.CLAIMED: 1}, {State.PENDING: 1})


def test_the_editor_decides_what_is_in_doubt_one_by_one_or_all(store: Store) -> None:
    sender = joined(store, *crowd(4))
    some = claims(store, sender)
    settle(store, sender, some, InDoubt("time-out"))
    mailing, ledger = sender.mailing, store.ledger
    assert ledger.decide(mailing, [some[0].delivery_id, "unknown"], State.ACCEPTED, LATER) == 1
    assert ledger.decide(mailing, [some[1].delivery_id], State.PENDING, LATER) == 1
    assert counts(store, sender) == {State.ACCEPTED: 1, State.PENDING: 1, State.IN_DOUBT: 2}
    assert ledger.decide(mailing, [some[0].delivery_id], State.PENDING, LATER) == 0
    assert ledger.decide(mailing, [], State.ACCEPTED, LATER) == 0
    assert ledger.decide(mailing, None, State.ACCEPTED, LATER) == 2
    assert counts(store, sender) == {State.ACCEPTED: 3, State.PENDING: 1}
    assert "editor" in next(iter(ledger.named(mailing, State.ACCEPTED))).reason


def test_a_decision_is_about_one_mailing_alone(store: Store) -> None:
    may, june = joined(store, person("ann")), joined(store, issue="june")
    some = claims(store, may)
    settle(store, may, some, InDoubt("?"))
    assert store.ledger.decide(june.mailing, [some[0].delivery_id], State.PENDING, LATER) == 0
    assert store.ledger.decide(june.mailing, None, State.PENDING, LATER) == 0
    assert counts(store, may) == {State.IN_DOUBT: 1}


def test_deciding_to_send_again_opens_the_mailing_again(store: Store) -> None:
    sender = joined(store, person("ann"))
    settle(store, sender, claims(store, sender), InDoubt("?"))
    store.mailings.finish(sender.mailing, AT)
    store.ledger.decide(sender.mailing, None, State.PENDING, LATER)
    unfinished = store.mailings.unfinished("may", "outbox")
    assert unfinished
    assert unfinished.id == sender.mailing.id


def test_a_mailing_cannot_be_opened_again_beside_another_one_of_its_issue(store: Store) -> None:
    sender = joined(store, person("ann"))
    settle(store, sender, claims(store, sender), InDoubt("?"))
    store.mailings.finish(sender.mailing, AT)
    store.mailings.freeze(build(), EVERYBODY, LATER)
    with pytest.raises(MailingBusy) as caught:
        store.ledger.decide(sender.mailing, None, State.PENDING, LATER)
    assert caught.value.hint
    assert counts(store, sender) == {State.IN_DOUBT: 1}
    assert store.ledger.decide(sender.mailing, None, State.ACCEPTED, LATER) == 1


def test_a_mailing_is_not_finished_under_somebody_who_gives_back_what_was_in_doubt(store: Store) -> None:
    stalled = joined(store, person("ann"))
    some = claims(store, stalled)
    other = store.senders.join(stalled.mailing, LATER, alone=True)
    assert store.senders.renew(other, LATER).orphans == 1
    finished(store, stalled.mailing, LATER)
    settle(store, stalled, some, Deferred("claimed, but not handed over"), LATER)
    assert store.mailings.unfinished("may", "outbox") == stalled.mailing
    assert counts(store, stalled) == {State.PENDING: 1}


def test_what_cannot_be_given_back_since_another_mailing_is_open_stays_in_doubt(store: Store) -> None:
    stalled = joined(store, person("ann"))
    some = claims(store, stalled)
    store.senders.renew(store.senders.join(stalled.mailing, LATER, alone=True), LATER)
    finished(store, stalled.mailing, LATER)
    store.mailings.freeze(build(), EVERYBODY, LATER)
    settle(store, stalled, some, Deferred("claimed, but not handed over"), LATER)
    assert counts(store, stalled) == {State.IN_DOUBT: 1}

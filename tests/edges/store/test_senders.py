from __future__ import annotations

from datetime import timedelta

import pytest

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused, State
from newsletter.edges.store import Store
from newsletter.edges.store.senders import LEASE
from newsletter.errors import MailingBusy
from tests.edges.store.examples import AT, claims, crowd, finished, frozen, joined, person, settle

SECOND = timedelta(seconds=1)
OVER = AT + LEASE


def test_who_wants_to_send_alone_is_told_who_is_at_it_and_for_how_long_at_most(store: Store) -> None:
    sender = joined(store, person("ann"))
    with pytest.raises(MailingBusy, match="may") as caught:
        store.senders.join(sender.mailing, AT + 5 * SECOND, alone=True)
    assert "--join" in caught.value.hint
    assert "15 s" in caught.value.hint
    with pytest.raises(MailingBusy):
        store.senders.join(sender.mailing, OVER - SECOND, alone=True)
    assert store.senders.join(sender.mailing, OVER, alone=True).id != sender.id


def test_any_number_may_join_who_do_not_ask_to_be_alone(store: Store) -> None:
    mailing = frozen(store, *crowd(9))
    several = [store.senders.join(mailing, AT, alone=False) for _ in range(3)]
    taken = [claim.delivery_id for sender in several for claim in claims(store, sender, 3)]
    assert len(set(taken)) == 9


def test_senders_of_other_mailings_are_not_in_the_way(store: Store) -> None:
    may, june = frozen(store, issue="may"), frozen(store, issue="june")
    store.senders.join(may, AT, alone=True)
    assert store.senders.join(june, AT, alone=True).mailing == june


def test_a_lease_goes_on_as_long_as_it_is_renewed(store: Store) -> None:
    sender = joined(store, person("ann"))
    assert sender.lease_until == OVER
    renewed = store.senders.renew(sender, AT + 15 * SECOND)
    assert renewed.orphans == 0
    assert renewed.sender.lease_until == OVER + 15 * SECOND
    with pytest.raises(MailingBusy):
        store.senders.join(sender.mailing, OVER + 14 * SECOND, alone=True)
    store.senders.join(sender.mailing, OVER + 15 * SECOND, alone=True)


def test_who_leaves_lets_others_in_at_once_and_what_they_still_held_is_in_doubt(store: Store) -> None:
    sender = joined(store, *crowd(3))
    settle(store, sender, claims(store, sender, 1))
    claims(store, sender, 1)
    assert store.senders.leave(sender, AT + SECOND) == 1
    counts = store.ledger.account(sender.mailing).counts
    assert counts == {State.ACCEPTED: 1, State.IN_DOUBT: 1, State.PENDING: 1}
    store.senders.join(sender.mailing, AT + SECOND, alone=True)


def test_leaving_with_nothing_in_hand_puts_nothing_into_doubt(store: Store) -> None:
    sender = joined(store, person("ann"))
    other = store.senders.join(sender.mailing, AT, alone=False)
    claims(store, other)
    assert store.senders.leave(sender, AT + SECOND) == 0
    assert store.ledger.account(sender.mailing).counts == {State.CLAIMED: 1}


def test_the_claims_of_a_sender_whose_lease_is_over_are_put_into_doubt_by_another(store: Store) -> None:
    dead, june = joined(store, *crowd(4)), joined(store, issue="june")
    claims(store, dead, 2)
    claims(store, june, 2)
    living = store.senders.join(dead.mailing, AT + SECOND, alone=False)
    claims(store, living, 1)
    assert store.senders.renew(living, OVER - SECOND).orphans == 0
    assert store.senders.renew(living, OVER).orphans == 2
    assert store.senders.renew(living, OVER).orphans == 0
    counts = store.ledger.account(dead.mailing).counts
    assert counts == {State.IN_DOUBT: 2, State.CLAIMED: 1, State.PENDING: 1}
    assert store.ledger.account(june.mailing)[State.CLAIMED] == 2
    assert all("before the answer" in named.reason for named in store.ledger.named(dead.mailing, State.IN_DOUBT))


LATE: list[tuple[Outcome, State]] = [
    (Accepted("1"), State.ACCEPTED),
    (Refused("no"), State.REFUSED),
    (Deferred("too fast"), State.PENDING),
    (InDoubt("time-out"), State.IN_DOUBT),
]


@pytest.mark.parametrize(("outcome", "state"), LATE)
def test_a_late_answer_ends_the_doubt_of_its_own_sender(store: Store, outcome: Outcome, state: State) -> None:
    slow = joined(store, person("ann"))
    some = claims(store, slow)
    other = store.senders.join(slow.mailing, OVER, alone=True)
    assert store.senders.renew(other, OVER).orphans == 1
    settle(store, slow, some, outcome, OVER)
    assert store.ledger.account(slow.mailing).counts == {state: 1}


def test_another_senders_answer_does_not_end_a_doubt(store: Store) -> None:
    slow = joined(store, person("ann"))
    some = claims(store, slow)
    other = store.senders.join(slow.mailing, OVER, alone=True)
    store.senders.renew(other, OVER)
    settle(store, other, some, at=OVER)
    assert store.ledger.account(slow.mailing).counts == {State.IN_DOUBT: 1}


@pytest.mark.parametrize("decision", [State.ACCEPTED, State.PENDING])
@pytest.mark.parametrize("outcome", [outcome for outcome, _ in LATE])
def test_a_late_answer_changes_nothing_that_the_editor_decided(store: Store, decision: State, outcome: Outcome) -> None:
    slow = joined(store, person("ann"))
    some = claims(store, slow)
    store.senders.renew(store.senders.join(slow.mailing, OVER, alone=True), OVER)
    store.ledger.decide(slow.mailing, None, decision, OVER)
    settle(store, slow, some, outcome, OVER)
    assert store.ledger.account(slow.mailing).counts == {decision: 1}


def test_who_joined_first_and_is_still_there_leads(store: Store) -> None:
    first = joined(store, person("ann"))
    second = store.senders.join(first.mailing, AT, alone=False)
    assert store.senders.leads(first, AT)
    assert not store.senders.leads(second, AT)
    store.senders.leave(first, AT + SECOND)
    assert store.senders.leads(second, AT + SECOND)
    assert not store.senders.leads(store.senders.join(first.mailing, AT + SECOND, alone=False), AT + SECOND)


def test_who_is_gone_without_a_word_leads_until_the_lease_is_over(store: Store) -> None:
    first = joined(store, person("ann"))
    second = store.senders.renew(store.senders.join(first.mailing, AT, alone=False), OVER - SECOND).sender
    assert not store.senders.leads(second, OVER - SECOND)
    assert store.senders.leads(second, OVER)


def test_a_mailing_that_was_sent_has_nobody_at_it(store: Store) -> None:
    mailing = finished(store, frozen(store, person("ann")))
    store.senders.join(mailing, AT, alone=True)

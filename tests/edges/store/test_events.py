"""What came back of deliveries, on both databases: written once, in any order, and what comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from newsletter.core.account import Told
from newsletter.core.acts import Amend, Block, By, Confirm, Release, SignUp
from newsletter.core.delivery import Accepted, InDoubt, Mailing, Return, State
from newsletter.core.feedback import Event, Kind
from newsletter.core.machines import Attention
from newsletter.core.ports.feedback import Applied
from newsletter.core.ports.readers import Whom
from newsletter.core.reputation import Tally
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.store import Store
from newsletter.edges.store.opening import open_database
from newsletter.edges.store.tables import deliveries
from tests.edges.store.examples import AT, EVERYBODY, LATER, claims, crowd, frozen, joined, person, settle

HARD: dict[str, Any] = {"kind": Kind.BOUNCE, "type": "Permanent", "subtype": "General", "detail": "5.1.1"}
FULL: dict[str, Any] = {"kind": Kind.BOUNCE, "type": "Transient", "subtype": "MailboxFull"}
ABUSE: dict[str, Any] = {"kind": Kind.COMPLAINT, "type": "abuse"}


def apply(store: Store, *events: Event, track: Sequence[Kind] = ()) -> Applied:
    return store.events.apply(events, LATER, track=track)


def sent(store: Store, *people: Subscriber, issue: str = "may") -> tuple[Mailing, list[str]]:
    """Send an issue to these people; return the mailing and its deliveries."""
    sender = joined(store, *people, issue=issue)
    claimed = claims(store, sender, 1_000)
    settle(store, sender, claimed)
    store.mailings.finish(sender.mailing, AT)
    return sender.mailing, [claim.delivery_id for claim in claimed]


def standing(store: Store, name: str) -> Standing:
    found = store.subscribers.get(f"{name}@example.org")
    assert found
    return found.standing


def told(delivery: str, at: datetime = AT, **fields: Any) -> Event:
    values = {"kind": Kind.DELIVERY, "message_id": "m", "at": at, "key": f"{at}", **fields}
    return Event(delivery=delivery, **values)


def test_the_events_of_a_mailing_are_counted_by_what_became_of_it(store: Store) -> None:
    mailing, (a, b, c, d, _) = sent(store, *crowd(5))

    applied = apply(
        store, told(a), told(b), told(b, **ABUSE), told(c, **HARD), told(d), told(d, **FULL), told(a, kind=Kind.DELAY)
    )

    assert (applied.news, applied.repeated, applied.unknown) == (7, 0, 0)
    assert store.events.returns(mailing) == {Return.DELIVERED: 1, Return.BOUNCED: 2, Return.COMPLAINED: 1}
    assert store.events.tally(mailing) == Tally(bounced=1, complained=1)
    assert store.ledger.account(mailing).counts == {State.ACCEPTED: 5}


def test_what_ses_told_of_somebody_stands_with_the_mailing_that_it_is_about(store: Store) -> None:
    _, (ada, bob) = sent(store, person("ada"), person("bob"))
    _, (again, _) = sent(store, person("ada"), person("bob"), issue="june")

    apply(
        store,
        told(again, LATER, **FULL),
        told(ada, LATER, kind=Kind.DELIVERY),
        told(ada, kind=Kind.DELAY),
        told(bob),
    )

    june, may = store.readers.mailed(Whom("ada@example.org"))
    assert june.told == (Told(LATER, "bounce", "Transient/MailboxFull"),)
    assert may.told == (Told(AT, "delay", ""), Told(LATER, "delivery", ""))


def test_an_event_that_comes_again_is_the_same(store: Store) -> None:
    mailing, (a,) = sent(store, person("ada"))
    bounce = told(a, **HARD)

    first, again = apply(store, bounce, bounce), apply(store, bounce)

    assert (first.news, first.repeated, first.suppressed) == (1, 1, {Standing.BOUNCED: 1})
    assert (again.news, again.repeated, again.suppressed) == (0, 1, {})
    assert store.events.tally(mailing) == Tally(bounced=1)
    assert [entry.what for entry in store.readers.history(Whom("ada@example.org"))] == ["bounced"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (HARD, Standing.BOUNCED),
        ({**HARD, "subtype": "NoEmail"}, Standing.BOUNCED),
        ({**HARD, "subtype": "OnAccountSuppressionList"}, Standing.BOUNCED),
        (FULL, Standing.ACTIVE),
        ({**FULL, "type": "Undetermined", "subtype": "Undetermined"}, Standing.ACTIVE),
        (ABUSE, Standing.COMPLAINED),
        ({"kind": Kind.COMPLAINT}, Standing.COMPLAINED),
        ({"kind": Kind.COMPLAINT, "subtype": "OnAccountSuppressionList"}, Standing.COMPLAINED),
        ({**ABUSE, "type": "not-spam"}, Standing.ACTIVE),
        ({"kind": Kind.SUBSCRIPTION, "type": "unsubscribe"}, Standing.UNSUBSCRIBED),
        ({"kind": Kind.SUBSCRIPTION}, Standing.ACTIVE),
        ({"kind": Kind.DELAY}, Standing.ACTIVE),
    ],
)
def test_what_an_event_makes_of_a_reader(store: Store, fields: dict[str, Any], expected: Standing) -> None:
    _, (ada, _) = sent(store, person("ada"), person("bob"))

    applied = apply(store, told(ada, **fields))

    assert (standing(store, "ada"), standing(store, "bob")) == (expected, Standing.ACTIVE)
    assert applied.suppressed == ({expected: 1} if expected is not Standing.ACTIVE else {})
    assert store.mailings.forecast("june", EVERYBODY, "outbox", LATER).to_send == (1 if applied.suppressed else 2)


def test_what_ses_did_not_even_try_counts_neither_as_bounce_nor_as_complaint(store: Store) -> None:
    mailing, (a, b) = sent(store, person("ada"), person("bob"))
    listed: dict[str, Any] = {"subtype": "OnAccountSuppressionList"}
    apply(store, told(a, **{**HARD, **listed}), told(b, kind=Kind.COMPLAINT, **listed))
    assert store.events.tally(mailing) == Tally()


def issues(store: Store, count: int, name: str = "ada") -> list[str]:
    """Send so many issues to somebody; return their deliveries."""
    return [sent(store, person(name), issue=f"issue-{number}")[1][0] for number in range(count)]


@pytest.mark.parametrize(
    ("bounced", "expected"),
    [
        ([0, 1, 2], Standing.BOUNCED),
        ([0, 2, 4], Standing.BOUNCED),
        ([2, 3, 6], Standing.BOUNCED),
        ([4, 2, 0], Standing.BOUNCED),
        ([0, 1], Standing.ACTIVE),
        ([0, 1, 5], Standing.ACTIVE),
        ([0, 3, 6], Standing.ACTIVE),
        ([3, 3, 3], Standing.ACTIVE),
    ],
)
def test_three_soft_bounces_in_five_mailings_in_a_row_are_a_bounce(
    store: Store, bounced: list[int], expected: Standing
) -> None:
    deliveries = issues(store, 7)
    for turn, number in enumerate(bounced):
        apply(store, told(deliveries[number], AT + timedelta(days=turn), **FULL))
    assert standing(store, "ada") is expected


def test_mailings_to_others_are_no_mailings_to_a_reader(store: Store) -> None:
    first = issues(store, 2)
    store.subscribers.put([replace(person("ada"), standing=Standing.UNSUBSCRIBED)], AT)
    for number in range(4):
        sent(store, person("bob"), issue=f"without-{number}")
    store.readers.change(Whom("ada@example.org"), SignUp(consent=Consent("form")), AT)
    store.readers.change(Whom("ada@example.org"), Confirm(), AT)
    last, _ = sent(store, person("ada"), issue="last")[1]
    apply(store, *(told(each, **FULL) for each in (*first, last)))
    assert standing(store, "ada") is Standing.BOUNCED


@pytest.mark.parametrize("state", [State.CLAIMED, State.IN_DOUBT])
@pytest.mark.parametrize("kind", [Kind.SEND, Kind.DELIVERY, Kind.OPEN])
def test_an_event_that_comes_before_our_settle_settles(store: Store, state: State, kind: Kind) -> None:
    sender = joined(store, person("ada"))
    claimed = claims(store, sender)
    if state is State.IN_DOUBT:
        settle(store, sender, claimed, InDoubt("lost"))

    applied = apply(store, told(claimed[0].delivery_id, kind=kind))
    settle(store, sender, claimed, Accepted("of the answer"))

    assert applied.settled == (state is State.IN_DOUBT)
    assert store.ledger.account(sender.mailing).counts == {State.ACCEPTED: 1}


@pytest.mark.parametrize("kind", [Kind.REJECT, Kind.RENDERING_FAILURE])
@pytest.mark.parametrize("settled", [None, Accepted("m"), InDoubt("lost")])
@pytest.mark.parametrize("first", ["the rejection", "the sending"])
def test_what_ses_took_and_never_sent_is_refused_whenever_it_is_learned(
    store: Store, kind: Kind, settled: Accepted | InDoubt | None, first: str
) -> None:
    sender = joined(store, *crowd(2))
    claimed = claims(store, sender)
    if settled:
        settle(store, sender, claimed, settled)
    rejected, sent_event = told(claimed[0].delivery_id, kind=kind), told(claimed[0].delivery_id, kind=Kind.SEND)

    for each in (rejected, sent_event) if first == "the rejection" else (sent_event, rejected):
        apply(store, each)
    settle(store, sender, claimed)

    account = store.ledger.account(sender.mailing)
    assert account.counts == {State.REFUSED: 1, State.ACCEPTED: 1}
    (named,) = store.ledger.named(sender.mailing, State.REFUSED)
    assert named.reason == kind.value


@pytest.mark.parametrize("delivery", ["of-other-software", "anothermail1-1", "-1", "x", "test-4aacd5df41ff-2026-1"])
def test_mail_that_is_not_ours_is_counted_as_unknown(store: Store, delivery: str) -> None:
    sent(store, person("ada"))
    assert apply(store, told(delivery, **HARD), told("", **HARD)).unknown == 2
    assert standing(store, "ada") is Standing.ACTIVE


def test_opens_and_clicks_are_kept_only_if_they_are_tracked(store: Store) -> None:
    _, (a,) = sent(store, person("ada"))
    opened, clicked = told(a, kind=Kind.OPEN), told(a, kind=Kind.CLICK, detail="https://x.example/")
    assert apply(store, opened, clicked).news == 0
    assert apply(store, opened, clicked, track=[Kind.CLICK]).news == 1
    assert apply(store, opened, clicked, track=[Kind.OPEN, Kind.CLICK]).news == 1


PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


def clicked(delivery: str, link: str, seconds: float, **fields: Any) -> Event:
    at = LATER + timedelta(seconds=seconds)
    given = {"kind": Kind.CLICK, "detail": link, "key": f"{at} {link}", "user_agent": PHONE, "sent_at": AT, **fields}
    return told(delivery, at, **given)


def test_what_programs_opened_and_clicked_is_counted_apart(store: Store) -> None:
    mailing, (a, b, c, d) = sent(store, *crowd(4))
    apply(
        store,
        clicked(a, "https://x.example/1", 0),
        clicked(a, "https://x.example/2", 60),
        clicked(a, "https://x.example/3", 120),
        *(clicked(b, f"https://x.example/{number}", number / 2) for number in range(4)),
        clicked(c, "https://x.example/1", 0, user_agent="SomeBot/1.0"),
        clicked(d, "", 0, kind=Kind.OPEN),
        clicked(d, "", 9, kind=Kind.OPEN, user_agent="Mozilla/5.0"),
        clicked(c, "", 0, kind=Kind.OPEN, user_agent="Mozilla/5.0"),
        track=[Kind.OPEN, Kind.CLICK],
    )
    assert store.events.attention(mailing) == Attention(
        opened=1, clicked=1, opened_by_machines=1, clicked_by_machines=2
    )


def uid(store: Store, name: str) -> str:
    found = store.subscribers.get(f"{name}@example.org")
    assert found
    return found.uid


def test_a_wish_to_leave_is_granted_with_or_without_its_mailing(store: Store) -> None:
    mailing, _ = sent(store, person("ada"), person("bob"))
    wish = Event(kind=Kind.UNSUBSCRIBE, subscriber=uid(store, "ada"), mailing=mailing.uid, at=AT)
    other = Event(kind=Kind.UNSUBSCRIBE, subscriber=uid(store, "bob"), mailing="test-copy", at=AT)
    nobody = Event(kind=Kind.UNSUBSCRIBE, subscriber="nobody", mailing=mailing.uid, at=AT)

    applied = apply(store, wish, other, nobody, wish)

    assert applied.suppressed == {Standing.UNSUBSCRIBED: 2}
    assert applied.unknown == 1
    assert standing(store, "ada") is standing(store, "bob") is Standing.UNSUBSCRIBED
    (entry,) = store.readers.history(Whom(uid=uid(store, "ada")))
    assert (entry.what, entry.at) == ("unsubscribed", AT)


def test_what_happened_before_somebody_came_back_is_past(store: Store) -> None:
    _, (a,) = sent(store, person("ada"))
    bounce = told(a, **HARD)
    apply(store, bounce)
    store.readers.change(Whom("ada@example.org"), Release("a typing error of theirs"), LATER)

    assert apply(store, bounce, told(a, **ABUSE)).suppressed == {}
    assert apply(store, told(a, LATER + timedelta(hours=1), **HARD)).suppressed == {Standing.BOUNCED: 1}
    assert apply(store, told(a, AT + timedelta(minutes=1), **ABUSE)).suppressed == {}


def test_a_bounce_of_a_former_address_is_not_held_against_the_one_of_today(store: Store) -> None:
    new, after = "ada@example.net", AT + timedelta(hours=2)
    first, second, third, fourth = issues(store, 4)
    apply(store, told(first, **FULL, sent_at=AT), told(second, **FULL, sent_at=AT))
    amend = Amend(by=By.EDITOR, address=new)
    store.readers.change(Whom(address="ada@example.org"), amend, AT + timedelta(hours=1))
    apply(store, told(third, after, **FULL, sent_at=AT), told(second, after, **HARD, sent_at=AT))
    apply(store, told(fourth, after, **FULL, sent_at=after))
    ada = store.subscribers.get(new)
    assert ada
    assert ada.standing is Standing.ACTIVE
    apply(store, told(fourth, after + timedelta(hours=1), **HARD, sent_at=after))
    ada = store.subscribers.get(new)
    assert ada
    assert ada.standing is Standing.BOUNCED


def test_who_left_by_themselves_stays_so_whatever_bounces(store: Store) -> None:
    _, (a,) = sent(store, person("ada"))
    apply(store, Event(kind=Kind.UNSUBSCRIBE, subscriber=uid(store, "ada"), at=AT))
    assert apply(store, told(a, **HARD), told(a, **ABUSE)).suppressed == {}
    assert standing(store, "ada") is Standing.UNSUBSCRIBED


def test_a_block_of_the_editor_gives_way_to_a_complaint(store: Store) -> None:
    _, (a,) = sent(store, person("ada"))
    store.readers.change(Whom("ada@example.org"), Block(Standing.DISABLED, "", By.EDITOR), AT)
    assert apply(store, told(a, **ABUSE)).suppressed == {Standing.COMPLAINED: 1}


def test_words_that_no_database_takes_are_no_obstacle(store: Store) -> None:
    _, (a,) = sent(store, person("ada"))
    strange = "\x00\ud800" + "x" * 300
    fields: dict[str, Any] = {"type": strange, "subtype": strange, "detail": strange, "message_id": strange}
    for kind in (Kind.BOUNCE, Kind.COMPLAINT, Kind.REJECT):
        apply(store, told(a, kind=kind, **{**fields, "key": strange}), told(f"{strange}-1", kind=kind))
    assert standing(store, "ada") is Standing.COMPLAINED


def test_a_delivery_that_its_sender_writes_at_this_moment_is_waited_for(store: Store, url: str, dialect: str) -> None:
    if dialect == "sqlite":
        pytest.skip("there, one writes at a time")
    sender = joined(store, person("ada"))
    ((claim,),) = [claims(store, sender)]
    other = open_database(url)
    with ThreadPoolExecutor(1) as threads:
        with other.writing() as connection:
            connection.execute(update(deliveries).values(reason="being written"))
            applied = threads.submit(apply, store, told(claim.delivery_id, **HARD))
            with pytest.raises(TimeoutError):
                applied.result(0.3)
        assert applied.result(10).suppressed == {Standing.BOUNCED: 1}
    other.engine.dispose()
    assert store.ledger.account(sender.mailing).counts == {State.ACCEPTED: 1}


def test_nothing_told_changes_nothing(store: Store) -> None:
    assert apply(store) == Applied()


def test_events_of_one_mailing_are_not_those_of_another(store: Store) -> None:
    may, _ = sent(store, person("ada"))
    june, (a,) = sent(store, person("ada"), issue="june")
    apply(store, told(a, **HARD))
    assert (store.events.tally(may), store.events.tally(june)) == (Tally(), Tally(bounced=1))
    july = frozen(store, issue="july")
    assert store.ledger.account(july).counts == {State.SUPPRESSED: 1}

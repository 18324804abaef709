from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.acts import Act, Amend, Block, By, Confirm, Pause, Release, Remove, Return, SignUp, Unsubscribe
from newsletter.core.standing import BLOCKED, LEFT, Entry, Step, after, stranger
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.errors import BadInput

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)
FORM = Consent("form", AT, "192.0.2.7")
ANN = Subscriber(address="ann@example.org", first_name="Ann", tags=frozenset({"us"}), consent=FORM, since=AT)
BOUNCE = Block(Standing.BOUNCED, "550 no such user", By.SES)

BY_OTHERS: list[Act] = [
    *(Block(standing, "why", By.SES) for standing in sorted(BLOCKED)),
    Release("they wrote to us"),
    Remove(),
    Pause(LATER),
    Confirm("192.0.2.7"),
    Amend(by=By.EDITOR, first_name="Anne"),
]


def at(standing: Standing) -> Subscriber:
    return replace(ANN, standing=standing, reason="before", since=AT)


def done(act: Act, known: Subscriber) -> Step:
    step = after(act, known, LATER)
    assert step.entry is not None
    return step


def said(act: Act, known: Subscriber) -> str:
    step = done(act, known)
    assert step.entry is not None
    return f"{step.entry.what} {step.entry.detail}"


def acts(known: Subscriber, act: Act) -> Subscriber:
    try:
        return after(act, known, LATER).subscriber
    except BadInput:
        return known


def test_a_sign_up_and_its_confirmation_make_a_stranger_active_with_the_proof_of_both() -> None:
    asked = done(SignUp(consent=FORM, first_name="Ann", tags=frozenset({"us"})), stranger("ann@example.org")).subscriber
    assert (asked.standing, asked.consent, asked.tags) == (Standing.UNCONFIRMED, FORM, frozenset({"us"}))
    sure = after(Confirm("192.0.2.8"), asked, LATER)
    assert (sure.subscriber.standing, sure.subscriber.since) == (Standing.ACTIVE, LATER)
    assert sure.subscriber.consent == replace(FORM, confirmed_at=LATER, confirmed_ip="192.0.2.8")
    assert sure.entry == Entry(LATER, "confirmed", "by the reader")


@pytest.mark.parametrize("standing", sorted({Standing.ACTIVE, *BLOCKED}))
def test_a_sign_up_with_the_address_of_who_is_active_or_blocked_changes_nothing(standing: Standing) -> None:
    known = at(standing)
    mallory = SignUp(consent=Consent("form", LATER), first_name="Mallory", tags=frozenset({"spam"}))
    assert after(mallory, known, LATER) == Step(known)


@pytest.mark.parametrize("standing", sorted(LEFT))
def test_whoever_left_comes_back_by_signing_up_and_confirming(standing: Standing) -> None:
    again = SignUp(consent=Consent("form", LATER))
    assert said(again, at(standing)) == f"signed up by the reader: form, was {standing}"
    back = after(Confirm(), done(again, at(standing)).subscriber, LATER).subscriber
    assert (back.standing, back.reason, back.consent.at) == (Standing.ACTIVE, "", LATER)


def test_whoever_unsubscribed_takes_that_back_in_one_act_with_the_proof_of_it() -> None:
    left = replace(at(Standing.UNSUBSCRIBED), paused_until=LATER)
    assert said(Return("the page"), left) == "confirmed by the reader: the page, was unsubscribed"
    back = done(Return("the page", "192.0.2.8"), left).subscriber
    assert (back.standing, back.reason, back.since, back.paused_until) == (Standing.ACTIVE, "", LATER, None)
    assert back.consent == Consent("the page", LATER, "192.0.2.8", LATER, "192.0.2.8")


@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.UNSUBSCRIBED}))
def test_a_return_changes_nothing_of_who_did_not_unsubscribe(standing: Standing) -> None:
    assert after(Return("the page"), at(standing), LATER) == Step(at(standing))


def test_an_old_confirmation_link_brings_nobody_back_who_left_since() -> None:
    for standing in sorted(LEFT | BLOCKED):
        assert after(Confirm(), at(standing), LATER) == Step(at(standing))


@pytest.mark.parametrize("standing", [each for each in Standing if each not in LEFT])
def test_whoever_unsubscribes_has_unsubscribed_whatever_they_were(standing: Standing) -> None:
    left = done(Unsubscribe("one-click"), at(standing)).subscriber
    assert (left.standing, left.reason, left.since) == (Standing.UNSUBSCRIBED, "one-click", LATER)


@given(st.sampled_from(sorted(LEFT)), st.lists(st.sampled_from(BY_OTHERS)))
def test_nothing_that_others_do_brings_back_who_left(standing: Standing, course: list[Act]) -> None:
    known = at(standing)
    for act in course:
        known = acts(known, act)
        assert known.standing in LEFT


@given(
    st.sampled_from(sorted(Standing)), st.lists(st.sampled_from([*BY_OTHERS, Unsubscribe("x"), SignUp(consent=FORM)]))
)
def test_nobody_becomes_active_without_consent(standing: Standing, course: list[Act]) -> None:
    known = replace(at(standing), consent=Consent() if standing is not Standing.ACTIVE else FORM)
    for act in course:
        known = acts(known, act)
        assert known.standing is not Standing.ACTIVE or known.consent != Consent()


@pytest.mark.parametrize("standing", sorted(LEFT))
def test_an_editor_who_releases_somebody_who_left_is_told_why_that_cannot_be(standing: Standing) -> None:
    with pytest.raises(BadInput, match=r"ann@example\.org (unsubscribed themselves|was removed for good)"):
        after(Release("please"), at(standing), LATER)


def test_a_weightier_block_takes_the_place_of_a_lighter_one() -> None:
    ends = {
        (first, second): after(Block(second, "why", By.SES), at(first), LATER).subscriber.standing
        for first in BLOCKED
        for second in BLOCKED
    }
    order = [Standing.DISABLED, Standing.BOUNCED, Standing.COMPLAINED]
    assert ends == {(first, second): max(first, second, key=order.index) for first, second in ends}


def test_a_released_reader_is_active_again_if_they_once_agreed() -> None:
    blocked = done(BOUNCE, ANN).subscriber
    assert (blocked.reason, blocked.since) == ("550 no such user", LATER)
    assert said(Release("new mailbox"), blocked) == "released by the editor: new mailbox, was bounced"
    back = done(Release("new mailbox"), blocked).subscriber
    assert (back.standing, back.reason) == (Standing.ACTIVE, "")


def test_a_sign_up_that_bounced_is_no_consent() -> None:
    bounced = done(BOUNCE, at(Standing.UNCONFIRMED)).subscriber
    assert done(Release("try again"), bounced).subscriber.standing is Standing.UNCONFIRMED


def test_a_pause_begins_and_ends_for_an_active_reader_alone() -> None:
    paused = done(Pause(LATER), ANN)
    assert (paused.subscriber.paused_until, paused.subscriber.standing) == (LATER, Standing.ACTIVE)
    assert said(Pause(LATER), ANN) == "paused by the reader until 2026-03-03"
    assert said(Pause(None), paused.subscriber) == "came back by the reader"
    assert after(Pause(None), ANN, LATER) == Step(ANN)
    assert after(Pause(LATER), at(Standing.BOUNCED), LATER) == Step(at(Standing.BOUNCED))


def test_what_is_changed_of_somebody_is_told_in_history() -> None:
    act = Amend(
        by=By.EDITOR,
        address="anne@example.org",
        first_name="Anne",
        fields={"city": "Bath", "size": ""},
        add=frozenset({"eu"}),
        remove=frozenset({"us", "nowhere"}),
    )
    known = replace(ANN, fields={"size": "XL", "empty": ""})
    changed = done(act, known).subscriber
    assert (changed.address, changed.first_name, changed.last_name) == ("anne@example.org", "Anne", "")
    assert changed.fields == {"empty": "", "city": "Bath"}
    assert changed.tags == {"eu"}
    assert said(act, known) == (
        "changed by the editor: address, was ann@example.org, first name, city, size, tag eu, no tag us"
    )


@given(st.sampled_from([*BY_OTHERS, Unsubscribe("x")]), st.sampled_from(sorted(Standing)))
def test_the_same_act_twice_is_the_act_once(act: Act, standing: Standing) -> None:
    once = acts(at(standing), act)
    assert acts(once, act) == once

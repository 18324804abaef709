"""The rules by which feedback takes somebody off the list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.acts import Block, By, Unsubscribe
from newsletter.core.feedback import Event, Kind
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.core.verdict import Round, Verdict, applied, judge

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = Subscriber(address="ada@example.net", since=AT - DAY)


def told(kind: Kind, type_: str = "", subtype: str = "", **fields: Any) -> Event:
    return Event(kind=kind, delivery="d-1", at=AT, type=type_, subtype=subtype, **fields)


@pytest.mark.parametrize(
    ("event", "standing", "reason"),
    [
        (told(Kind.BOUNCE, "Permanent", "General", detail="5.1.1"), "bounced", "hard bounce (General, 5.1.1)"),
        (told(Kind.BOUNCE, "Permanent", "NoEmail"), "bounced", "hard bounce (NoEmail)"),
        (told(Kind.BOUNCE, "Permanent", "Suppressed"), "bounced", "hard bounce (Suppressed)"),
        (told(Kind.BOUNCE, "Permanent"), "bounced", "hard bounce"),
        (told(Kind.COMPLAINT, "abuse"), "complained", "complaint (abuse)"),
        (told(Kind.COMPLAINT, "fraud"), "complained", "complaint (fraud)"),
        (told(Kind.COMPLAINT), "complained", "complaint"),
    ],
)
def test_some_events_block_at_once_and_say_why(event: Event, standing: str, reason: str) -> None:
    assert judge(event, AT) == Verdict(Block(Standing(standing), reason, By.SES), AT)


@pytest.mark.parametrize(
    "event",
    [
        told(Kind.COMPLAINT, "not-spam"),
        told(Kind.SUBSCRIPTION),
        told(Kind.BOUNCE, "Transient", "MailboxFull"),
        told(Kind.BOUNCE, "Undetermined"),
        *(told(kind) for kind in (Kind.SEND, Kind.DELIVERY, Kind.DELAY, Kind.REJECT, Kind.OPEN, Kind.CLICK)),
    ],
)
def test_others_by_themselves_mean_nothing(event: Event) -> None:
    assert judge(event, AT) is None


@pytest.mark.parametrize("event", [told(Kind.UNSUBSCRIBE), told(Kind.SUBSCRIPTION, "unsubscribe")])
def test_who_leaves_has_left(event: Event) -> None:
    verdict = judge(event, AT)
    assert verdict
    assert isinstance(verdict.act, Unsubscribe)
    assert applied(verdict, ADA, ADA.since).subscriber.standing is Standing.UNSUBSCRIBED


def rounds(pattern: str) -> list[Round]:
    """Return mailings, one a day: x bounced softly, - did not."""
    return [Round(number, AT + number * DAY if each == "x" else None) for number, each in enumerate(pattern)]


@pytest.mark.parametrize(
    ("pattern", "day"),
    [("xxx", 2), ("x-x-x", 4), ("xx--x", 4), ("-x-xx-", 4), ("xxxx", 2), ("x-----xxx", 8), ("xx", None),
     ("xx---x", None), ("x--x--x", None), ("", None), ("-----", None)],
)  # fmt: skip
def test_three_soft_bounces_in_five_mailings_block_from_the_third_on(pattern: str, day: int | None) -> None:
    verdict = judge(told(Kind.BOUNCE, "Transient", "MailboxFull"), AT, rounds(pattern))
    assert (verdict.at if verdict else None) == (None if day is None else AT + day * DAY)
    assert verdict is None or verdict.act == Block(Standing.BOUNCED, "3 soft bounces in 5 mailings", By.SES)


@given(st.text("x-", max_size=12), st.text("x-", max_size=4))
def test_later_mailings_do_not_undo_a_block(pattern: str, more: str) -> None:
    soft = told(Kind.BOUNCE, "Transient")
    before, after = judge(soft, AT, rounds(pattern)), judge(soft, AT, rounds(pattern + more))
    assert before is None or after == before


def test_what_happened_before_somebody_came_back_does_not_count() -> None:
    verdict = judge(told(Kind.COMPLAINT), AT)
    assert verdict
    assert applied(verdict, ADA, AT + DAY).subscriber == ADA
    assert applied(verdict, ADA, AT).subscriber.standing is Standing.COMPLAINED


def test_of_two_proofs_the_earlier_one_stands_and_writes_no_second_line() -> None:
    first, later = judge(told(Kind.COMPLAINT, "abuse"), AT), judge(told(Kind.COMPLAINT, "fraud"), AT + DAY)
    assert first
    assert later
    gone = applied(later, ADA, None)
    corrected = applied(first, gone.subscriber, None)
    assert gone.entry
    assert corrected.entry is None
    assert corrected.subscriber == replace(gone.subscriber, since=AT, reason="complaint (abuse)")
    assert applied(later, corrected.subscriber, None).subscriber == corrected.subscriber

"""Test-sends: to reviewers, marked, with links that change nothing, and otherwise the bytes of the real thing."""

from __future__ import annotations

import dataclasses
import re
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Refused
from newsletter.core.links import INERT
from newsletter.core.subscriber import Subscriber
from newsletter.core.ways import Allowance
from newsletter.errors import BadInput, MailingStopped, NotFound
from newsletter.flows import test_send as flow
from newsletter.flows.test_send import TRIES, reader, reviewers, said
from tests.fakes import LOST, PAUSED, REFUSED, THROTTLE, Act, FakeTransport
from tests.flows.desk import Desk

EDITOR = "editor@example.org"
LINK = rb"https://(?:v2gnews\.example\.com|news\.example\.org)/(unsubscribe|preferences|view|confirm)/[^\"\s<>)]+"


def try_out(desk: Desk, transport: FakeTransport, *to: str, seen_as: Subscriber | None = None) -> flow.Tested:
    return flow.send_test(
        desk.made,
        to or (EDITOR,),
        transport=transport,
        tests=desk.store.test_sends,
        clock=desk.clock,
        seen_as=seen_as,
    )


def parsed(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=policy.default)


def unfolded(message: bytes) -> bytes:
    """Take out soft line breaks, so that the lengths of links move nothing."""
    return re.sub(rb"=\r\n", b"", message)


def test_an_account_that_may_not_send_makes_no_copies(desk: Desk) -> None:
    transport = FakeTransport(permits=Allowance(barred="paused"))

    with pytest.raises(MailingStopped, match="paused"):
        try_out(desk, transport)
    assert not transport.parcels


def test_the_subject_is_marked_and_the_links_change_nothing(desk: Desk) -> None:
    transport = FakeTransport()

    try_out(desk, transport)

    (parcel,) = transport.parcels
    message = parsed(parcel.message)
    subject = desk.made.build.restored(desk.made.build.subject)
    assert message["Subject"] == f"[TEST] {subject}"
    assert message["To"] == parcel.address == EDITOR
    assert message["List-Unsubscribe"] == f"<https://v2gnews.example.com/unsubscribe/{INERT}>"
    links = [match[0] for match in re.finditer(LINK, unfolded(parcel.message))]
    assert len(links) > 2
    assert all(link.endswith(INERT.encode()) for link in links)


def test_a_test_copy_has_the_bytes_of_a_real_one(desk: Desk) -> None:
    reviewer = Subscriber(address=EDITOR, first_name="Ed", last_name="Itor")
    desk.put(reviewer)
    test, real = FakeTransport(), FakeTransport()
    try_out(desk, test, seen_as=reviewer)
    desk.clock.sleep(60)
    desk.send(real)
    their_own = rb"(?m)^(?:Subject|To|Date|Message-ID|X-Newsletter-Delivery|List-Unsubscribe): .*(?:\r\n[ \t].*)*\r\n"

    def common(message: bytes) -> bytes:
        return re.sub(LINK, rb"\1", re.sub(their_own, b"", unfolded(message)))

    assert common(test.parcels[0].message) == common(real.parcels[0].message)
    assert test.parcels[0].message != real.parcels[0].message
    assert parsed(test.parcels[0].message).keys() == parsed(real.parcels[0].message).keys()


def test_the_digest_is_remembered_once_somebody_was_sent_it(desk: Desk) -> None:
    result = try_out(desk, FakeTransport([REFUSED]), EDITOR, "other@example.org")

    assert (result.accepted, result.digest) == (1, desk.made.build.digest)
    assert desk.store.test_sends.last(desk.made.build.digest) == desk.clock.now()
    assert desk.plan(FakeTransport()).tested_at == desk.clock.now()


@pytest.mark.parametrize("act", [REFUSED, LOST, PAUSED])
def test_a_copy_that_nobody_got_tests_nothing(desk: Desk, act: Act) -> None:
    result = try_out(desk, FakeTransport([act]))

    assert result.outcomes == [(EDITOR, act)]
    assert desk.store.test_sends.last(desk.made.build.digest) is None


def test_a_throttle_is_tried_again_at_the_pace_of_the_account(desk: Desk) -> None:
    transport = FakeTransport([THROTTLE, THROTTLE], permits=Allowance(per_second=1))

    assert try_out(desk, transport, EDITOR, "other@example.org").accepted == 2
    assert len({parcel.delivery_id for parcel in transport.parcels}) == 2
    assert desk.clock.monotonic() > 3


def test_a_throttle_that_does_not_end_is_told(desk: Desk) -> None:
    transport = FakeTransport([THROTTLE] * 100, permits=Allowance(per_second=1))

    assert try_out(desk, transport).outcomes == [(EDITOR, THROTTLE)]
    assert len(transport.parcels) == TRIES


def test_a_doubt_is_not_tried_again(desk: Desk) -> None:
    transport = FakeTransport([LOST])

    try_out(desk, transport)

    assert len(transport.parcels) == 1


def test_a_copy_can_show_what_a_subscriber_will_see_and_goes_to_the_reviewer(desk: Desk) -> None:
    desk.put(Subscriber(address="ada@example.net", first_name="Ada", last_name="Byron"))
    transport = FakeTransport()

    try_out(desk, transport, seen_as=reader(desk.store.subscribers, "ADA@example.net"))

    (parcel,) = transport.parcels
    assert parcel.address == EDITOR
    assert parsed(parcel.message)["To"] == f"Ada Byron <{EDITOR}>"
    assert b"ada@example.net" not in parcel.message


def test_who_is_not_on_the_list_cannot_be_shown(desk: Desk) -> None:
    assert reader(desk.store.subscribers, None) is None
    with pytest.raises(NotFound, match="nobody is not on the list"):
        reader(desk.store.subscribers, "nobody")


def test_groups_and_addresses_together_name_each_reviewer_once(desk: Desk) -> None:
    publication = desk.made.publication

    assert reviewers(publication, ["COPYDESK@v2gnews.example.com", "me@example.org"], ["editors", "policy"]) == [
        "steve@v2gnews.example.com",
        "COPYDESK@v2gnews.example.com",
        "reviewer@example.org",
        "me@example.org",
    ]


@pytest.mark.parametrize(
    ("to", "groups", "message"),
    [
        ([], [], "nobody to send the test to"),
        (["not an address"], [], "is not an email address"),
        ([], ["editor"], "there is no reviewer group 'editor'"),
    ],
)
def test_reviewers_that_cannot_be_mailed_are_wrong_input(
    desk: Desk, to: list[str], groups: list[str], message: str
) -> None:
    with pytest.raises(BadInput, match=message) as raised:
        reviewers(desk.made.publication, to, groups)
    assert raised.value.hint


def test_without_groups_the_hint_says_so(desk: Desk) -> None:
    with pytest.raises(BadInput) as raised:
        reviewers(dataclasses.replace(desk.made).publication.model_copy(update={"reviewers": {}}), [], [])
    assert "groups: none" in raised.value.hint


def test_every_outcome_can_be_said() -> None:
    assert [said(outcome) for outcome in (Accepted("m"), Refused("r"), Deferred("d"), InDoubt("i"))] == [
        "accepted (m)",
        "refused: r",
        "not sent: d",
        "in doubt: i",
    ]

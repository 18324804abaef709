import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import SesDouble
from tests.doubles.requests import HEADERS, RAW, READER, SENDER, refused, send_raw, send_simple

EIGHT_BIT = (
    HEADERS + b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\nGr\xc3\xbc\xc3\x9fe\r\n"
)
PARTS = (
    HEADERS + b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n'
    b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\xc3\xbc\r\n--b--\r\n"
)


def test_the_ledger_holds_what_was_accepted(ses: SesDouble, client: SESV2Client) -> None:
    message_id = send_raw(client, tags={"rid": "issue-1-7"}, ConfigurationSetName="main")

    (accepted,) = ses.accepted()
    assert (accepted.address, accepted.message_id) == (READER, message_id)
    assert (accepted.tags, accepted.delivery_header) == ({"rid": "issue-1-7"}, "d-1")
    assert (accepted.configuration_set, accepted.operation) == ("main", "SendEmail")
    assert accepted.sha256 == hashlib.sha256(RAW).hexdigest()
    assert accepted.content is None


def test_every_recipient_of_a_message_has_its_record(ses: SesDouble, client: SESV2Client) -> None:
    message_id = send_raw(client, to=["a@example.net", "B <b@example.net>"])

    assert [(one.address, one.message_id) for one in ses.accepted()] == [
        ("a@example.net", message_id),
        ("b@example.net", message_id),
    ]


def test_two_copies_for_one_recipient_are_two_records(ses: SesDouble, client: SESV2Client) -> None:
    ids = {send_raw(client), send_raw(client)}

    assert {one.message_id for one in ses.accepted()} == ids
    assert len(ids) == 2


def test_bodies_are_kept_only_when_asked_for(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(keep="messages")
    send_raw(client)

    assert ses.accepted()[0].raw == RAW


def test_nothing_but_counts_is_kept_when_asked_for(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(keep="counts", check_messages=False)
    send_raw(client, HEADERS + b"\r\n" + b"x" * 100_000)

    assert (ses.accepted(), ses.calls(), ses.counts()["accepted"]) == ([], [], 1)


def test_the_sender_is_read_from_the_message_if_the_call_names_none(ses: SesDouble, client: SESV2Client) -> None:
    client.send_email(Destination={"ToAddresses": [READER]}, Content={"Raw": {"Data": RAW}})

    assert ses.accepted()[0].source == SENDER


def test_tags_and_configuration_set_may_come_in_the_message(ses: SesDouble, client: SESV2Client) -> None:
    send_raw(client, b"X-SES-MESSAGE-TAGS: rid=7, kind=test\r\nX-SES-CONFIGURATION-SET: other\r\n" + RAW)

    accepted = ses.accepted()[0]
    assert (accepted.tags, accepted.configuration_set) == ({"rid": "7", "kind": "test"}, "other")


@pytest.mark.parametrize(
    "message",
    [
        RAW,
        HEADERS + b"\r\n" + b"x" * 998 + b"\r\n",
        HEADERS + b"X-Folded: one\r\n two\r\n\r\n",
        EIGHT_BIT % b"8bit",
        PARTS % b"plain",
    ],
)
def test_a_right_message_is_accepted(ses: SesDouble, client: SESV2Client, message: bytes) -> None:
    send_raw(client, message)

    assert ses.accepted()[0].sha256 == hashlib.sha256(message).hexdigest()


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (HEADERS, "no end of its headers"),
        (HEADERS + b"\r\nHello\n", "bare"),
        (HEADERS + b"\r\nHello\rHello\r\n", "bare"),
        (HEADERS + b"\r\n\r\n\n\r", "bare"),
        (HEADERS + b"\r\n" + b"x" * 999 + b"\r\n", "998"),
        (HEADERS + b"\r\n" + b"short\r\n" * 500 + b"x" * 999, "998"),
        (HEADERS + b"\r\nHello\0\r\n", "NUL"),
        (HEADERS + "X-Name: Grüße\r\n\r\n".encode(), "not ASCII"),
        (HEADERS + b"no header\r\n\r\n", "is none"),
        (b" folded\r\n" + RAW, "continues nothing"),
        (RAW.replace(b"From:", b"X-From:"), "no From"),
        (RAW.replace(b"To:", b"X-To:"), "no To"),
        (RAW.replace(b"Subject:", b"X-Subject:"), "no Subject"),
        (b"From: other@example.com\r\n" + RAW, "more than one from"),
        (b"to: other@example.net\r\n" + RAW, "more than one to"),
        (b"Subject: other\r\n" + RAW, "more than one subject"),
        (b"Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n" * 2 + RAW, "more than one date"),
        (b"List-Unsubscribe: <https://example.com/u/2>\r\n" + RAW, "more than one list-unsubscribe"),
        (RAW.replace(b"<https://example.com/u/1>", b"=?utf-8?q?=3Chttps=3A?="), "encoded word"),
        (EIGHT_BIT % b"quoted-printable", "8-bit"),
        (PARTS % b"\xc3\xbc", "8-bit"),
        (PARTS.replace(b"8bit", b"8bit\r\nContent-Description: \xc3\xbc") % b"plain", "part with headers"),
        (b"X-SES-MESSAGE-TAGS: rid=a@b\r\n" + RAW, "tag value"),
    ],
)
def test_a_wrong_message_is_refused(ses: SesDouble, client: SESV2Client, message: bytes, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint) as raised:
        send_raw(client, message)

    assert refused(raised) == (400, "BadRequestException")
    assert not ses.accepted()


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("nobody", "Missing final '@domain'"),
        ("nobody@", "Missing final '@domain'"),
        ("grüße@example.net", "Local address contains control or whitespace"),
        ("a b@example.net", "Local address contains control or whitespace"),
        ("a..b@example.net", "Local address contains illegal dot"),
        ("a@grüße.example", "Domain contains illegal character"),
        ("a@net", "Domain contains illegal character"),
    ],
)
def test_a_wrong_address_is_refused(ses: SesDouble, client: SESV2Client, address: str, complaint: str) -> None:
    with pytest.raises(ClientError, match=complaint) as raised:
        send_raw(client, to=address)

    assert refused(raised) == (400, "BadRequestException")


def test_fifty_recipients_are_the_most(ses: SesDouble, client: SESV2Client) -> None:
    readers = [f"r{number}@example.net" for number in range(51)]
    send_raw(client, to=readers[:50])

    with pytest.raises(ClientError, match="exceeds 50"):
        send_raw(client, to=readers)

    assert len(ses.accepted()) == 50


@pytest.mark.parametrize("tag", [("rid", "7"), ("r_i-D", "x" * 256), ("ses:feedback-id-a", "issue-1")])
def test_a_right_tag_is_recorded(ses: SesDouble, client: SESV2Client, tag: tuple[str, str]) -> None:
    send_raw(client, tags=dict([tag]))

    assert ses.accepted()[0].tags == dict([tag])


@pytest.mark.parametrize("tag", [("rid", "a@b"), ("rid", "x" * 257), ("rid", ""), ("ses:other", "1"), ("a.b", "1")])
def test_a_wrong_tag_is_refused(ses: SesDouble, client: SESV2Client, tag: tuple[str, str]) -> None:
    with pytest.raises(ClientError, match="Invalid tag"):
        send_raw(client, tags=dict([tag]))


@pytest.mark.parametrize(
    "sender", ["news@example.com", "news@mail.example.com", "=?utf-8?q?Gr=C3=BC?= <a@example.org>"]
)
def test_a_verified_sender_is_accepted(ses: SesDouble, client: SESV2Client, sender: str) -> None:
    send_raw(client, FromEmailAddress=sender)

    assert ses.accepted()[0].source == sender


@pytest.mark.parametrize("sender", ["news@example.net", "news@notexample.com"])
def test_an_unverified_sender_is_rejected(ses: SesDouble, client: SESV2Client, sender: str) -> None:
    with pytest.raises(ClientError, match=f"EU-CENTRAL-1: {sender}") as raised:
        send_raw(client, FromEmailAddress=sender)

    assert refused(raised) == (400, "MessageRejected")


def test_a_sender_that_is_not_ascii_is_refused(ses: SesDouble, client: SESV2Client) -> None:
    with pytest.raises(ClientError, match="RFC 2047"):
        send_raw(client, FromEmailAddress="Grüße <news@example.com>")


def test_a_message_larger_than_the_limit_is_refused(ses: SesDouble, client: SESV2Client) -> None:
    ses.configure(max_message_bytes=1000)
    send_raw(client, HEADERS + b"\r\n" + b"Hello\r\n" * 20)

    with pytest.raises(ClientError, match="more than 1000 bytes"):
        send_raw(client, HEADERS + b"\r\n" + b"Hello\r\n" * 200)


def test_what_is_no_call_is_refused(ses: SesDouble, client: SESV2Client) -> None:
    with pytest.raises(ClientError, match="exactly one"):
        client.send_email(Destination={"ToAddresses": [READER]}, Content={})


def test_a_simple_message_is_accepted(ses: SesDouble, client: SESV2Client) -> None:
    send_simple(client, [("List-Unsubscribe", "<https://example.com/u/1>"), ("X-Newsletter-Delivery", "d-2")])

    assert (ses.accepted()[0].delivery_header, ses.accepted()[0].subject) == ("d-2", "Hello")


@pytest.mark.parametrize(
    "headers",
    [
        [("Subject", "twice")],
        [("Reply-To", "a@example.com")],
        [("X-Name", "Grüße")],
        [("X-Name", "two\r\nlines")],
        [("X Name", "1")],
        [("X-Long", "x" * 995)],
        [("List-Id", "<a>"), ("list-id", "<b>")],
        [("List-Unsubscribe", "=?utf-8?q?=3Chttps?=")],
        [(f"X-{number}", "1") for number in range(16)],
    ],
)
def test_a_wrong_custom_header_is_refused(ses: SesDouble, client: SESV2Client, headers: list[tuple[str, str]]) -> None:
    with pytest.raises(ClientError) as raised:
        send_simple(client, headers)

    assert refused(raised) == (400, "BadRequestException")


def test_a_template_in_a_single_call_is_refused(ses: SesDouble, client: SESV2Client) -> None:
    template: Any = {"TemplateContent": {"Subject": "Hello", "Text": "Hello"}, "TemplateData": "{}"}

    with pytest.raises(ClientError, match="SendBulkEmail only"):
        client.send_email(
            FromEmailAddress=SENDER, Destination={"ToAddresses": [READER]}, Content={"Template": template}
        )


@pytest.mark.parametrize(
    "simple", [{"Subject": {"Data": "s"}, "Body": {}}, {"Subject": {"Data": ""}, "Body": {"Text": {"Data": "t"}}}]
)
def test_a_simple_message_needs_a_subject_and_a_body(ses: SesDouble, client: SESV2Client, simple: Any) -> None:
    with pytest.raises(ClientError, match="needs a Subject"):
        client.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [READER]}, Content={"Simple": simple})

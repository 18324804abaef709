"""Answers that nobody should give, no answer at all, and what is kept out of logs and errors."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from newsletter.edges.ses import Ses
from newsletter.errors import NewsletterError, TransportError
from tests.doubles import SesDouble
from tests.edges.answering import Answering, answering
from tests.edges.certificates import make_certificate
from tests.edges.speaking import IN_DOUBT, NOT_REACHED, PARCEL, READER, REFUSED, SECRET, STOPPED, THROTTLED, kind, ok


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"\x16\x03\x01 not HTTP",
        b"HTTP/1.1 999 ?\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        ok(b'{"MessageId": "\xff\xfe"}'),
        ok(""),
        ok("null"),
        ok("[]"),
        ok("[1]"),
        ok('"text"'),
        ok("7"),
        ok("{}"),
        ok('{"MessageId": 7}'),
        ok('{"MessageId": ""}'),
        ok('{"MessageId": null}'),
        ok('{"MessageId": ["m"]}'),
        ok("<html>Please log in to this network</html>"),
        ok("[]", "500 Internal Server Error"),
        ok(b"\xff\xfe", "502 Bad Gateway"),
        ok("", "504 Gateway Timeout"),
        ok(b"\xff\xfe", "400 Bad Request"),
        ok("[]", "400 Bad Request"),
    ],
)
def test_an_answer_that_nobody_can_read_is_a_doubt_and_no_allowance(
    server: Answering, puzzled: Ses, answer: bytes
) -> None:
    server.answer = answer

    assert kind(puzzled.send(PARCEL)) == IN_DOUBT
    assert len(server.requests) == 1
    with pytest.raises(TransportError):
        puzzled.allowance()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ok("{}", "429 Too Many Requests"), THROTTLED),
        (ok("<html>slow down</html>", "429 Too Many Requests"), THROTTLED),
        (ok("", "403 Forbidden"), STOPPED),
        (ok('{"__type": "NewException", "message": "?"}', "400 Bad Request"), STOPPED),
        (ok('{"__type": "BadRequestException", "message": "?"}', "500 Oops"), IN_DOUBT),
        (ok('{"__type": "aws.ses#BadRequestException:http://x/", "message": "?"}', "400 Bad Request"), REFUSED),
        (ok("", "307 Temporary Redirect"), STOPPED),
    ],
)
def test_the_status_decides_where_the_words_do_not(
    server: Answering, puzzled: Ses, answer: bytes, expected: object
) -> None:
    server.answer = answer

    assert kind(puzzled.send(PARCEL)) == expected
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("failed", "advice"),
    [
        (READER, "production access"),
        (READER.upper(), "production access"),
        (f"news@example.com, {READER}", "verify news@example.com in"),
        ("arn:aws:ses:us-east-1:123456789012:identity/example.com", "identity/example.com in"),
    ],
)
def test_identities_that_are_not_verified_stop_all_and_it_is_said_whose_they_are(
    server: Answering, puzzled: Ses, failed: str, advice: str
) -> None:
    said = f"Email address is not verified. The following identities failed the check in region US-EAST-1: {failed}"
    server.answer = ok(json.dumps({"__type": "MessageRejected", "message": said}), "400 Bad Request")

    outcome = puzzled.send(PARCEL)

    assert kind(outcome) == STOPPED
    assert advice in getattr(outcome, "hint", "")


def test_a_port_where_nobody_listens_is_a_certain_non_send(at: Callable[..., Ses], closed_port: str) -> None:
    ses = at(closed_port)

    assert kind(ses.send(PARCEL)) == NOT_REACHED
    with pytest.raises(TransportError, match="cannot be reached") as raised:
        ses.allowance()
    assert "check the network" in raised.value.hint


def test_tls_that_breaks_after_the_request_is_a_doubt(
    at: Callable[..., Ses], tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    file, context = make_certificate(tmp_path)
    with answering(b"this is no TLS record", tls=context) as server, environment.context() as patch:
        patch.setenv("AWS_CA_BUNDLE", str(file))
        outcome = at(f"https://127.0.0.1:{server.port}").send(PARCEL)

    assert [request.split()[0] for request in server.requests] == [b"POST"]
    assert kind(outcome) == IN_DOUBT
    assert "SSLError" in getattr(outcome, "reason", "")


def test_a_certificate_that_nobody_vouches_for_is_a_certain_non_send(at: Callable[..., Ses], tmp_path: Path) -> None:
    _, context = make_certificate(tmp_path)
    with answering(b"", tls=context) as server:
        assert kind(at(f"https://127.0.0.1:{server.port}").send(PARCEL)) == NOT_REACHED
        assert not server.requests


def test_neither_secrets_nor_addresses_are_logged_or_said(
    double: SesDouble, ses: Ses, at: Callable[..., Ses], closed_port: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    said: list[str] = []
    for fault in ("throttle", "error_500_before", "reset_before", "garbage_after", "bad_request", "timeout_after"):
        double.script({"do": fault, "when": {"operation": "any"}})
        ses.send(PARCEL)
        with pytest.raises(NewsletterError) as raised:
            ses.allowance()
        said += [raised.value.message, raised.value.hint]
    unreached = at(closed_port)
    unreached.send(PARCEL)
    with pytest.raises(NewsletterError) as raised:
        unreached.allowance()
    said += [raised.value.message, raised.value.hint]

    for text in (caplog.text, *said):
        assert READER not in text
        assert "AWS4-HMAC" not in text
        assert SECRET not in text

"""The SES edge over real HTTP: what it makes of every answer and of none, and what it asks for."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.core.ports import Allowance, Parcel
from newsletter.core.publication import SesSettings
from newsletter.edges.ses import MAX_LANES, Ses
from newsletter.errors import MailingStopped, NewsletterError, NotConfigured, TransportError
from tests.doubles import SesDouble, running_ses
from tests.doubles.faults import FaultKind
from tests.edges.answering import Answering, answering
from tests.edges.certificates import make_certificate

READER = "reader@example.net"
MESSAGE = (
    b"From: =?utf-8?q?N=C3=A9ws?= <news@example.com>\r\nTo: reader@example.net\r\nSubject: Hello\r\n"
    b"X-Newsletter-Delivery: d-1\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n=2E dot\r\n..two dots\r\n\xc3\xa9\t \r\nFrom here\r\n"
)
PARCEL = Parcel("d-1", "m-1", READER, MESSAGE)
SECRET = "testing"
Faults = Callable[..., None]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """An environment that knows these keys alone, and asks botocore to try everything seven times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "AWS_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_MAX_ATTEMPTS", "7")
        patch.setenv("AWS_RETRY_MODE", "legacy")
        yield patch


@pytest.fixture(scope="module")
def running(environment: pytest.MonkeyPatch) -> Iterator[SesDouble]:
    with running_ses(keep="messages") as double:
        yield double


@pytest.fixture(scope="module")
def shared(running: SesDouble) -> Iterator[Ses]:
    yield from opened(running.endpoint)


@pytest.fixture
def double(running: SesDouble) -> SesDouble:
    running.reset()
    return running


@pytest.fixture
def ses(double: SesDouble, shared: Ses) -> Ses:
    return shared


def opened(endpoint: str, **settings: Any) -> Iterator[Ses]:
    made = Ses(SesSettings(region="us-east-1", endpoint_url=endpoint, **settings), patience=0.4)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared_server(environment: pytest.MonkeyPatch) -> Iterator[tuple[Answering, Ses]]:
    with answering() as server:
        for ses in opened(f"http://127.0.0.1:{server.port}"):
            yield server, ses


@pytest.fixture
def server(shared_server: tuple[Answering, Ses]) -> Answering:
    shared_server[0].requests.clear()
    return shared_server[0]


@pytest.fixture
def puzzled(shared_server: tuple[Answering, Ses]) -> Ses:
    """The edge as it talks to the server that answers anything."""
    return shared_server[1]


@pytest.fixture
def at(environment: pytest.MonkeyPatch) -> Iterator[Callable[..., Ses]]:
    """Make an edge for another endpoint or other settings."""
    made: list[Iterator[Ses]] = []

    def make(endpoint: str, **settings: Any) -> Ses:
        made.append(opened(endpoint, **settings))
        return next(made[-1])

    yield make
    for each in made:
        next(each, None)


@pytest.fixture
def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


IN_DOUBT = (InDoubt, False, False)
THROTTLED = (Deferred, True, False)
STOPPED = (Deferred, False, True)
NOT_REACHED = (Deferred, False, False)
REFUSED = (Refused, False, False)
ACCEPTED = (Accepted, False, False)


def kind(outcome: Outcome) -> tuple[type[Outcome], bool, bool]:
    """Return an outcome without its words; whatever stops has a hint."""
    if not isinstance(outcome, Deferred):
        return type(outcome), False, False
    assert outcome.hint or not outcome.stop
    return Deferred, outcome.throttled, outcome.stop


FAULTS = {
    FaultKind.THROTTLE: (THROTTLED, 0),
    FaultKind.QUOTA: (STOPPED, 0),
    FaultKind.BAD_REQUEST: (REFUSED, 0),
    FaultKind.MESSAGE_REJECTED: (REFUSED, 0),
    FaultKind.ERROR_500_BEFORE: (IN_DOUBT, 0),
    FaultKind.ERROR_503_BEFORE: (IN_DOUBT, 0),
    FaultKind.RESET_BEFORE: (IN_DOUBT, 0),
    FaultKind.CLOSE_BEFORE: (IN_DOUBT, 0),
    FaultKind.TIMEOUT_BEFORE: (IN_DOUBT, 0),
    FaultKind.ERROR_500_AFTER: (IN_DOUBT, 1),
    FaultKind.ERROR_503_AFTER: (IN_DOUBT, 1),
    FaultKind.RESET_AFTER: (IN_DOUBT, 1),
    FaultKind.CLOSE_AFTER: (IN_DOUBT, 1),
    FaultKind.TIMEOUT_AFTER: (IN_DOUBT, 1),
    FaultKind.GARBAGE_AFTER: (IN_DOUBT, 1),
    FaultKind.HALF_ANSWER_AFTER: (IN_DOUBT, 1),
    FaultKind.SLOW: (ACCEPTED, 1),
}
OF_THE_CRASH_TABLE = {FaultKind.KILL_BEFORE, FaultKind.KILL_AFTER, FaultKind.KILL_AFTER_ANSWER}
OF_BULK_CALLS = {FaultKind.ENTRY_STATUS}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_has_its_outcome_and_is_met_once(double: SesDouble, ses: Ses, fault: FaultKind) -> None:
    expected, accepted = FAULTS[fault]
    double.script({"do": f"{fault}:0.01" if fault is FaultKind.SLOW else fault})

    assert kind(ses.send(PARCEL)) == expected
    assert [call.operation for call in double.calls()] == ["SendEmail"]
    assert len(double.accepted()) == accepted


def test_no_fault_of_the_double_is_left_out() -> None:
    assert FAULTS.keys() | OF_THE_CRASH_TABLE | OF_BULK_CALLS == set(FaultKind)


def test_the_next_message_after_a_fault_goes_out(double: SesDouble, ses: Ses) -> None:
    double.script({"when": {"nth": 1}, "do": "reset_after"})

    assert [kind(ses.send(PARCEL)) for _ in range(2)] == [IN_DOUBT, ACCEPTED]


@pytest.mark.parametrize(
    ("changes", "expected", "said"),
    [
        ({"sandbox": True}, REFUSED, READER),
        ({"identities": []}, STOPPED, "news@example.com"),
        ({"sending_enabled": False}, STOPPED, "SendingPausedException"),
        ({"enforcement_status": "SHUTDOWN"}, STOPPED, "AccountSuspendedException"),
        ({"configuration_sets": ["other"]}, STOPPED, "NotFoundException"),
        ({"paused_configuration_sets": ["events"]}, STOPPED, "SendingPausedException"),
        (
            {
                "identities": [
                    {"name": "example.com", "mail_from_domain": "m.example.com", "mail_from_status": "FAILED"}
                ]
            },
            STOPPED,
            "MailFromDomainNotVerifiedException",
        ),
        ({"max_24_hour_send": 5, "sent_last_24_hours": 5}, STOPPED, "Daily message quota"),
        (
            {"max_24_hour_send": 5, "sent_last_24_hours": 5, "quota_error": "LimitExceededException"},
            STOPPED,
            "Daily message quota",
        ),
        (
            {"max_24_hour_send": 5, "sent_last_24_hours": 5, "quota_error": "ThrottlingException"},
            STOPPED,
            "Daily message quota",
        ),
    ],
)
def test_an_account_that_does_not_send_is_not_one_reader_who_is_refused(
    double: SesDouble, at: Callable[..., Ses], changes: dict[str, Any], expected: object, said: str
) -> None:
    double.configure(**changes)

    outcome = at(double.endpoint, configuration_set="events").send(PARCEL)

    assert kind(outcome) == expected
    assert said in getattr(outcome, "reason", "")
    assert not double.accepted()


def test_a_reader_whose_address_ends_the_senders_is_told_apart(double: SesDouble, ses: Ses) -> None:
    double.configure(identities=[])

    assert kind(ses.send(Parcel("d-1", "m-1", "s@example.com", MESSAGE))) == STOPPED


def test_wrong_keys_stop(double: SesDouble, at: Callable[..., Ses], environment: pytest.MonkeyPatch) -> None:
    with environment.context() as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
        wrong_secret = at(double.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "guessed")
        wrong_key = at(double.endpoint)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")

        for each in (wrong_secret, wrong_key):
            assert kind(each.send(PARCEL)) == STOPPED
            with pytest.raises(TransportError) as raised:
                each.allowance()
            assert "credentials" in raised.value.hint
    assert {call.error for call in double.calls()} == {"SignatureDoesNotMatch", "UnrecognizedClientException"}


def test_a_message_arrives_byte_for_byte_with_its_envelope_and_tags(double: SesDouble, at: Callable[..., Ses]) -> None:
    outcome = at(double.endpoint, configuration_set="events").send(
        Parcel("d-1", "test-späti 1.2", "other@example.net", MESSAGE)
    )

    (accepted,) = double.accepted()
    assert outcome == Accepted(accepted.message_id)
    assert accepted.raw == MESSAGE
    assert accepted.address == "other@example.net"
    assert accepted.configuration_set == "events"
    assert accepted.tags == {"delivery": "d-1", "mailing": "test-sp-ti-1-2"}
    assert accepted.source == "=?utf-8?q?N=C3=A9ws?= <news@example.com>"


def test_without_a_configuration_set_none_is_named(double: SesDouble, ses: Ses) -> None:
    ses.send(PARCEL)

    assert double.accepted()[0].configuration_set == ""


@pytest.mark.parametrize(
    ("account", "allowance", "lanes"),
    [
        ({"max_send_rate": 14, "max_24_hour_send": 50_000}, Allowance(14, 50_000), 5),
        ({"max_send_rate": 1, "max_24_hour_send": 200, "sent_last_24_hours": 150}, Allowance(1, 50), 2),
        ({"max_send_rate": 14, "max_24_hour_send": 200, "sent_last_24_hours": 900}, Allowance(14, 0), 5),
        ({"max_send_rate": 5000, "max_24_hour_send": -1}, Allowance(5000, None), MAX_LANES),
        ({"max_send_rate": 0.5, "max_24_hour_send": 0.5}, Allowance(0.5, 0), 2),
        ({"max_send_rate": 14, "enforcement_status": "PROBATION"}, Allowance(14, None), 5),
    ],
)
def test_the_account_says_what_it_permits(
    double: SesDouble, ses: Ses, account: dict[str, float], allowance: Allowance, lanes: int
) -> None:
    double.configure(**account)

    assert ses.allowance() == allowance
    assert ses.lanes == lanes


def test_a_sandbox_is_noticed(double: SesDouble, ses: Ses) -> None:
    double.configure(sandbox=True)

    assert "sandbox" in ses.allowance().notice


@pytest.mark.parametrize(
    ("account", "words"),
    [({"sending_enabled": False}, "paused"), ({"enforcement_status": "SHUTDOWN"}, "shut down")],
)
def test_an_account_that_may_not_send_stops_before_anything_begins(
    double: SesDouble, ses: Ses, account: dict[str, object], words: str
) -> None:
    double.configure(**account)

    with pytest.raises(MailingStopped, match=words) as raised:
        ses.allowance()
    assert raised.value.hint


def ok(body: str | bytes, status: str = "200 OK") -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data


def test_an_account_without_any_rate_may_not_send(server: Answering, puzzled: Ses) -> None:
    server.answer = ok(json.dumps({"SendQuota": {"MaxSendRate": 0, "Max24HourSend": 200, "SentLast24Hours": 0}}))

    with pytest.raises(MailingStopped, match="no sending"):
        puzzled.allowance()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("throttle", "wait a moment"),
        ("bad_request", "README"),
        ("error_500_before", "SES has trouble"),
        ("reset_before", "check the network"),
        ("timeout_before", "check the network"),
        ("garbage_after", "a proxy"),
        ("half_answer_after", "a proxy"),
    ],
)
def test_an_account_that_cannot_be_asked_is_an_error_that_helps(
    double: SesDouble, ses: Ses, fault: str, said: str
) -> None:
    double.script({"when": {"operation": "GetAccount"}, "do": fault})

    with pytest.raises(TransportError) as raised:
        ses.allowance()
    assert said in raised.value.hint
    assert len(double.calls()) == 1


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
    ("failed", "expected"),
    [
        (READER, REFUSED),
        (READER.upper(), REFUSED),
        (f"news@example.com, {READER}", STOPPED),
        ("arn:aws:ses:us-east-1:123456789012:identity/example.com", STOPPED),
    ],
)
def test_identities_that_are_not_verified_concern_all_unless_it_is_the_readers(
    server: Answering, puzzled: Ses, failed: str, expected: object
) -> None:
    said = f"Email address is not verified. The following identities failed the check in region US-EAST-1: {failed}"
    server.answer = ok(json.dumps({"__type": "MessageRejected", "message": said}), "400 Bad Request")

    assert kind(puzzled.send(PARCEL)) == expected


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


@pytest.mark.parametrize("missing", [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY",)])
def test_without_credentials_nothing_leaves_and_the_hint_says_where_to_read(
    double: SesDouble, at: Callable[..., Ses], environment: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    with environment.context() as patch:
        for name in missing:
            patch.delenv(name)
        with pytest.raises(NotConfigured) as raised:
            at(double.endpoint).allowance()
    assert "README" in raised.value.hint
    assert not double.calls()


def test_credentials_that_vanish_stop_the_mailing(
    double: SesDouble, at: Callable[..., Ses], environment: pytest.MonkeyPatch
) -> None:
    with environment.context() as patch:
        patch.delenv("AWS_ACCESS_KEY_ID")
        patch.delenv("AWS_SECRET_ACCESS_KEY")
        assert kind(at(double.endpoint).send(PARCEL)) == STOPPED


@pytest.mark.parametrize(
    "settings",
    [
        SesSettings(region=None),
        SesSettings(region="not a region"),
        SesSettings(region="us-east-1", profile="nobody"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_settings_that_lead_nowhere_are_told_before_anything_begins(settings: SesSettings) -> None:
    with pytest.raises(NotConfigured) as raised:
        Ses(settings)
    assert "README" in raised.value.hint


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

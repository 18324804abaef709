"""The way of a call: connections kept alive, proxies, endpoints, certificates and credentials."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import Session

from newsletter.core.delivery import Deferred
from newsletter.core.publication import SesSettings
from newsletter.edges.ses import Ses
from newsletter.errors import NewsletterError
from tests.edges.answering import Answering, answering
from tests.edges.certificates import make_certificate
from tests.edges.speaking import ACCEPTED, IN_DOUBT, NOT_REACHED, PARCEL, SHEET, THROTTLED, entry, kind, ok

TAKEN = ok('{"MessageId": "m"}')
KEPT = TAKEN.replace(b"Connection: close\r\n", b"")


@pytest.fixture
def patch(environment: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("no_proxy", "NO_PROXY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy"):
            patch.delenv(name, raising=False)
        yield patch


@pytest.fixture
def proxy(patch: pytest.MonkeyPatch) -> Iterator[Answering]:
    with answering(TAKEN) as server:
        patch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
        patch.setenv("https_proxy", f"http://127.0.0.1:{server.port}")
        yield server


def test_a_connection_that_was_closed_in_the_pause_is_no_doubt(server: Answering, puzzled: Ses) -> None:
    server.answer = KEPT

    for _ in range(10):
        while server.closed.acquire(blocking=False):
            pass
        assert kind(puzzled.send(PARCEL)) == ACCEPTED
        assert server.closed.acquire(timeout=5)
    assert len(server.requests) == 10


def test_a_connection_closed_while_a_request_was_under_way_is_a_doubt(server: Answering, puzzled: Ses) -> None:
    server.answer = KEPT
    puzzled.send(PARCEL)
    assert server.closed.acquire(timeout=5)
    server.answer = b""

    assert kind(puzzled.send(PARCEL)) == IN_DOUBT
    assert len(server.requests) == 2


def test_a_proxy_of_the_environment_is_used_and_may_be_left_out(
    proxy: Answering, patch: pytest.MonkeyPatch, at: Callable[..., Ses]
) -> None:
    assert kind(at("http://ses.example.com").send(PARCEL)) == ACCEPTED
    assert proxy.requests[0].startswith(b"POST http://ses.example.com/v2/email/outbound-emails HTTP/1.1")

    patch.setenv("no_proxy", "127.0.0.1")
    with answering(TAKEN) as server:
        assert kind(at(f"http://127.0.0.1:{server.port}").send(PARCEL)) == ACCEPTED
        assert len(server.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_nobody_answers_at_is_a_certain_non_send(
    patch: pytest.MonkeyPatch, at: Callable[..., Ses], closed_port: str, scheme: str
) -> None:
    patch.setenv(f"{scheme}_proxy", closed_port)

    assert kind(at(f"{scheme}://ses.example.com").send(PARCEL)) == NOT_REACHED


def test_a_proxy_that_lets_nobody_through_is_a_certain_non_send(proxy: Answering, at: Callable[..., Ses]) -> None:
    proxy.answer = ok("", "403 Forbidden")

    assert kind(at("https://ses.example.com").send(PARCEL)) == NOT_REACHED
    assert [request.split()[0] for request in proxy.requests] == [b"CONNECT"]


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-"])
def test_a_proxy_that_is_lost_with_the_request_in_its_hands_is_a_doubt(
    proxy: Answering, at: Callable[..., Ses], answer: bytes
) -> None:
    proxy.answer = answer

    assert kind(at("http://ses.example.com").send(PARCEL)) == IN_DOUBT
    assert [request.split()[0] for request in proxy.requests] == [b"POST"]


@pytest.mark.parametrize(
    ("status", "expected"), [("200 OK", IN_DOUBT), ("429 Too Many Requests", THROTTLED), ("500 Broken", IN_DOUBT)]
)
def test_an_answer_that_is_cut_short_says_what_its_status_says(
    server: Answering, puzzled: Ses, status: str, expected: object
) -> None:
    server.answer = f'HTTP/1.1 {status}\r\nContent-Length: 100\r\n\r\n{{"MessageId'.encode()

    assert kind(puzzled.send(PARCEL)) == expected
    server.answer = TAKEN
    assert kind(puzzled.send(PARCEL)) == ACCEPTED  # over another connection


def test_an_answer_in_chunks_is_read_whole_and_one_that_breaks_off_is_a_doubt(server: Answering, puzzled: Ses) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.answer = head + b'7\r\n{"Messa\r\n9\r\ngeId":"m"\r\n1\r\n}\r\n'

    assert kind(puzzled.send(PARCEL)) == IN_DOUBT
    server.answer += b"0\r\n\r\n"
    assert kind(puzzled.send(PARCEL)) == ACCEPTED


@pytest.mark.parametrize(
    "answer",
    [
        KEPT,
        KEPT.replace(b"\r\n\r\n", b"\r\nConnection: Keep-Alive\r\n\r\n"),
        KEPT.replace(b"\r\n\r\n", b"\r\nX-Folded: one\r\n two\r\n\r\n"),
        KEPT + b"what nobody announced",
        b"HTTP/1.1 100 Continue\r\n\r\n" + KEPT,
        b"HTTP/1.0 200 OK\r\n\r\n" + KEPT.partition(b"\r\n\r\n")[2],
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 60_000 + KEPT[len(b"HTTP/1.1 200 OK") :],
        ok('{"MessageId": "m", "Padding": "' + "x" * 300_000 + '"}').replace(b"Connection: close\r\n", b""),
    ],
)
def test_an_answer_is_understood_however_it_is_framed(server: Answering, at: Callable[..., Ses], answer: bytes) -> None:
    server.answer = answer
    # Its own connection: the server ends each after one answer, also those that the answer says will be kept.
    outcome = at(f"http://127.0.0.1:{server.port}").send(PARCEL)

    assert kind(outcome) == ACCEPTED


def test_the_host_is_named_once_and_signed(server: Answering, puzzled: Ses) -> None:
    server.answer = TAKEN
    puzzled.send(PARCEL)

    lines = server.requests[0].partition(b"\r\n\r\n")[0].lower().split(b"\r\n")
    assert [line for line in lines if line.startswith(b"host:")] == [f"host: 127.0.0.1:{server.port}".encode()]
    signed = headers_of(server.requests[0])["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    assert "host" in signed.split(";")


@pytest.mark.parametrize(
    ("region", "choice"),
    [
        ("cn-north-1", {}),
        ("us-east-1", {"AWS_ENDPOINT_URL": "http://everything.example.com"}),
        ("us-east-1", {"AWS_ENDPOINT_URL_SESV2": "http://mail.example.com:8080/path"}),
        ("us-gov-west-1", {"AWS_USE_FIPS_ENDPOINT": "true"}),
        ("eu-central-1", {"AWS_USE_DUALSTACK_ENDPOINT": "true"}),
    ],
)
def test_messages_go_where_the_client_asks_about_the_account(
    proxy: Answering, patch: pytest.MonkeyPatch, region: str, choice: Mapping[str, str]
) -> None:
    proxy.answer = ok("", "403 Forbidden")
    for name, value in choice.items():
        patch.setenv(name, value)
    ses = Ses(SesSettings(region=region))

    with pytest.raises(NewsletterError):
        ses.allowance()
    ses.send(PARCEL)
    ses.close()

    asked, sent = (request.split()[1].removesuffix(b"/v2/email/account") for request in proxy.requests)
    assert sent.removesuffix(b"/v2/email/outbound-emails") == asked


@pytest.mark.parametrize("way", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "ca_bundle"])
def test_a_certificate_is_trusted_where_botocore_would(
    patch: pytest.MonkeyPatch, at: Callable[..., Ses], tmp_path: Path, way: str
) -> None:
    file, context = make_certificate(tmp_path)
    if way == "ca_bundle":
        config = tmp_path / "config"
        keys = "aws_access_key_id = testing\naws_secret_access_key = testing\n"
        config.write_text(f"[profile company]\nca_bundle = {file}\n{keys}")
        patch.setenv("AWS_CONFIG_FILE", str(config))
    else:
        patch.setenv(way, str(file))
    with answering(b"this is no TLS record", tls=context) as server:
        at(f"https://127.0.0.1:{server.port}", profile="company" if way == "ca_bundle" else None).send(PARCEL)

    assert [request.split()[0] for request in server.requests] == [b"POST"]


def test_whom_to_trust_is_read_once(patch: pytest.MonkeyPatch, at: Callable[..., Ses], tmp_path: Path) -> None:
    file, context = make_certificate(tmp_path)
    patch.setenv("AWS_CA_BUNDLE", str(file))
    with answering(b"this is no TLS record", tls=context) as server:
        ses = at(f"https://127.0.0.1:{server.port}")
        ses.send(PARCEL)
        file.unlink()
        ses.send(PARCEL)
    assert len(server.requests) == 2


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_with_nobody_to_trust_nothing_leaves(
    patch: pytest.MonkeyPatch, at: Callable[..., Ses], tmp_path: Path, content: str | None
) -> None:
    _, context = make_certificate(tmp_path)
    bundle = tmp_path / "bundle.pem"
    if content:
        bundle.write_text(content)
    patch.setenv("AWS_CA_BUNDLE", str(bundle))
    with answering(TAKEN, tls=context) as server:
        outcome = at(f"https://127.0.0.1:{server.port}").send(PARCEL)
    assert isinstance(outcome, Deferred)
    assert outcome.stop
    assert f"no trusted certificates can be read from {bundle}" in outcome.reason
    assert not server.requests


def test_credentials_that_expire_are_fetched_anew(
    patch: pytest.MonkeyPatch, tmp_path: Path, server: Answering, at: Callable[..., Ses]
) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    tally, program, config = tmp_path / "tally", tmp_path / "keys.py", tmp_path / "config"
    program.write_text(
        f"import json\nwith open({str(tally)!r}, 'a+') as file:\n    file.write('x')\n    number = file.tell()\n"
        f"print(json.dumps({{'Version': 1, 'AccessKeyId': f'KEY{{number}}', 'SecretAccessKey': 's', "
        f"'SessionToken': f'TOKEN{{number}}', 'Expiration': {soon!r}}}))\n"
    )
    config.write_text(f"[profile role]\ncredential_process = {sys.executable} {program}\n")
    patch.setenv("AWS_CONFIG_FILE", str(config))
    patch.delenv("AWS_ACCESS_KEY_ID")
    patch.delenv("AWS_SECRET_ACCESS_KEY")
    server.answer = TAKEN
    ses = at(f"http://127.0.0.1:{server.port}", profile="role")

    assert [kind(ses.send(PARCEL)) for _ in range(2)] == [ACCEPTED] * 2

    first, second = (headers_of(request) for request in server.requests)
    assert key_of(first) != key_of(second)
    for headers in (first, second):
        assert headers["x-amz-security-token"] == key_of(headers).replace("KEY", "TOKEN")
        assert "x-amz-security-token" in headers["authorization"]


def headers_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


def key_of(headers: Mapping[str, str]) -> str:
    return headers["authorization"].partition("Credential=")[2].partition("/")[0]


def test_the_requests_are_those_that_a_client_would_make(server: Answering, at: Callable[..., Ses]) -> None:
    server.answer = TAKEN
    endpoint = f"http://127.0.0.1:{server.port}"
    client: Any = Session().create_client("sesv2", "us-east-1", endpoint_url=endpoint)
    ses = at(endpoint, configuration_set="events")
    tags = [{"Name": "delivery", "Value": "d-1"}, {"Name": "mailing", "Value": "m-1"}]
    content = {"Subject": SHEET.subject, "Text": SHEET.text, "Html": SHEET.html}
    headers = [{"Name": name, "Value": value} for name, value in entry(1).headers]
    data = {"ReplacementTemplate": {"ReplacementTemplateData": '{"name":"J\u00fcrgen"}'}}

    ses.send(PARCEL)
    client.send_email(
        Destination={"ToAddresses": [PARCEL.address]},
        Content={"Raw": {"Data": PARCEL.message}},
        EmailTags=tags,
        ConfigurationSetName="events",
    )
    ses.send_bulk(SHEET, "m-1", [entry(1, name="J\u00fcrgen")])
    client.send_bulk_email(
        FromEmailAddress=SHEET.sender,
        ReplyToAddresses=[SHEET.reply_to],
        DefaultContent={"Template": {"TemplateContent": content, "TemplateData": '{"name":"reader","leave":""}'}},
        BulkEmailEntries=[
            {
                "Destination": {"ToAddresses": [entry(1).to]},
                "ReplacementTags": tags,
                "ReplacementEmailContent": data,
                "ReplacementHeaders": headers,
            }
        ],
        ConfigurationSetName="events",
    )
    client.close()

    single, its, bulk, its_bulk = server.requests
    for ours, theirs in ((single, its), (bulk, its_bulk)):
        assert ours.partition(b"\r\n")[0] == theirs.partition(b"\r\n")[0]
        assert body_of(ours) == body_of(theirs)
        assert headers_of(ours)["content-type"] == headers_of(theirs)["content-type"]


@pytest.mark.parametrize("token", [None, "a/session+token==", " another  one\t"])
@pytest.mark.parametrize("path", ["", "/a//proxy/~us+er"])
def test_the_signature_is_that_of_a_client(
    server: Answering, patch: pytest.MonkeyPatch, at: Callable[..., Ses], token: str | None, path: str
) -> None:
    server.answer = TAKEN
    if token:
        patch.setenv("AWS_SESSION_TOKEN", token)
    at(f"http://127.0.0.1:{server.port}{path}").send(PARCEL)

    (request,) = server.requests
    target, headers = request.split(b" ")[1].decode(), headers_of(request)
    keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], token)
    plain = {name: headers[name] for name in ("host", "content-type")}
    data = request.partition(b"\r\n\r\n")[2]
    theirs = AWSRequest("POST", f"http://127.0.0.1:{server.port}{target}", headers=plain, data=data)
    at_once = datetime.strptime(headers["x-amz-date"], SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - at_once) < timedelta(minutes=1)
    patch.setattr("botocore.auth.get_current_datetime", lambda: at_once)
    SigV4Auth(keys, "ses", "us-east-1").add_auth(theirs)
    for name in ("Authorization", "X-Amz-Date", "X-Amz-Security-Token"):
        assert headers.get(name.lower(), "") == theirs.headers.get(name, "").strip()


def body_of(request: bytes) -> object:
    return json.loads(request.partition(b"\r\n\r\n")[2])

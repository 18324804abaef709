import hashlib
import hmac
import http.client
import json
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.doubles import REGION, SECRET_KEY, SesDouble
from tests.doubles.requests import refused

PATH = "/v2/email/account"


def _signed(
    path: str = PATH, *, secret: str = SECRET_KEY, service: str = "ses", at: float | None = None
) -> dict[str, str]:
    stamp = datetime.fromtimestamp(time.time() if at is None else at, UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{REGION}/{service}/aws4_request"
    empty = hashlib.sha256(b"").hexdigest()
    canonical = f"GET\n{path}\n\nhost:localhost\nx-amz-date:{stamp}\n\nhost;x-amz-date\n{empty}"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = f"AWS4-HMAC-SHA256 Credential=testing/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}"
    return {"Host": "localhost", "X-Amz-Date": stamp, "Authorization": credential}


def _get(ses: SesDouble, headers: dict[str, str], path: str = PATH) -> tuple[int, str | None, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", ses.port, timeout=5)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, response.headers["x-amzn-ErrorType"], body


def test_a_right_signature_is_taken(ses: SesDouble) -> None:
    assert _get(ses, _signed())[0] == 200


@pytest.mark.parametrize(
    ("make_headers", "status", "error", "complaint"),
    [
        (dict, 403, "MissingAuthenticationToken", "missing"),
        (lambda: {"Authorization": "Basic dGVzdGluZzp0ZXN0aW5n"}, 400, "IncompleteSignature", "form of AWS4"),
        (lambda: _signed(secret="guessed"), 403, "SignatureDoesNotMatch", "we calculated"),
        (lambda: _signed("/v2/email/identities"), 403, "SignatureDoesNotMatch", "we calculated"),
        (lambda: _signed() | {"Host": "elsewhere"}, 403, "SignatureDoesNotMatch", "we calculated"),
        (lambda: _signed(service="email"), 403, "SignatureDoesNotMatch", "correct service"),
        (lambda: _signed() | {"X-Amz-Security-Token": "unsigned"}, 403, "SignatureDoesNotMatch", "must be signed"),
        (lambda: _signed(at=time.time() - 3600), 400, "RequestExpired", "expired"),
        (lambda: _signed() | {"X-Amz-Date": "today"}, 400, "IncompleteSignature", "ISO-8601"),
        (lambda: _signed() | {"X-Amz-Date": "20200101T000000Z"}, 400, "IncompleteSignature", "Credential scope"),
    ],
)
def test_a_wrong_signature_is_refused(
    ses: SesDouble, make_headers: Callable[[], dict[str, str]], status: int, error: str, complaint: str
) -> None:
    answered, kind, body = _get(ses, make_headers())

    assert (answered, kind) == (status, error)
    assert complaint in body["message"]


def test_boto3_with_a_wrong_secret_is_refused(ses: SesDouble) -> None:
    client = ses.client(aws_secret_access_key="guessed")

    with pytest.raises(ClientError) as raised:
        client.get_account()

    client.close()
    assert refused(raised) == (403, "SignatureDoesNotMatch")


def test_boto3_with_an_unknown_access_key_is_refused(ses: SesDouble) -> None:
    client = ses.client(aws_access_key_id="somebody")

    with pytest.raises(ClientError) as raised:
        client.get_account()

    client.close()
    assert refused(raised) == (403, "UnrecognizedClientException")


def test_a_changed_body_is_refused(ses: SesDouble) -> None:
    with socket.create_connection(("127.0.0.1", ses.port), timeout=5) as connection:
        head = "".join(f"{name}: {value}\r\n" for name, value in _signed().items())
        connection.sendall(f"GET {PATH} HTTP/1.1\r\n{head}Content-Length: 2\r\n\r\n{{}}".encode())

        assert connection.recv(4096).startswith(b"HTTP/1.1 403 ")


def test_the_class_of_the_error_can_be_chosen(ses: SesDouble) -> None:
    ses.configure(signature_error="InvalidSignatureException")

    assert _get(ses, _signed(secret="guessed"))[1] == "InvalidSignatureException"


def test_the_check_can_be_switched_off(ses: SesDouble) -> None:
    ses.configure(check_signature=False)

    assert _get(ses, {})[0] == 200


def test_what_the_service_does_not_have_is_unknown(ses: SesDouble) -> None:
    path = "/v2/email/contact-lists"

    assert _get(ses, _signed(path), path)[:2] == (404, "UnknownOperationException")

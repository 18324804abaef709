"""Requests as a right client makes them, to be spoilt one detail at a time by the tests."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_sesv2 import SESV2Client

SENDER: Final = "News <news@example.com>"
READER: Final = "reader@example.net"
HEADERS: Final = (
    b"From: News <news@example.com>\r\n"
    b"To: reader@example.net\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"MIME-Version: 1.0\r\n"
    b"List-Unsubscribe: <https://example.com/u/1>\r\n"
    b"X-Newsletter-Delivery: d-1\r\n"
)
RAW: Final = HEADERS + b"\r\nHello\r\n"


def send_raw(
    client: SESV2Client,
    message: bytes = RAW,
    *,
    to: str | Sequence[str] = READER,
    tags: Mapping[str, str] | None = None,
    **more: Any,
) -> str:
    """Send a raw message and return its id."""
    addresses = [to] if isinstance(to, str) else list(to)
    more.setdefault("FromEmailAddress", SENDER)
    answer = client.send_email(
        Destination={"ToAddresses": addresses},
        Content={"Raw": {"Data": message}},
        EmailTags=[{"Name": name, "Value": value} for name, value in (tags or {}).items()],
        **more,
    )
    return answer["MessageId"]


def send_simple(client: SESV2Client, headers: Sequence[tuple[str, str]] = (), *, to: str = READER) -> str:
    body: dict[str, Any] = {
        "Subject": {"Data": "Hello"},
        "Body": {"Text": {"Data": "Hello"}},
        "Headers": [{"Name": name, "Value": value} for name, value in headers],
    }
    destination: Any = {"ToAddresses": [to]}
    content: Any = {"Simple": body}
    return client.send_email(FromEmailAddress=SENDER, Destination=destination, Content=content)["MessageId"]


def entry(to: str = READER, data: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return one entry of a bulk call."""
    replacement = {"ReplacementTemplate": {"ReplacementTemplateData": json.dumps(data or {})}}
    return {"Destination": {"ToAddresses": [to]}, "ReplacementEmailContent": replacement, **more}


def send_bulk(
    client: SESV2Client,
    entries: Sequence[Mapping[str, Any]],
    *,
    html: str = "<p>Hello {{name}}</p>",
    data: Mapping[str, Any] | None = None,
    template: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[str]:
    """Send a bulk call and return the status of every entry."""
    content = {
        "TemplateContent": {"Subject": "Hello {{name}}", "Html": html},
        "TemplateData": json.dumps({"name": "reader"} if data is None else data),
        **(template or {}),
    }
    arguments: Any = {"DefaultContent": {"Template": content}, "BulkEmailEntries": entries, **more}
    answer = client.send_bulk_email(FromEmailAddress=SENDER, **arguments)
    return [str(result.get("Status")) for result in answer["BulkEmailEntryResults"]]


def refused(raised: pytest.ExceptionInfo[ClientError]) -> tuple[int, str]:
    """Return status and error type of a refused call."""
    response = raised.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]

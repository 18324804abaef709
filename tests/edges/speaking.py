"""What the tests of the SES edge say and expect, and how they make an edge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from newsletter.core.bulk import Entry, Sheet
from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.core.publication import SesSettings
from newsletter.core.ways import Parcel
from newsletter.edges.ses import Ses

READER = "reader@example.net"
MESSAGE = (
    b"From: =?utf-8?q?N=C3=A9ws?= <news@example.com>\r\nTo: reader@example.net\r\nSubject: Hello\r\n"
    b"X-Newsletter-Delivery: d-1\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: 8bit\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n=2E dot\r\n..two dots\r\n\xc3\xa9\t \r\nFrom here\r\n"
)
PARCEL = Parcel("d-1", "m-1", READER, MESSAGE)
SHEET = Sheet(
    sender="=?utf-8?q?N=C3=A9ws?= <news@example.com>",
    reply_to="answers@example.com",
    subject="Hello {{name}}",
    text="Grüße, {{name}}: {{leave}}\n",
    html="<p>Grüße, {{name}}: <a href='{{leave}}'>leave</a></p>",
    defaults={"name": "reader", "leave": ""},
)
SECRET = "testing"

IN_DOUBT = (InDoubt, False, False)
THROTTLED = (Deferred, True, False)
STOPPED = (Deferred, False, True)
NOT_REACHED = (Deferred, False, False)
REFUSED = (Refused, False, False)
ACCEPTED = (Accepted, False, False)


def opened(endpoint: str, **settings: Any) -> Iterator[Ses]:
    made = Ses(SesSettings(region="us-east-1", endpoint_url=endpoint, **settings), patience=0.4)
    yield made
    made.close()


def entry(number: int, address: str = "", **values: str) -> Entry:
    to = f"Reader <{address or f'reader{number}@example.net'}>"
    headers = (("List-Unsubscribe", f"<https://example.com/u/{number}>"), ("X-Newsletter-Delivery", f"d-{number}"))
    return Entry(f"d-{number}", to, values, headers)


def entries(count: int, *, bad: Collection[int] = ()) -> list[Entry]:
    """Return entries; the bad ones have an address that SES refuses."""
    return [entry(number, "grüße@example.net" if number in bad else "") for number in range(count)]


def kinds(outcomes: Sequence[Outcome]) -> list[tuple[type[Outcome], bool, bool]]:
    return [kind(outcome) for outcome in outcomes]


def kind(outcome: Outcome) -> tuple[type[Outcome], bool, bool]:
    """Return an outcome without its words; whatever stops has a hint."""
    if not isinstance(outcome, Deferred):
        return type(outcome), False, False
    assert outcome.hint or not outcome.stop
    return Deferred, outcome.throttled, outcome.stop


def ok(body: str | bytes, status: str = "200 OK") -> bytes:
    data = body.encode() if isinstance(body, str) else body
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode() + data

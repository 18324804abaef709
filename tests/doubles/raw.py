"""Raw messages: what a careful receiver expects of their bytes, headers and parts (RFC 5322, 2045, 2047)."""

import re
from collections import Counter
from email import message_from_bytes
from email.message import Message
from typing import Final

from tests.doubles.errors import bad_request
from tests.doubles.fields import check_list_header

MAX_LINE: Final = 998
_NAME: Final = re.compile(r"[!-9;-~]+")
_ONLY_ONCE: Final = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "bcc", "message-id", "in-reply-to", "references", "subject", "date"}
    | {"mime-version", "content-type", "content-transfer-encoding", "return-path"}
    | {"list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "list-post", "list-archive"}
    | {"list-owner", "list-subscribe"}
)
Headers = list[tuple[str, str]]


def headers_of(message: bytes) -> Headers:
    """Read the header block, unfolded and in order, with the checks that reading it needs."""
    block, blank, _ = message.partition(b"\r\n\r\n")
    if not blank:
        raise bad_request("The raw message has no end of its headers (an empty line).")
    if not block.isascii():
        raise bad_request("The headers of the raw message have bytes that are not ASCII.")
    headers: Headers = []
    for line in block.decode("ascii").split("\r\n"):
        if line[:1] in {" ", "\t"}:
            if not headers or not line.strip():
                raise bad_request("The raw message has a folded line that continues nothing.")
            name, value = headers.pop()
            headers.append((name, f"{value} {line.strip()}"))
            continue
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise bad_request(f"The raw message has a line in its headers that is none: {line[:60]!r}")
        headers.append((name, value.strip()))
    return headers


def check_bytes(message: bytes) -> None:
    """Check line ends, line lengths, NULs and 8-bit bytes."""
    ends = message.count(b"\r\n")
    if message.count(b"\r") != ends or message.count(b"\n") != ends:
        raise bad_request("The raw message has a bare CR or a bare LF: lines end in CRLF.")
    if _has_long_line(message):
        raise bad_request(f"The raw message has a line of more than {MAX_LINE} octets.")
    if b"\0" in message:
        raise bad_request("The raw message has a NUL byte.")
    if not message.isascii():
        _check_eight_bit(message_from_bytes(message))


def check_headers(headers: Headers, required: tuple[str, ...]) -> None:
    counts = Counter(name.lower() for name, _ in headers)
    for name in required:
        if not counts[name.lower()]:
            raise bad_request(f"The raw message has no {name} header.")
    if twice := sorted(name for name, count in counts.items() if count > 1 and name in _ONLY_ONCE):
        raise bad_request(f"The raw message has more than one {twice[0]} header.")
    for name, value in headers:
        check_list_header(name, value)


def header(headers: Headers, name: str) -> str:
    """Return the first value of a header, or an empty string."""
    return next((value for found, value in headers if found.lower() == name), "")


def _has_long_line(message: bytes) -> bool:
    """Leap from line end to line end, as far as one line may reach, rather than look at every line."""
    start = 0
    while len(message) - start > MAX_LINE:
        end = message.rfind(b"\n", start, start + MAX_LINE + 2)
        if end < 0:
            return True
        start = end + 1
    return False


def _check_eight_bit(message: Message) -> None:
    for part in message.walk():
        if part.is_multipart():
            around = f"{part.preamble or ''}{part.epilogue or ''}"
            declared = False
        else:
            around = str(part.get_payload())
            declared = str(part.get("Content-Transfer-Encoding", "")).strip().lower() in {"8bit", "binary"}
        if not declared and not around.isascii():
            raise bad_request("The raw message has 8-bit bytes in a part that does not declare 8bit.")
        if any(not str(value).isascii() for value in part.values()):
            raise bad_request("The raw message has a part with headers that are not ASCII.")

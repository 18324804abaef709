"""The body of a message: pieces that are the same for all, and values between them, in quoted-printable (RFC 2045).

Each value stands between soft line breaks of its own (RFC 2045 6.7), so no line's length depends on its neighbours.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

from newsletter.core.merge import Context, Field
from newsletter.core.slots import Template, escaped

CRLF = b"\r\n"
_SOFT = b"=\r\n"
# What quoted-printable leaves as it is, short enough for a line of its own: most values.
_PLAIN = re.compile(r"[A-EG-Za-z0-9](?:[ -<>-~]{0,70}[!-<>-~])?")
# A web address without `=`: it only needs breaking, and every message has several.
_LINK = re.compile(r"https?:[!-<>-~]+")
_LINK_LINE = 73
_LINE_START = re.compile(rb"(?m)^(\.|F(?=rom ))([^\r\n]*)")


def part(boundary: str, subtype: str) -> bytes:
    """Return what opens a body part: the boundary line and the part's own headers."""
    headers = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    return f"\r\n--{boundary}\r\n{headers}\r\n".encode()


class Body:
    """The parts of a body: pieces that are encoded already, and places that wait for the value of a slot."""

    def __init__(self, fields: Sequence[Field]) -> None:
        """Prepare for values in the order of `fields`."""
        self.fields = list(fields)
        self.sources = [field.source() for field in fields]
        self._pieces: list[bytes] = []
        self._places: dict[tuple[int, Context], list[int]] = {}

    def add_fixed(self, piece: bytes) -> None:
        """Add what is the same for all, as it is."""
        self._pieces.append(piece)

    def add(self, template: Template) -> None:
        """Add a text, its segments encoded here once for all recipients."""
        for index, segment in enumerate(template.segments):
            if index:
                slot = template.slots[index - 1]
                key = self.fields.index(slot.field), slot.context
                self._places.setdefault(key, []).append(len(self._pieces))
                self._pieces.append(b"")
            self._pieces.append(quoted_printable(segment))

    def filled(self, values: Sequence[str]) -> list[bytes]:
        """Return all pieces for one recipient; equal slots are escaped and encoded once."""
        pieces = self._pieces.copy()
        known: dict[str, bytes] = {}  # a link reads the same in text and HTML
        for (field, context), places in self._places.items():
            value = escaped(values[field], context)
            encoded = known.get(value)
            if encoded is None:
                encoded = known[value] = _SOFT + quoted_printable(value) + _SOFT
            for place in places:
                pieces[place] = encoded
        return pieces


def quoted_printable(text: str) -> bytes:
    """Return text in quoted-printable with CRLF line ends and lines of at most 76 octets (RFC 2045 6.7).

    A dot or "From " at the start of a line is encoded too: SMTP and mailbox files treat them specially.
    """
    if _PLAIN.fullmatch(text):
        return text.encode("ascii")
    if _LINK.fullmatch(text):
        lines = [text[at : at + _LINK_LINE] for at in range(0, len(text), _LINK_LINE)]
        if not any(line[0] == "." for line in lines):
            return "=\r\n".join(lines).encode("ascii")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    data = binascii.b2a_qp(text.replace("\n", "\r\n").encode(), istext=True)
    data = data.replace(b"\r\n", b"\n").replace(b"\n", CRLF)
    while _LINE_START.search(data):
        data = _LINE_START.sub(_escape_start, data)
    return data


def _escape_start(match: re.Match[bytes]) -> bytes:
    # A line that has no room for two octets more is broken, and what then starts a line is looked at again.
    room = b"" if len(match[0]) <= 74 else _SOFT
    return (b"=2E" if match[1] == b"." else b"=46") + room + match[2]

"""A build and a subscriber as the bytes of one message (RFC 5322, MIME RFC 2045 to 2047).

multipart/alternative: the plain text, then the HTML, or multipart/related with the HTML and the pictures in it.

Everything that is the same for all is encoded once; a message is those pieces joined with the subscriber's values.
A header is made by `_header` alone, which lets no line end through: headers cannot be injected.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import NamedTuple

from newsletter.core.assets import located, referenced
from newsletter.core.body import CRLF, Body, part
from newsletter.core.build import Build, Variant
from newsletter.core.delivery import DELIVERY_HEADER
from newsletter.core.facts import reading
from newsletter.core.merge import Field, Links
from newsletter.core.publication import Publication
from newsletter.core.related import addressed, closing, opening
from newsletter.core.subscriber import Addressed

_LINE_LIMIT = 998  # RFC 5322 2.1.1
_LINE_ADVICE = 78
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_UNSUBSCRIBE = Field("links", "unsubscribe")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"  # RFC 5322 3.2.3
_ATOMS = re.compile(f"{_ATOM}(?: {_ATOM})*")
_MAILABLE = r"[!-;=?A-~]+@[!-;=?A-~]+"  # printable ASCII, no angle brackets, no spaces
_ADDRESS = re.compile(_MAILABLE)
_PLAIN_MAILBOX = re.compile(f"{_ATOMS.pattern} <{_MAILABLE}>")
_SHORT_MAILBOX = _LINE_ADVICE - len("Reply-To: ") - len(" ")  # with the longest name of a header that holds one


class UnmailableAddress(ValueError):
    """An address cannot stand in a header; nothing can be sent to it."""


class Recipient(NamedTuple):
    """Whom one message is for, and the links that only they get."""

    subscriber: Addressed
    delivery_id: str
    links: Links


class Composer:
    """Makes the messages of one build; build it once, call `compose` for each recipient."""

    def __init__(self, build: Build, publication: Publication, *, mark: str = "", seen: Variant | None = None) -> None:
        """Encode what is the same for all. `mark` stands before the subject; with `seen`, everybody gets this variant.

        Pictures are parts of each message where the publication has no address for them.
        """
        sender = publication.sender
        self._domain = sender.address.rpartition("@")[2]
        self._mark = mark
        self._subject = build.subject_template()
        self._fixed_subject = self._subject_header(self._subject.segments[0]) if not self._subject.slots else None
        self._from = _header("From", mailbox(sender.name, sender.address))
        # "=_" cannot occur in quoted-printable (RFC 2045 6.7), so the boundary cannot occur in a part.
        boundary = f"=_{build.digest[:32]}"
        self._rest = b"".join(
            (
                _header("Reply-To", publication.reply_to) if publication.reply_to else b"",
                _header("List-Id", list_id(publication)),
                _header("MIME-Version", "1.0"),
                _header("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
            )
        )
        self._readers = reading(build.asked)
        self._seen = seen.simplest if seen else None
        self._bodies = {
            readers: body
            for variant in build.variants
            for body in [self._body(build, variant, boundary, publication.pictures_at)]
            for readers in variant.readers
        }
        self._dates: tuple[datetime, bytes] | None = None

    def compose(self, recipient: Recipient, at: datetime) -> bytes:
        """Return the message for one recipient, dated `at` (aware).

        Raises:
            UnmailableAddress: the address cannot stand in a header.
        """
        subscriber = recipient.subscriber
        body = self._bodies[self._readers(subscriber) if self._seen is None else self._seen]
        links = recipient.links
        values = [source(subscriber, links) for source in body.sources]
        return b"".join(
            (
                self._from,
                _header("To", mailbox(subscriber.display_name, subscriber.address)),
                self._fixed_subject
                or self._subject_header(self._subject.fill(dict(zip(body.fields, values, strict=True)).__getitem__)),
                self._date_header(at),
                _header("Message-ID", f"<{recipient.delivery_id}@{self._domain}>"),
                # RFC 8058 3.1: both headers, the HTTPS address first and alone.
                _header("List-Unsubscribe", f"<{values[0]}>"),
                b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
                _header(DELIVERY_HEADER, recipient.delivery_id),
                self._rest,
                *body.filled(values),
            )
        )

    def _body(self, build: Build, variant: Variant, boundary: str, pictures_at: str | None) -> Body:
        """Return the body of a variant, ready for the values of subject and body; the first is for unsubscribing."""
        names = referenced(variant.html) if pictures_at is None else frozenset[str]()
        html = located(variant.html, pictures_at) if pictures_at else addressed(variant.html, self._domain)
        templates = build.text_template(variant), build.html_template(replace(variant, html=html))
        used = {slot.field for template in (self._subject, *templates) for slot in template.slots}
        body = Body([_UNSUBSCRIBE, *sorted(used - {_UNSUBSCRIBE}, key=str)])
        body.add_fixed(part(boundary, "plain"))
        body.add(templates[0])
        # Neither boundary begins with the other.
        inner = f"=_related{boundary}" if names else boundary
        if names:
            body.add_fixed(opening(boundary, inner))
        body.add_fixed(part(inner, "html"))
        body.add(templates[1])
        if names:
            body.add_fixed(closing(inner, self._domain, (each for each in build.assets if each.name in names)))
        body.add_fixed(f"\r\n--{boundary}--\r\n".encode())
        return body

    def _subject_header(self, subject: str) -> bytes:
        return _header("Subject", unstructured(self._mark + subject, "Subject"))

    def _date_header(self, at: datetime) -> bytes:
        at = at.replace(microsecond=0)
        if self._dates is None or self._dates[0] != at:
            self._dates = (at, _header("Date", format_datetime(at)))
        return self._dates[1]


def mailbox(name: str, address: str) -> str:
    """Return a mailbox (RFC 5322 3.4) with its display name quoted or encoded (RFC 2047) as it needs.

    Raises:
        UnmailableAddress: the address is not printable ASCII without spaces and angle brackets.
    """
    whole = f"{name} <{address}>"
    if _PLAIN_MAILBOX.fullmatch(whole) and len(whole) <= _SHORT_MAILBOX and "=?" not in name:  # nearly always
        return whole
    if not _ADDRESS.fullmatch(address):
        raise UnmailableAddress("the address cannot stand in a mail header")
    phrase = _phrase(name, "Reply-To")
    if not phrase:
        return address
    last = len(phrase.rpartition("\n")[2])
    gap = " " if last + len(address) + len("Reply-To:   <>") <= _LINE_ADVICE else "\r\n "
    return f"{phrase}{gap}<{address}>"


def _phrase(name: str, header: str) -> str:
    """Return a display name (RFC 5322 3.2.5): as it is, quoted, or as encoded words (RFC 2047)."""
    if len(name) <= 60 and _ATOMS.fullmatch(name) and "=?" not in name:  # most names
        return name
    name = one_line(name)
    if not name.isascii() or len(name) > 60 or "=?" in name:
        return Header(name, "utf-8", header_name=header).encode(linesep="\r\n")
    return name if _ATOMS.fullmatch(name) or not name else '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def one_line(text: str) -> str:
    """Return text without line ends, other control characters and the spaces around it, as headers show it."""
    return _UNPRINTABLE.sub(" ", text).strip()


def unstructured(text: str, name: str) -> str:
    """Return free text for a header (RFC 5322 2.2.1), as encoded words (RFC 2047) unless it is short plain ASCII."""
    text = one_line(text)
    if text.isascii() and "=?" not in text and len(name) + 2 + len(text) <= _LINE_ADVICE:
        return text
    return Header(text, "utf-8", header_name=name).encode(linesep="\r\n")


def list_id(publication: Publication) -> str:
    """Return the List-Id header's value (RFC 2919 3): a phrase and the identifier."""
    return f"{_phrase(publication.name, 'List-Id')} <{publication.list_id}>"


def _header(name: str, value: str) -> bytes:
    """Return one header line; it may only be folded by CRLF and a space, and has no other line ends."""
    if "\r" in value or "\n" in value or "\0" in value:
        unfolded = value.replace("\r\n ", "")
        if "\r" in unfolded or "\n" in unfolded or "\0" in unfolded:
            raise ValueError(f"a line end inside the {name} header")
    line = f"{name}: {value}\r\n".encode("ascii")
    if len(line) > _LINE_LIMIT and max(map(len, line.split(CRLF))) > _LINE_LIMIT:
        raise ValueError(f"the {name} header is longer than {_LINE_LIMIT} octets")
    return line

"""SendEmail: one message, Raw or Simple, to at most 50 recipients."""

import binascii
from typing import Final

from tests.doubles import fields, raw, recipients
from tests.doubles.errors import Refusal, bad_request
from tests.doubles.ledger import Outgoing, digest
from tests.doubles.settings import Settings
from tests.doubles.shape import Members, inner, pairs, parsed, text

_HEAD_BYTES: Final = 8 * 1024
_DATA_KEYS: Final = (b'"Raw": {"Data": "', b'"Raw":{"Data":"')


class SingleCall:
    """A SendEmail request, read but not yet checked."""

    def __init__(self, body: bytes) -> None:
        self.members, self._data = _parsed_around_data(body)
        self.recipients = recipients.envelope(inner(self.members, "Destination"))

    def outgoing(self, settings: Settings, region: str) -> Outgoing:
        """Check everything and return the message."""
        recipients.check_recipients(self.recipients, settings, region)
        tags = pairs(self.members, "EmailTags")
        fields.check_tags(tags)
        content = inner(self.members, "Content")
        if len([name for name in ("Raw", "Simple", "Template") if content.get(name)]) != 1:
            raise bad_request("Content must have exactly one of Raw, Simple and Template.")
        if "Raw" in content:
            return self._raw(content, tags, settings, region)
        if "Simple" in content:
            return self._simple(inner(content, "Simple"), tags, settings, region)
        raise bad_request("This double takes templates in SendBulkEmail only.")

    def _raw(self, content: Members, tags: list[tuple[str, str]], settings: Settings, region: str) -> Outgoing:
        encoded = self._data or text(inner(content, "Raw"), "Data").encode()
        _check_size(len(encoded), settings)
        message = _head_only(encoded) if settings.only_counted else _decoded(encoded)
        headers = raw.headers_of(message)
        if settings.check_messages:
            raw.check_bytes(message)
            raw.check_headers(headers, settings.required_headers)
        source = text(self.members, "FromEmailAddress") or raw.header(headers, "from")
        identity = recipients.check_sender(source, settings, region)
        in_message = _tags_in(raw.header(headers, "x-ses-message-tags"))
        fields.check_tags(in_message)
        named = text(self.members, "ConfigurationSetName") or raw.header(headers, "x-ses-configuration-set")
        return Outgoing(
            addresses=self.recipients,
            source=source,
            subject=raw.header(headers, "subject"),
            configuration_set=named or identity.configuration_set,
            tags=dict(tags or in_message),
            headers=headers,
            sha256="" if settings.only_counted else digest(message),
            content={"Raw": encoded.decode("ascii")} if settings.keep == "messages" else None,
        )

    def _simple(self, simple: Members, tags: list[tuple[str, str]], settings: Settings, region: str) -> Outgoing:
        subject = text(inner(simple, "Subject"), "Data")
        body = inner(simple, "Body")
        parts = {kind: text(inner(body, kind), "Data") for kind in ("Text", "Html") if kind in body}
        if not subject or not parts:
            raise bad_request("Simple content needs a Subject and a Text or an Html body.")
        _check_size(sum(map(len, parts.values())), settings)
        headers = pairs(simple, "Headers")
        fields.check_headers(headers)
        source = text(self.members, "FromEmailAddress")
        identity = recipients.check_sender(source, settings, region)
        return Outgoing(
            addresses=self.recipients,
            source=source,
            subject=subject,
            configuration_set=text(self.members, "ConfigurationSetName") or identity.configuration_set,
            tags=dict(tags),
            headers=headers,
            sha256=digest(subject.encode(), *(part.encode() for part in parts.values())),
            content={"Subject": subject, **parts} if settings.keep == "messages" else None,
        )


def _parsed_around_data(body: bytes) -> tuple[Members, bytes]:
    """Parse the JSON without its raw message, which is most of it; quotes cannot be in base64."""
    for key in _DATA_KEYS:
        start = body.find(key)
        if start < 0:
            continue
        start += len(key)
        end = body.find(b'"', start)
        if end > start and body.find(b"\\", start, end) < 0:
            return parsed(body[:start] + b"-" + body[end:]), body[start:end]
    return parsed(body), b""


def _decoded(encoded: bytes) -> bytes:
    try:
        return binascii.a2b_base64(encoded, strict_mode=True)
    except ValueError:
        raise Refusal("SerializationException", "Raw Data is not base64.") from None


def _head_only(encoded: bytes) -> bytes:
    """Decode no more than the headers, if they are in the first kilobytes."""
    head = _decoded(encoded[:_HEAD_BYTES]) if len(encoded) > _HEAD_BYTES else b""
    return head if b"\r\n\r\n" in head else _decoded(encoded)


def _check_size(size: int, settings: Settings) -> None:
    if size > settings.max_message_bytes:
        raise bad_request(f"Message length is more than {settings.max_message_bytes} bytes long: '{size}'.")


def _tags_in(header: str) -> list[tuple[str, str]]:
    named = (pair.partition("=") for pair in header.split(",") if pair.strip())
    return [(name.strip(), value.strip()) for name, _, value in named]

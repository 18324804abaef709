"""Calls of SendBulkEmail, and what a reader sees of them and of a message of `core.message`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

from newsletter.core.build import Build
from newsletter.core.bulk import BulkComposer, Entry, Sheet
from newsletter.core.links import inert_link
from newsletter.core.message import Composer, Recipient
from newsletter.core.publication import Publication
from newsletter.core.subscriber import Subscriber
from tests.core.examples import NOON, parsed
from tests.doubles.bulk import BulkCall
from tests.doubles.errors import Refusal
from tests.doubles.settings import Settings

# What SES writes itself, and no caller may.
_OF_SES = {"date", "message-id", "mime-version", "content-type", "subject"}


@dataclass(frozen=True)
class Seen:
    """What one recipient gets: texts decoded, lines ended by LF; headers as sent but unfolded, names in lower case."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def call(sheet: Sheet, entries: Iterable[Entry]) -> dict[str, Any]:
    """Return the members of the request."""
    content = {"Subject": sheet.subject, "Text": sheet.text, "Html": sheet.html}
    return {
        "FromEmailAddress": sheet.sender,
        **({"ReplyToAddresses": [sheet.reply_to]} if sheet.reply_to else {}),
        "DefaultContent": {"Template": {"TemplateContent": content, "TemplateData": json.dumps(sheet.defaults)}},
        "BulkEmailEntries": [
            {
                "Destination": {"ToAddresses": [entry.to]},
                "ReplacementEmailContent": {
                    "ReplacementTemplate": {"ReplacementTemplateData": json.dumps(dict(entry.values))}
                },
                "ReplacementHeaders": [{"Name": name, "Value": value} for name, value in entry.headers],
            }
            for entry in entries
        ],
    }


def recipient(subscriber: Subscriber, by: Publication, delivery_id: str = "d-1") -> Recipient:
    return Recipient(subscriber, delivery_id, lambda name: inert_link(by.public, name))


def bulk(build: Build, by: Publication, subscriber: Subscriber) -> tuple[Sheet, Entry]:
    composer = BulkComposer(build, by)
    return composer.sheet(composer.key(subscriber)), composer.entry(recipient(subscriber, by))


def through_double(sheet: Sheet, entry: Entry) -> Seen:
    """Return what the double of SES makes of an entry, which refuses what SES is known to refuse."""
    settings = Settings(keep="messages", bulk_bad_entry="call")
    [sent] = BulkCall(json.dumps(call(sheet, [entry])).encode()).outgoing(settings, "us-east-1")
    assert not isinstance(sent, Refusal)
    assert sent.missing == []
    assert sent.content
    of_call = {"From": sheet.sender, "To": entry.to, **({"Reply-To": sheet.reply_to} if sheet.reply_to else {})}
    return Seen(sent.subject, sent.content["Text"], sent.content["Html"], own([*of_call.items(), *sent.headers]))


def in_message(build: Build, by: Publication, subscriber: Subscriber) -> Seen:
    """Return what a recipient gets without bulk."""
    message = Composer(build, by).compose(recipient(subscriber, by), NOON)
    found = message_from_bytes(message, policy=policy.compat32)
    plain, marked_up = (_content(part) for part in found.walk() if not part.is_multipart())
    headers = [(name, re.sub(r"\r?\n(?=[ \t])", "", value)) for name, value in found.items()]
    return Seen(str(parsed(message)["Subject"]), plain, marked_up, own(headers))


def own(headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return the headers that SES leaves to its callers."""
    return {name.lower(): value for name, value in headers if name.lower() not in _OF_SES}


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")

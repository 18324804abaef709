"""What SendEmail and SendBulkEmail are asked, as the bytes that leave.

The large part of a request is written once: a raw message as base64, which JSON takes as it is, and what the entries of
bulk calls share.
"""

from __future__ import annotations

import re
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

import orjson

from newsletter.core.bulk import Entry, Sheet
from newsletter.core.ways import Parcel

# SES API reference, SendBulkEmail: Destination objects of a call; a low sending rate can allow fewer.
MOST_PER_CALL: Final = 50
# SES developer guide, sending personalized email: the whole input of a call with an inline template.
MOST_BYTES: Final = 1_000_000
_TAIL: Final = b"]}"
_FORBIDDEN_IN_TAGS: Final = re.compile("[^A-Za-z0-9_-]")
_LONGEST_TAG: Final = 256


def single(parcel: Parcel, configuration_set: str | None) -> bytes:
    """Return the request of SendEmail for one raw message."""
    small = {
        "Destination": {"ToAddresses": [parcel.address]},
        "EmailTags": _tags(parcel.delivery_id, parcel.mailing_uid),
        **_events(configuration_set),
    }
    data = b2a_base64(parcel.message, newline=False)
    return b"".join((orjson.dumps(small)[:-1], b',"Content":{"Raw":{"Data":"', data, b'"}}}'))


def head_of(sheet: Sheet, configuration_set: str | None) -> bytes:
    """Return the request up to its first entry: the same for every call of a mailing."""
    reply_to = {"ReplyToAddresses": [sheet.reply_to]} if sheet.reply_to else {}
    content = {"Subject": sheet.subject, "Text": sheet.text, "Html": sheet.html}
    template = {"TemplateContent": content, "TemplateData": _json_in_json(sheet.defaults)}
    shared = {
        "FromEmailAddress": sheet.sender,
        **reply_to,
        **_events(configuration_set),
        "DefaultContent": {"Template": template},
    }
    return orjson.dumps(shared)[:-1] + b',"BulkEmailEntries":['


def written(entry: Entry, mailing_uid: str) -> bytes:
    """Return one entry of the request; its data are given even where they are empty."""
    delivery_id, to, values, headers = entry
    return b"".join(
        (
            b'{"Destination":{"ToAddresses":[',
            orjson.dumps(to),
            b']},"ReplacementTags":[{"Name":"delivery","Value":',
            orjson.dumps(_tag(delivery_id)),
            _after_delivery(mailing_uid),
            orjson.dumps(_json_in_json(values)),
            b'}},"ReplacementHeaders":',
            orjson.dumps([{"Name": name, "Value": value} for name, value in headers]),
            b"}",
        )
    )


@lru_cache
def _after_delivery(mailing_uid: str) -> bytes:
    """Return what stands between the values of an entry: to write it anew would take as long as they do."""
    tag = orjson.dumps({"Name": "mailing", "Value": _tag(mailing_uid)})
    content = b'"ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":'
    return b"},%b],%b" % (tag, content)


def rest_of(entries: Iterable[bytes]) -> bytes:
    """Return the request from its first entry on."""
    return b",".join(entries) + _TAIL


def size_of(head: bytes, entries: Sequence[bytes]) -> int:
    """Return how many bytes the whole request has."""
    return len(head) + len(_TAIL) + sum(map(len, entries)) + max(0, len(entries) - 1)


def _events(configuration_set: str | None) -> Mapping[str, str]:
    return {"ConfigurationSetName": configuration_set} if configuration_set else {}


def _tags(delivery_id: str, mailing_uid: str) -> list[dict[str, str]]:
    """Return the tags of one message: they come back with every event, and tell which delivery it is about."""
    return [{"Name": "delivery", "Value": _tag(delivery_id)}, {"Name": "mailing", "Value": _tag(mailing_uid)}]


def _tag(value: str) -> str:
    """Return a value as tags may be (SES API reference, MessageTag): a test-send's mailing is named by the issue."""
    return _FORBIDDEN_IN_TAGS.sub("-", value)[:_LONGEST_TAG]


def _json_in_json(values: Mapping[str, str]) -> str:
    return orjson.dumps(values).decode()

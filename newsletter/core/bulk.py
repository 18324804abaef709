"""A build as one inline template of SES (SendBulkEmail) and the entries that fill it: up to 50 recipients a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is the same for all recipients of a call; the three texts are templates of SES with simple names only.

    `defaults` has a value for every name, since SES takes a message with a missing one and never sends it.
    """

    sender: str
    reply_to: str | None
    subject: str
    text: str
    html: str
    defaults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One recipient of a call: the mailbox for the To header, and what fills the sheet for them."""

    delivery_id: str
    to: str
    values: Mapping[str, str]
    headers: Headers

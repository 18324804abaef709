"""What the reader, the editor and SES can do about a subscriber; `core.standing` says what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from newsletter.core.subscriber import Consent, Standing


class By(StrEnum):
    """Who did it."""

    READER = "the reader"
    EDITOR = "the editor"
    SES = "Amazon SES"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """The reader asks to be mailed, which is not yet proven to be them."""

    consent: Consent
    first_name: str = ""
    last_name: str = ""
    tags: frozenset[str] = frozenset()
    uid: str = ""  # of a stranger, whom the link that was mailed to them names already


@dataclass(frozen=True, slots=True)
class Confirm:
    """The reader follows the link that only they got."""

    ip: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """The reader takes back that they left, by a link that only they got; `source` says where."""

    source: str
    ip: str = ""


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """The reader leaves; `how` says by which door."""

    how: str


@dataclass(frozen=True, slots=True)
class Pause:
    """The reader wants no mail before a time (UTC), or, with None, comes back from a pause."""

    until: datetime | None


@dataclass(frozen=True, slots=True)
class Block:
    """An address must not be mailed: it bounced or its reader complained, or the editor disabled it."""

    standing: Standing
    reason: str
    by: By


@dataclass(frozen=True, slots=True)
class Release:
    """The editor takes a block off, for a reason of theirs."""

    reason: str


@dataclass(frozen=True, slots=True)
class Remove:
    """The editor takes somebody off the list for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """The reader or the editor changes what is known of a subscriber; None and what is not named stays.

    A field with an empty value is taken away.
    """

    by: By
    address: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    add: frozenset[str] = frozenset()
    remove: frozenset[str] = frozenset()


def link_in(mailing_uid: str) -> str:
    """Return how somebody leaves by the link in a mail, which names its mailing or what kind of mail it is."""
    return f"the link in {mailing_uid}"


Act = SignUp | Confirm | Return | Unsubscribe | Pause | Block | Release | Remove | Amend
Beginning = SignUp | Block  # what a stranger can come onto the list by

"""A subscriber, their standing, and what an import may change about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple


class Standing(StrEnum):
    """A subscriber's right to be mailed. Only `ACTIVE` is mailed."""

    ACTIVE = "active"
    UNCONFIRMED = "unconfirmed"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    DISABLED = "disabled"  # by the editor, or where the list came from
    REMOVED = "removed"

    @property
    def mailable(self) -> bool:
        """Tell whether this subscriber may be mailed."""
        return self is Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Consent:
    """The proof that somebody agreed to be mailed: where, when, from which IP address, and the same of confirming it.

    Times are UTC. With double opt-in, `at` and `ip` are of the sign-up.
    """

    source: str = ""
    at: datetime | None = None
    ip: str = ""
    confirmed_at: datetime | None = None
    confirmed_ip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One person on the list.

    `uid` is random and public: it stands in links, where the address must not. It is empty until stored.
    `reason` and `since` (UTC) say why and when somebody got their standing, where that is known. Who is active and
    paused is not mailed before `paused_until` (UTC).
    """

    address: str
    first_name: str = ""
    last_name: str = ""
    tags: frozenset[str] = frozenset()
    fields: Mapping[str, str] = field(default_factory=dict)
    standing: Standing = Standing.ACTIVE
    reason: str = ""
    since: datetime | None = None
    paused_until: datetime | None = None
    consent: Consent = Consent()
    uid: str = ""

    @property
    def display_name(self) -> str:
        """Return the name for the To header, empty when none is known."""
        return f"{self.first_name} {self.last_name}".strip()


class Addressee(NamedTuple):
    """What a message can say to a subscriber, under the same names: a mailing makes one for every recipient."""

    uid: str
    address: str
    first_name: str
    last_name: str
    tags: frozenset[str]
    fields: Mapping[str, str]

    @property
    def display_name(self) -> str:
        """Return the name for the To header, empty when none is known."""
        return f"{self.first_name} {self.last_name}".strip()


Addressed = Subscriber | Addressee  # whom a message can be for


def address_key(address: str) -> str:
    """Return what makes two addresses the same subscriber: the whole address without regard to case.

    RFC 5321 2.4 lets a host tell local parts apart by case; no mailbox provider does, and readers do not either.
    """
    return address.strip().lower()


_NO_CONSENT: Final = Consent()
# Of two standings the stricter one holds. Who left stands above every block, as in `core.standing`: the editor releases
# somebody from a block, and whoever had left would be mailed again.
_STRICTNESS: Final = {
    Standing.ACTIVE: 0,
    Standing.UNCONFIRMED: 1,
    Standing.DISABLED: 2,
    Standing.BOUNCED: 3,
    Standing.COMPLAINED: 4,
    Standing.UNSUBSCRIBED: 5,
    Standing.REMOVED: 6,
}


def stricter(one: Standing, two: Standing) -> Standing:
    """Return the standing that forbids more."""
    return two if _STRICTNESS[two] > _STRICTNESS[one] else one


def merged(known: Subscriber, incoming: Subscriber) -> Subscriber:
    """Return what an import makes of a subscriber who is already on the list.

    Names and fields that the import gives win, what it leaves empty stays, tags add up. Of two standings the stricter
    one holds: an import takes nobody back who left, bounced or complained. Consent once given is kept.
    """
    of_standing = known if stricter(known.standing, incoming.standing) is known.standing else incoming
    return Subscriber(  # every field is named, which takes a third of the time of `replace`
        address=known.address,
        first_name=incoming.first_name or known.first_name,
        last_name=incoming.last_name or known.last_name,
        tags=known.tags | incoming.tags,
        fields={**known.fields, **{key: value for key, value in incoming.fields.items() if value}},
        standing=of_standing.standing,
        reason=of_standing.reason,
        since=of_standing.since,
        paused_until=known.paused_until,
        consent=_consent(known, incoming, of_standing.standing),
        uid=known.uid,
    )


def _consent(known: Subscriber, incoming: Subscriber, standing: Standing) -> Consent:
    """Return the consent of the first who gave any.

    A sign-up that nobody confirmed is none, except to somebody who has still to confirm: else whoever is released from
    a block would be mailed for what a stranger typed into a form.
    """
    for each in (known, incoming):
        confirmed = each.standing is not Standing.UNCONFIRMED or standing is Standing.UNCONFIRMED
        if confirmed and each.consent != _NO_CONSENT:
            return each.consent
    return _NO_CONSENT

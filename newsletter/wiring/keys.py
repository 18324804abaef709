"""The keys that sign the links of readers, from the environment, and the maker of these links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from newsletter.core.links import LinkMaker
from newsletter.core.publication import Publication, TransportName
from newsletter.errors import NotConfigured
from newsletter.wiring.project import Here

SECRET = "NEWSLETTER_SECRET"  # noqa: S105 - the name of the variable, not its value
# Messages in the outbox never leave the machine, so their links may be signed with a key that is no secret.
OUTBOX_KEY = "outbox"
SHORTEST_SECRET = 32
_MAKE = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


def links(where: Here, publication: Publication) -> LinkMaker:
    """Return the maker of per-subscriber links."""
    return LinkMaker(publication.public, _keys(where.environment, publication.transport))


def keys_of_links(where: Here) -> str:
    """Return what a door without a database needs to know real links; empty if nothing is set."""
    return ",".join(_keys(where.environment, TransportName.SES)) if where.environment.get(SECRET) else ""


def given_keys(environment: Mapping[str, str]) -> Sequence[str]:
    """Return the signing keys that the environment gives, whatever they are worth, oldest first.

    Raises:
        NotConfigured: the variable holds bytes that are no text.
    """
    if any("\ud800" <= letter <= "\udfff" for letter in environment.get(SECRET, "")):  # as Python reads such bytes
        raise NotConfigured(f"{SECRET} is no text in UTF-8", hint=_MAKE)
    return [key.strip() for key in environment.get(SECRET, "").split(",") if key.strip()]


def _keys(environment: Mapping[str, str], way: TransportName) -> Sequence[str]:
    """Return the signing keys, oldest first; several stand in the variable separated by commas, the newest last."""
    keys = given_keys(environment)
    if not keys and way is TransportName.OUTBOX:
        return [OUTBOX_KEY]
    if not keys:
        raise NotConfigured(f"{SECRET} is not set; it signs the unsubscribe links", hint=_MAKE)
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise NotConfigured(f"{SECRET} is shorter than {SHORTEST_SECRET} characters", hint=_MAKE)
    return keys

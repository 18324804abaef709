"""The public links that only one subscriber gets: signed, without an address, and bound to one purpose.

A token is `<subscriber uid>.<mailing uid>.<signature>`. The signature is a part of the keyed BLAKE2b (RFC 7693) of what
stands before it, a different part for each door, so that a mailing hashes once for each recipient. It lets a door
without a database tell a real link from a guessed one, and keeps a forwarded view link from being turned into an
unsubscribe link.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Callable, Sequence
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, NamedTuple

_URL_SAFE: Final = bytes.maketrans(b"+/", b"-_")
# Of each door: 96 bits, as many as IPsec keeps of its signatures (RFC 2404), in base64 16 characters without padding.
_OCTETS: Final = 12
_CHARACTERS: Final = 16
# Their order is that of their signatures, and their number is in each: one more would end all links in old issues.
# `newsletter.web.unsubscribing` knows both too.
DOORS: Final = ("unsubscribe", "preferences", "view", "confirm", "return")

INERT = "test-copy"  # what a link of a test-send or preview holds in place of a token; the doors know it


class Bearer(NamedTuple):
    """Whom a token was made for, and with which mailing it went out."""

    subscriber_uid: str
    mailing_uid: str


class LinkMaker:
    """Makes links below `base`. `keys` are the signing secrets, oldest first: the last signs, all are accepted."""

    def __init__(self, base: str, keys: Sequence[str]) -> None:
        self._signers = [_signer(key) for key in keys]
        self._places = {
            door: (f"{base}/{door}/", slice(at * _CHARACTERS, (at + 1) * _CHARACTERS)) for at, door in enumerate(DOORS)
        }

    def make(self, name: str, bearer: Bearer) -> str:
        """Return the link of that name for one subscriber."""
        return self.of(*bearer)(name)

    def of(self, subscriber_uid: str, mailing_uid: str) -> Callable[[str], str]:
        """Return what makes the links of one subscriber by their names."""
        payload, places = f"{subscriber_uid}.{mailing_uid}", self._places
        signatures = self._signers[-1](payload.encode())

        def link(name: str) -> str:
            before, own = places[name]
            return f"{before}{payload}.{signatures[own]}"

        return link

    def read(self, name: str, token: str) -> Bearer | None:
        """Return whom a token belongs to, or None when it was not made here for this purpose."""
        payload, _, signature = token.rpartition(".")
        try:
            signed, given = payload.encode(), signature.encode("ascii")
        except UnicodeError:
            return None
        _, own = self._places[name]
        if not any(compare_digest(sign(signed)[own].encode(), given) for sign in self._signers):
            return None
        subscriber_uid, _, mailing_uid = payload.partition(".")
        return Bearer(subscriber_uid, mailing_uid)


def inert_link(base: str, name: str) -> str:
    """Return a link that leads to the door and changes nothing there."""
    return f"{base}/{name}/{INERT}"


def _signer(key: str) -> Callable[[bytes], str]:
    """Return what makes the signatures of all doors, one after the other, in URL-safe base64.

    Half of the time would go into setting up the key, so the hash is begun once and copied. A secret may be longer
    than a key of BLAKE2b can be, which is why its hash is the key.
    """
    secret = blake2b(key.encode(), person=b"newsletter.links").digest()
    begun = blake2b(key=secret, digest_size=len(DOORS) * _OCTETS)

    def sign(value: bytes) -> str:
        hashed = begun.copy()
        hashed.update(value)
        return b2a_base64(hashed.digest(), newline=False).translate(_URL_SAFE).decode()

    return sign

"""The public links that only one subscriber gets: signed, without an address, and bound to one purpose.

A token is `<subscriber uid>.<mailing uid>.<signature>`. The signature (itsdangerous, HMAC-SHA256, salted with the
purpose) lets a door without a database tell a real link from a guessed one, and keeps a forwarded view link from being
turned into an unsubscribe link.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Callable, Sequence
from typing import NamedTuple

from itsdangerous import BadData, Signer, want_bytes
from itsdangerous.encoding import base64_decode, base64_encode

_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_BLOCK = 64  # octets; a key of HMAC-SHA256 is as long, and the one that itsdangerous derives is shorter

INERT = "test-copy"  # what a link of a test-send or preview holds in place of a token; the doors know it


class Bearer(NamedTuple):
    """Whom a token was made for, and with which mailing it went out."""

    subscriber_uid: str
    mailing_uid: str


class LinkMaker:
    """Makes links below `base`. `keys` are the signing secrets, oldest first: the last signs, all are accepted."""

    def __init__(self, base: str, keys: Sequence[str]) -> None:
        self._base = base
        self._keys = list(keys)
        self._signers: dict[str, _Signer] = {}
        self._beginnings: dict[str, tuple[str, Callable[[bytes], str]]] = {}

    def make(self, name: str, bearer: Bearer) -> str:
        """Return the link of that name for one subscriber."""
        return self.of(*bearer)(name)

    def of(self, subscriber_uid: str, mailing_uid: str) -> Callable[[str], str]:
        """Return what makes the links of one subscriber by their names."""
        payload = f"{subscriber_uid}.{mailing_uid}"
        signed, known = payload.encode(), self._beginnings

        def link(name: str) -> str:
            before, sign = known.get(name) or self._beginning(name)
            return f"{before}{payload}.{sign(signed)}"

        return link

    def _beginning(self, name: str) -> tuple[str, Callable[[bytes], str]]:
        made = self._beginnings[name] = (f"{self._base}/{name}/", self._signer(name).sign_bytes)
        return made

    def read(self, name: str, token: str) -> Bearer | None:
        """Return whom a token belongs to, or None when it was not made here for this purpose."""
        try:
            payload = self._signer(name).unsign(token).decode()
            signature = token.rpartition(".")[2]
            # Base64 can write the same bytes in several ways; only the one that was made here is real.
            if base64_encode(base64_decode(signature)).decode() != signature:
                return None
        except (BadData, UnicodeError):
            return None
        subscriber_uid, _, mailing_uid = payload.partition(".")
        return Bearer(subscriber_uid, mailing_uid)

    def _signer(self, name: str) -> _Signer:
        if name not in self._signers:
            self._signers[name] = _Signer(self._keys, salt=f"newsletter.{name}")
        return self._signers[name]


def inert_link(base: str, name: str) -> str:
    """Return a link that leads to the door and changes nothing there."""
    return f"{base}/{name}/{INERT}"


class _Signer(Signer):
    """The same signatures as itsdangerous makes, for a twentieth of its time: a mailing signs thrice per recipient.

    Most of the time would go into setting up the key, so both hashes of HMAC (RFC 2104 2) are begun once and copied.
    """

    def __init__(self, keys: Sequence[str], *, salt: str) -> None:
        super().__init__(list(keys), salt=salt, digest_method=hashlib.sha256)
        key = self.derive_key().ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(bytes(each ^ 0x36 for each in key))
        self._outer = hashlib.sha256(bytes(each ^ 0x5C for each in key))

    def get_signature(self, value: str | bytes) -> bytes:
        """Return the HMAC-SHA256 of a value, with the newest key, in URL-safe base64."""
        return self.sign_bytes(want_bytes(value)).encode()

    def sign_bytes(self, value: bytes) -> str:
        """Return the same as text."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(value)
        outer.update(inner.digest())
        return b2a_base64(outer.digest(), newline=False).translate(_URL_SAFE, b"=").decode()

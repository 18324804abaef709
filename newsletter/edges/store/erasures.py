"""Who was erased, known by a salted hash of the address alone: nobody can read it, an import can look it up."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, exists, insert, select

from newsletter.core.subscriber import address_key
from newsletter.edges.store.columns import storable
from newsletter.edges.store.dialects import among
from newsletter.edges.store.tables import erasures, facts

_SALT: Final = "erasures.salt"  # made with the first erasure and kept: without it the hashes mean nothing
_SALT_BYTES: Final = 32


def erased_among(connection: Connection, addresses: Iterable[str]) -> frozenset[str]:
    """Return the keys (`address_key`) of those among these addresses who were erased."""
    salt = _salt(connection)
    if not salt or not connection.scalar(select(exists(select(1).select_from(erasures)))):
        return frozenset()  # as good as always; an import asks for each thousand
    keys = {_hash(salt, key): key for key in map(_key, addresses)}
    return frozenset(
        keys[found] for found in connection.scalars(select(erasures.c.hash).where(among(erasures.c.hash, keys)))
    )


def remember_erased(connection: Connection, address: str, at: datetime) -> None:
    """Write down that an address was erased."""
    salt = _salt(connection)
    if not salt:
        salt = secrets.token_bytes(_SALT_BYTES)
        connection.execute(insert(facts).values(name=_SALT, value=salt.hex()))
    if not erased_among(connection, [address]):
        connection.execute(insert(erasures).values(hash=_hash(salt, _key(address)), at=at))


def forget_erased(connection: Connection, address: str) -> None:
    """Forget that an address was erased: its reader has come back by their own act."""
    if salt := _salt(connection):
        connection.execute(delete(erasures).where(erasures.c.hash == _hash(salt, _key(address))))


def _key(address: str) -> str:
    return address_key(storable(address))


def _salt(connection: Connection) -> bytes:
    return bytes.fromhex(connection.scalar(select(facts.c.value).where(facts.c.name == _SALT)) or "")


def _hash(salt: bytes, key: str) -> str:
    return hashlib.blake2b(key.encode(), key=salt, digest_size=32).hexdigest()

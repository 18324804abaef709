"""Keep the list and SES's account-level suppression list in step.

What SES lists is blocked here, unless the editor released it here after SES listed it: then it is taken off there.
Who left here stays as they are, and who was erased does not come back. What is blocked here because it bounced or
complained is put on SES's list; what the editor disabled is the editor's alone, and stays here.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from newsletter.core.standing import BLOCKED, LEFT, outweighs
from newsletter.core.subscriber import Standing, address_key

AT_SES: Final = frozenset({Standing.BOUNCED, Standing.COMPLAINED})  # what SES knows as a reason


@dataclass(frozen=True, slots=True)
class Listed:
    """An address on SES's list: why, and since when (UTC)."""

    address: str
    standing: Standing
    at: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known here of an address: a standing, or that it was erased; and when the editor last released it."""

    standing: Standing | None
    released_at: datetime | None = None


class Verdict(StrEnum):
    """What is to be done about an address on SES's list."""

    BLOCK = "block it here"
    LIFT = "take it off there"
    LEAVE = "leave it"


def verdict(listed: Listed, known: Sighting | None) -> Verdict:
    """Return what is to be done about an address on SES's list; `None` is a stranger."""
    if known is None:
        return Verdict.BLOCK
    if known.standing is None or known.standing in LEFT:
        return Verdict.LEAVE
    if known.standing in BLOCKED:
        return Verdict.BLOCK if outweighs(listed.standing, known.standing) else Verdict.LEAVE
    released = known.released_at is not None and known.released_at > listed.at
    return Verdict.LIFT if released else Verdict.BLOCK


class Seen:
    """Which addresses have been seen, in eight bytes each: of 100,000, two hash alike with a chance of 1 in 10^9."""

    def __init__(self) -> None:
        self._hashes = array("Q")
        self._sorted = True

    def add(self, addresses: Iterable[str]) -> None:
        """Remember addresses, whatever their case."""
        self._hashes.extend(map(_hash, addresses))
        self._sorted = False

    def __contains__(self, address: str) -> bool:
        if not self._sorted:
            self._hashes = array("Q", sorted(self._hashes))
            self._sorted = True
        place = bisect_left(self._hashes, _hash(address))
        return self._hashes[place : place + 1] == array("Q", [_hash(address)])


def _hash(address: str) -> int:
    return int.from_bytes(hashlib.blake2b(address_key(address).encode(), digest_size=8).digest())

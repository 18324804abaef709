"""Assets: the pictures of a build, ready to be looked at, each named for its bytes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

SCHEME = "asset://"
_SUFFIXES = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif"}
_REFERENCE = re.compile(rf"{SCHEME}([0-9a-f]{{32}}\.[a-z]+)")


@dataclass(frozen=True, slots=True)
class Asset:
    """One picture as readers get it; `width` and `height` are in pixels of the file.

    For the editor it says what it was made from, and how wide it is shown, in CSS pixels (0 where that is unknown).
    """

    media_type: str
    width: int
    height: int
    data: bytes
    origin: str = field(default="", compare=False)
    shown: int = field(default=0, compare=False)

    @property
    def name(self) -> str:
        """Return the file name: half of the SHA-256 in hex, so that other bytes never take the place of these."""
        return hashlib.sha256(self.data).hexdigest()[:32] + _SUFFIXES[self.media_type]

    @property
    def reference(self) -> str:
        """Return what stands in a build's HTML where the address of the picture goes."""
        return SCHEME + self.name


def located(text: str, base: str, after: str = "") -> str:
    """Return a text with every reference to an asset replaced by an address: `base`, its name, and what comes after."""
    return _REFERENCE.sub(lambda match: f"{base}{match[1]}{after}", text)


def referenced(text: str) -> frozenset[str]:
    """Return the names of the assets that a text refers to."""
    return frozenset(_REFERENCE.findall(text))

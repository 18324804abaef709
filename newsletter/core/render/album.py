"""The album of a build: picture files in, and what the templates show of them out, in the order in which they do."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from newsletter.core.assets import Asset
from newsletter.core.picture import Logo, Picture
from newsletter.core.render.rooms import Room, UnusablePicture
from newsletter.core.source import Document, Problem
from newsletter.core.tree import Path

Fitted = tuple[Asset, tuple[int, int]]

_KEPT = 100  # pictures; a preview renders an issue at every save
_kept: dict[tuple[bytes, Room], Fitted] = {}


@dataclass(frozen=True, slots=True)
class Original:
    """A picture file, and where it is asked for: the documents and the paths in them."""

    data: bytes
    places: tuple[tuple[Document, Path], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture in its place; `width` and `height` are in CSS pixels, `alt` is empty for decoration."""

    reference: str
    width: int
    height: int
    alt: str


class Album:
    """Fits pictures into their places while a build is made, and keeps what comes of it."""

    def __init__(self, originals: Mapping[str, Original] | None = None) -> None:
        """Take the files by the names that issue and publication give them."""
        self._originals = originals or {}
        self._assets: dict[str, Asset] = {}
        self._unusable: dict[str, UnusablePicture] = {}

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Return all pictures shown so far, each once, in the order in which they came."""
        return tuple(self._assets.values())

    @property
    def problems(self) -> Sequence[Problem]:
        """Return what is wrong with files, once for every place that asks for them."""
        return [
            document.problem(path, f"issues/{src} {said.message}", said.hint)
            for src, said in self._unusable.items()
            for document, path in self._originals[src].places
        ]

    def add(self, asset: Asset) -> None:
        """Take in a picture that is ready to be looked at."""
        self._assets.setdefault(asset.name, asset)

    def shown(self, picture: Picture | Logo, width: int, height: int | None = None, *, cut: bool = False) -> Shown:
        """Return a picture for a place of some CSS pixels: whole, or with `cut` the middle of it in its shape.

        Of a file that is no picture, nothing is shown; `problems` then says why.
        """
        try:
            asset, size = _fitted(self._originals[picture.src].data, Room(width, height, cut))
        except UnusablePicture as err:
            self._unusable[picture.src] = err
            return Shown("", 1, 1, picture.alt)
        self.add(replace(asset, origin=f"issues/{picture.src}", shown=size[0]))
        return Shown(asset.reference, *size, picture.alt)


def _fitted(data: bytes, room: Room) -> Fitted:
    key = hashlib.sha256(data).digest(), room
    found = _kept.get(key)
    if found is None:
        # Pillow takes as long to load as a small picture takes to be fitted, and most issues have none.
        from newsletter.core.render.pictures import fitted  # noqa: PLC0415

        while len(_kept) >= _KEPT:
            del _kept[next(iter(_kept))]
        found = _kept[key] = fitted(data, room)
    return found

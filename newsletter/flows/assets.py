"""Pictures of an issue: put where readers load them from, and found to be there before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.core.assets import Asset
from newsletter.core.publication import TransportName
from newsletter.core.ways import AssetPlace, AssetStore
from newsletter.errors import BadInput, NotConfigured
from newsletter.flows.build import Edition


@dataclass(frozen=True, slots=True)
class Pushed:
    """The pictures of an issue: those that were put in their place, and those that were there before."""

    pushed: Sequence[Asset]
    there: Sequence[Asset]


@dataclass(frozen=True, slots=True)
class Pictures:
    """How many pictures an issue has, and what their addresses begin with."""

    count: int
    base: str


def push(made: Edition, store: AssetStore) -> Pushed:
    """Put the pictures of an issue in their place; what is there already stays as it is.

    Raises:
        EdgeError: the place failed; what was put there stays, and the same command goes on.
    """
    assets = made.build.assets
    missing = set(store.missing([asset.name for asset in assets]))
    for asset in assets:
        if asset.name in missing:
            store.put(asset)
    return Pushed(
        pushed=[asset for asset in assets if asset.name in missing],
        there=[asset for asset in assets if asset.name not in missing],
    )


def in_place(made: Edition, place: AssetPlace | None) -> Pictures | None:
    """Return where the pictures of an issue are that goes to readers, or None if it needs no place for any.

    Messages in the outbox carry their pictures with them.

    Raises:
        NotConfigured: pictures have no address.
        BadInput: not all of them are there.
    """
    publication, assets = made.publication, made.build.assets
    if not assets or publication.transport is not TransportName.SES:
        return None
    base = publication.pictures_at
    if base is None or place is None:
        hint = "set assets.url, and assets.bucket for `newsletter assets push`; see 'Pictures' in README.md"
        raise NotConfigured(f"the pictures of {made.build.issue} have no address that readers could load", hint=hint)
    if missing := place.missing([asset.name for asset in assets]):
        hint = f"put them there: newsletter assets push {made.build.issue}"
        raise BadInput(f"{len(missing)} of {len(assets)} pictures are not at {base} yet", hint=hint)
    return Pictures(len(assets), base)

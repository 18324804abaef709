"""Which links an issue has and where they stand, and whose clicks are whose."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from newsletter.core.blocks import Block, Sponsor
from newsletter.core.build import Build
from newsletter.core.feedback import LONGEST
from newsletter.core.merge import gapped
from newsletter.core.outline import title_of
from newsletter.core.render.markdown import above_cut
from newsletter.core.render.tagged import standings
from newsletter.core.report import Clicked, LinkFigures, Place

_GAP: Final = "\ufffc"  # stands for a merge field; no address holds one
_SHOWN_GAP: Final = "…"
# Brackets belong to an address as far as they are closed in it: Markdown writes them around it.
_ADDRESS: Final = re.compile(r"https?://(?:[^\s<>()\[\]\"'`]|\([^\s<>()\"']*\))+", re.IGNORECASE)
_AFTER: Final = ".,;:!?*_"


def places(blocks: Sequence[Block]) -> Sequence[Place]:
    """Return the links of an issue as it is written, in the order in which they are read, each once."""
    found = dict[str, Place]()
    for number, block in enumerate(blocks, 1):
        for position, url in enumerate(dict.fromkeys(_links(block)), 1):
            known = found.get(url)
            if known is None:
                found[url] = _place(number, block, position, url)
            elif known.block != number:
                found[url] = replace(known, also=(*known.also, number))
    return list(found.values())


def places_built(blocks: Sequence[Block], build: Build) -> Sequence[Place]:
    """Return the links of an issue as clicks on them will say where they stand; none if they do not."""
    found = {
        (each.block, each.position): _place(
            each.block, blocks[each.block - 1], each.position, re.sub(build.tokens.pattern, _GAP, each.url)
        )
        for variant in build.variants
        for each in standings(variant.html)
    }
    return [found[place] for place in sorted(found)]


def _place(number: int, block: Block, position: int, url: str) -> Place:
    title = block.name if isinstance(block, Sponsor) else title_of(block)
    return Place(number, block.kind, gapped(title), position, url)


def figures(clicked: Iterable[Clicked], known: Sequence[Place]) -> Sequence[LinkFigures]:
    """Return the clicks on each link of an issue, also those on none, and on others by their host alone.

    What else stands in an address that no issue has may say who somebody is.
    """
    finder = _Finder.of(known)
    sums: dict[Place | str, tuple[int, int]] = dict.fromkeys(known, (0, 0))
    for each in clicked:
        key = finder.find(each)
        people, clicks = sums.get(key, (0, 0))
        sums[key] = (people + each.people, clicks + each.clicks)
    there = set(known)
    shown = [key for key, counts in sums.items() if counts[1] > 0 or key in there]
    return [_figures(key, *sums[key]) for key in sorted(shown, key=_order)]


def _order(key: Place | str) -> tuple[bool, int, int]:
    return (True, 0, 0) if isinstance(key, str) else (False, key.block, key.position)


def _figures(key: Place | str, people: int, clicks: int) -> LinkFigures:
    if isinstance(key, str):
        return LinkFigures(None, key, people, clicks)
    shown = replace(key, url=key.url.replace(_GAP, _SHOWN_GAP))
    return LinkFigures(shown, _host(key.url), people, clicks)


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds the link of an issue that was clicked: by what it is, or else by what stands around its merge fields."""

    whole: Mapping[str, Sequence[Place]]
    patterns: Sequence[tuple[re.Pattern[str], Place]]

    @classmethod
    def of(cls, known: Sequence[Place]) -> _Finder:
        whole = defaultdict[str, list[Place]](list)
        for each in known:
            whole[_key(each.url)].append(each)
        return cls(whole, [(_pattern(each.url), each) for each in known if _GAP in each.url])

    def find(self, clicked: Clicked) -> Place | str:
        """Return the link in the block that the click names; of a click that names none, the first such link.

        Else it is known by its host, and where it stood as far as that is known.
        """
        key = _key(clicked.url)
        alike = self.whole.get(key) or [place for pattern, place in self.patterns if pattern.fullmatch(key)]
        if not clicked.block:
            return alike[0] if alike else _host(clicked.url)
        there = (each for each in alike if clicked.block in {each.block, *each.also})
        elsewhere = Place(clicked.block, "", "", clicked.link, f"https://{_host(clicked.url)}/{_SHOWN_GAP}")
        return next(there, elsewhere)


def _pattern(url: str) -> re.Pattern[str]:
    """Return what matches an address with anything in place of its merge fields, also where an event has cut it."""
    head = url.rstrip("/")[: LONGEST // 2]
    parts = [re.escape(unquote(part)) for part in head.split(_GAP)]
    return re.compile(".*?".join(parts) + ("" if len(head) < LONGEST // 2 else ".*"), re.DOTALL)


def _key(url: str) -> str:
    """Return what is the same for two spellings of an address; events keep no more of it than so much."""
    return unquote(url[:LONGEST]).rstrip("/")


def _host(url: str) -> str:
    try:
        return urlsplit(url.replace(_GAP, "")).hostname or ""
    except ValueError:
        return ""


def _links(value: object) -> Iterator[str]:
    """Yield the addresses in a block, as far as readers get it by mail."""
    if isinstance(value, str):
        for match in _ADDRESS.finditer(gapped(above_cut(value), _GAP)):
            yield match[0].rstrip(_AFTER).replace("&amp;", "&")
    elif isinstance(value, tuple):
        for item in value:
            yield from _links(item)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _links(getattr(value, name))

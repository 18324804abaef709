"""Which links an issue has and where they stand, and whose clicks are whose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel

from newsletter.core.blocks import Block, Sponsor
from newsletter.core.feedback import LONGEST
from newsletter.core.outline import title_of
from newsletter.core.render.markdown import above_cut
from newsletter.core.report import Clicked, LinkFigures, Place

_FIELD: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_GAP: Final = "\ufffc"  # stands for a merge field; no address holds one
_SHOWN_GAP: Final = "…"
# Brackets belong to an address as far as they are closed in it: Markdown writes them around it.
_ADDRESS: Final = re.compile(r"https?://(?:[^\s<>()\[\]\"'`]|\([^\s<>()\"']*\))+", re.IGNORECASE)
_AFTER: Final = ".,;:!?*_"


def places(blocks: Sequence[Block]) -> Sequence[Place]:
    """Return the links of an issue in the order in which they are read, each once."""
    found = dict[str, Place]()
    for number, block in enumerate(blocks, 1):
        title = block.name if isinstance(block, Sponsor) else title_of(block)
        for position, url in enumerate(dict.fromkeys(_links(block)), 1):
            known = found.get(url)
            if known is None:
                found[url] = Place(number, block.kind, _FIELD.sub(_SHOWN_GAP, title), position, url)
            elif known.block != number:
                found[url] = replace(known, also=(*known.also, number))
    return list(found.values())


def figures(clicked: Iterable[Clicked], known: Sequence[Place]) -> Sequence[LinkFigures]:
    """Return the clicks on each link of an issue, also those on none, and on others by their host alone.

    What else stands in an address that no issue has may say who somebody is.
    """
    finder = _Finder.of(known)
    sums: dict[Place | str, tuple[int, int]] = dict.fromkeys(known, (0, 0))
    for each in clicked:
        key = finder.find(each.url) or _host(each.url)
        people, clicks = sums.get(key, (0, 0))
        sums[key] = (people + each.people, clicks + each.clicks)
    return [_figures(key, *counts) for key, counts in sums.items() if isinstance(key, Place) or counts[1] > 0]


def _figures(key: Place | str, people: int, clicks: int) -> LinkFigures:
    if isinstance(key, str):
        return LinkFigures(None, key, people, clicks)
    shown = replace(key, url=key.url.replace(_GAP, _SHOWN_GAP))
    return LinkFigures(shown, _host(key.url), people, clicks)


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds the link of an issue that was clicked: by what it is, or else by what stands around its merge fields."""

    whole: dict[str, Place]
    patterns: Sequence[tuple[re.Pattern[str], Place]]

    @classmethod
    def of(cls, known: Sequence[Place]) -> _Finder:
        whole = {_key(each.url): each for each in known if _GAP not in each.url}
        patterns = [(_pattern(each.url), each) for each in known if _GAP in each.url]
        return cls(whole, patterns)

    def find(self, url: str) -> Place | None:
        key = _key(url)
        found = self.whole.get(key)
        return found or next((place for pattern, place in self.patterns if pattern.fullmatch(key)), None)


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
        for match in _ADDRESS.finditer(_FIELD.sub(_GAP, above_cut(value))):
            yield match[0].rstrip(_AFTER).replace("&amp;", "&")
    elif isinstance(value, tuple):
        for item in value:
            yield from _links(item)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _links(getattr(value, name))

"""What each block of an issue costs: how many bytes of the HTML it becomes.

The layout is rendered once more, with a comment before and behind each block. The comments have to leave everything
else as it is, to the byte; where they do not, nothing is said of the blocks.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from newsletter.core import layout as parts
from newsletter.core.build import Build, Variant
from newsletter.core.issue import Issue
from newsletter.core.layout import Layout
from newsletter.core.only import shown
from newsletter.core.outline import title_of
from newsletter.core.publication import Publication
from newsletter.core.render.album import Album
from newsletter.core.render.fill import Filling
from newsletter.core.render.pipeline import cut, to_html
from newsletter.errors import InvalidSource

_FRAME = -1


@dataclass(frozen=True, slots=True)
class Cost:
    """A block, by its kind and title, and its bytes of HTML; `title` is empty for what has none."""

    kind: str
    title: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Costs:
    """Bytes of HTML, with merge fields as the editor writes them: per block in the issue's order, and of all around.

    A block is absent if the layout does not include `blocks/<kind>.mjml.j2` for it.
    """

    blocks: tuple[Cost, ...]
    frame: int

    @property
    def whole(self) -> int:
        """Return the bytes of the whole HTML."""
        return sum(cost.bytes for cost in self.blocks) + self.frame


def costs(
    build: Build, variant: Variant, issue: Issue, publication: Publication, layout: Layout, album: Album
) -> Costs:
    """Return what the blocks of a rendered issue cost in one of its variants; `album` has its pictures."""
    issue = cut(issue, shown(issue.blocks, variant.simplest))
    shares = _shares(variant.html, Filling(issue, publication, layout, build.tokens, album))
    sizes: Counter[int] = Counter()
    for index, html in shares:
        sizes[index] += len(build.restored(html).encode())
    blocks = [Cost(block.kind, title_of(block), sizes[at]) for at, block in enumerate(issue.blocks) if at in sizes]
    return Costs(tuple(blocks), sizes[_FRAME])


def _shares(html: str, filling: Filling) -> list[tuple[int, str]]:
    """Return the HTML piece by piece, each with the index of its block; the pieces together are the HTML."""
    word = _unused_word(html)
    filled = filling.mjml(parts.HTML, lambda index: f"<!--{word}{index}-->")
    try:
        marked = to_html(filled, filling, f"<!--{word}[0-9]+-->")
    except InvalidSource:  # a comment cannot stand where the layout includes its blocks
        return [(_FRAME, html)]
    pieces = re.split(f"<!--{word}([0-9]+)-->", marked)
    around, opening, inside, closing = pieces[::4], pieces[1::4], pieces[2::4], pieces[3::4]
    if opening != closing or "".join(pieces[::2]) != html:
        return [(_FRAME, html)]
    blocks = [(int(index), piece) for index, piece in zip(opening, inside, strict=True)]
    return [*((_FRAME, piece) for piece in around), *blocks]


def _unused_word(html: str) -> str:
    word = "blockmark"
    while word in html:
        word += "x"
    return word

"""What each block of an issue costs: how many bytes of the HTML it becomes, as it is delivered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from newsletter.core.build import Build, Variant
from newsletter.core.issue import Issue
from newsletter.core.layout import Layout
from newsletter.core.only import shown
from newsletter.core.outline import title_of
from newsletter.core.publication import Publication
from newsletter.core.render.album import Album
from newsletter.core.render.fill import Filling
from newsletter.core.render.pieces import FRAME, pieces
from newsletter.core.render.pipeline import cut
from newsletter.core.render.untracked import bare


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
    shares = pieces(bare(variant.html), Filling(issue, publication, layout, build.tokens, album))
    sizes: Counter[int] = Counter()
    for index, html in shares:
        sizes[index] += len(build.restored(html).encode())
    blocks = [Cost(block.kind, title_of(block), sizes[at]) for at, block in enumerate(issue.blocks) if at in sizes]
    return Costs(tuple(blocks), sizes[FRAME])

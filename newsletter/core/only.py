"""Which readers see which blocks: the key `only`, and the variants of an issue that come of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, model_validator

from newsletter.core.audience import check_tags
from newsletter.core.tree import Value
from newsletter.core.typed import Strict

# Every combination of tags is a variant of its own at worst, and each is rendered and checked.
MOST_TAGS = 5

Readers = frozenset[str]  # those tags of a reader that the issue asks for


def _listed(value: Value) -> Value:
    return [value] if isinstance(value, str) else value


def _checked(tags: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(check_tags(tags)))


Tags = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_checked)]


class Only(Strict):
    """Whom a block is shown to: readers with at least one of some tags, or with none of them."""

    tag: Tags = ()
    no_tag: Tags = ()

    @model_validator(mode="after")
    def _one_of_them(self) -> Only:
        if bool(self.tag) == bool(self.no_tag):
            raise ValueError("needs one of two keys; write `tag: us` or `no_tag: us`")
        return self

    @property
    def tags(self) -> Readers:
        """Return the tags that it asks for."""
        return frozenset(self.tag) | frozenset(self.no_tag)

    def shown_to(self, readers: Readers) -> bool:
        """Tell whether readers with these tags see the block."""
        return not readers.isdisjoint(self.tag) if self.tag else readers.isdisjoint(self.no_tag)


class Conditional(Strict):
    """A block of any kind: it may be for some readers only."""

    only: Only | None = None


def asked(blocks: Iterable[Conditional]) -> Readers:
    """Return the tags that decide what a reader sees."""
    return frozenset().union(*(block.only.tags for block in blocks if block.only))


def shown(blocks: Sequence[Conditional], readers: Readers) -> tuple[int, ...]:
    """Return the places of the blocks that readers see."""
    return tuple(place for place, block in enumerate(blocks) if not block.only or block.only.shown_to(readers))


def combined(tags: Readers) -> Iterator[Readers]:
    """Yield every combination of tags, the fewest first."""
    return (frozenset(chosen) for count in range(len(tags) + 1) for chosen in combinations(sorted(tags), count))


def variants(blocks: Sequence[Conditional]) -> Mapping[tuple[int, ...], frozenset[Readers]]:
    """Return what there is to see, and who sees it; the first is what readers without any of the tags see."""
    found: dict[tuple[int, ...], set[Readers]] = {}
    for readers in combined(asked(blocks)):
        found.setdefault(shown(blocks, readers), set()).add(readers)
    return {places: frozenset(each) for places, each in found.items()}


def label(readers: Iterable[Readers], tags: Readers) -> str:
    """Return in words who sees a variant; `tags` are all that the issue asks for.

    Of combinations that contain each other the smaller one is named, for the rest makes no difference.
    """
    known = set(readers)
    if frozenset() in known:
        return _none_of(tags) if len(known) == 1 else "all others"
    smallest = [each for each in known if not any(other < each for other in known)]
    return " or ".join(" and ".join(names) for names in sorted(map(sorted, smallest)))


def _none_of(tags: Readers) -> str:
    names = sorted(tags)
    if len(names) < 2:
        return f"not {names[0]}" if names else "everybody"
    return f"neither {' nor '.join(names)}"

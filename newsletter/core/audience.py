"""Who gets a mailing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TAG = re.compile(r"[^\s,;][^,;]{0,99}")


@dataclass(frozen=True, slots=True)
class Audience:
    """Subscribers who carry at least one of `tags`; without tags, everybody on the list.

    Somebody whose standing forbids mail still belongs to the audience: they are accounted for as suppressed.
    Only `Standing.REMOVED` is off the list altogether.
    """

    tags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " or ".join(f"tag {tag}" for tag in self.tags) if self.tags else "everybody on the list"


def check_tags(tags: Iterable[str]) -> frozenset[str]:
    """Return the tags, each without spaces around it.

    Raises:
        ValueError: a tag is empty, longer than 100 characters, or holds a comma or semicolon.
    """
    found = frozenset(tag.strip() for tag in tags)
    for tag in found:
        if not _TAG.fullmatch(tag):
            raise ValueError(f"{tag!r} is not a tag; use up to 100 characters without commas and semicolons")
    return found

"""The outline of an issue: which blocks have a title, and the anchors that lead to those a table of contents lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import assert_never

from newsletter.core.blocks import (
    Block,
    Button,
    Contents,
    Divider,
    Events,
    Feature,
    Figure,
    Finds,
    Interview,
    Jobs,
    Letter,
    Note,
    Numbers,
    Own,
    Poll,
    Quote,
    Raw,
    Share,
    Sponsor,
)
from newsletter.core.chart import Chart
from newsletter.core.table import Table
from newsletter.core.typed import Strict

_LONGEST = 60


class Heading(Strict):
    """The title of a block and its anchor; both are empty for a block that no table of contents lists."""

    title: str = ""
    anchor: str = ""


def outline(blocks: Sequence[Block]) -> tuple[Heading, ...]:
    """Return one heading per block; anchors are unique, and only what stands behind a table of contents has one."""
    taken: set[str] = set()
    listed = False
    headings = []
    for block in blocks:
        title = title_of(block) if listed else ""
        headings.append(Heading(title=title, anchor=_anchor(title, taken)) if title else Heading())
        listed = listed or isinstance(block, Contents)
    return tuple(headings)


def title_of(block: Block) -> str:
    """Return the title under which a table of contents lists a block, or nothing for what is no piece."""
    match block:
        case Feature() | Interview() | Chart():
            return block.title
        case Finds() | Events() | Jobs():
            return block.department
        case Note() | Numbers():
            return block.title.strip()
        case Poll():
            return block.question
        case Own():
            return str(getattr(block, "title", "") or getattr(block, "department", "")).strip()
        case Letter() | Share() | Quote() | Figure() | Sponsor() | Table() | Contents() | Button() | Divider() | Raw():
            return ""
        case _:
            assert_never(block)


def _anchor(title: str, taken: set[str]) -> str:
    """Return a new name of lower-case letters, digits and hyphens; merge fields have no part in it."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\{\{.*?\}\}", " ", title, flags=re.DOTALL))
    words = re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode().lower())
    slug = words[:_LONGEST].strip("-") or "piece"
    anchor, number = slug, 1
    while anchor in taken:
        number += 1
        anchor = f"{slug}-{number}"
    taken.add(anchor)
    return anchor

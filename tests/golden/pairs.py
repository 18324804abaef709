"""An issue in which every kind of block stands next to every other, and to itself, before it and after it, once each.

Its blocks are those of blocks-short; `make golden` writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from newsletter.core.source import read

SHORTEST = Path(__file__).parent / "blocks-short/issue.yaml"
ISSUE = Path(__file__).parent / "pairs/issue.yaml"
_HEAD = """\
# Every ordered pair of kinds, once each: written by tests/golden/pairs.py.
volume: 2
number: 23
date: 2026-02-03
subject: Pairs
preheader: Every kind of block before and after every kind
blocks:
"""


def issue() -> str:
    """Return the YAML of the issue."""
    data: Any = read(SHORTEST.read_bytes(), SHORTEST.name).data
    blocks: dict[str, Any] = {block["kind"]: block for block in data["blocks"]}
    lines = (json.dumps(blocks[kind], ensure_ascii=False) for kind in walk(ordered(list(blocks))))
    return _HEAD + "".join(f"  - {line}\n" for line in lines)


def ordered(kinds: Sequence[str]) -> list[str]:
    """Return the kinds with `contents` first, which so comes late in the walk and has few titles to list.

    The walk ends with the last, which has to be one that `contents` can list.
    """
    return sorted(kinds, key=lambda kind: (kind != "contents", kind == "feature", kind))


def walk(kinds: Sequence[str]) -> list[str]:
    """Return a walk over all ordered pairs of kinds: a de Bruijn sequence of order two, backwards.

    Forwards it is `a, ab, ac, b, bc, c` and once more `a` (Fredricksen and Maiorana, Discrete Mathematics 23, 1978).
    """
    there = [
        each
        for at, kind in enumerate(kinds)
        for after in kinds[at:]
        for each in ([kind, after] if after != kind else [kind])
    ]
    return [*reversed(there), there[-1]]

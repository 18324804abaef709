"""Jinja's blocks in a template: what is open where they begin, branch and end.

Branches are walked one after the other: an `else` begins with what was open at its `if`, and what follows the `endif`
with what its last branch left open. A macro begins with nothing open, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.core.mjml.attributes import Found
from newsletter.core.mjml.jinja import Statement
from newsletter.core.mjml.opened import Opened
from newsletter.core.mjml.places import ANYWHERE, Open

_APART = frozenset({"macro", "call"})  # what they hold is drawn elsewhere; so is that of `set` without a value
_BRANCHING = frozenset({"if", "for"})
_ENDS = frozenset({"endmacro", "endcall", "endset", "endif", "endfor"})
_ASSIGNED = re.compile(r"[^|]*=")


class BrokenJinja(Exception):
    """Blocks of Jinja do not end as they began."""


@dataclass(frozen=True, slots=True)
class _Branch:
    """A Jinja block that is open, and what was open when it began."""

    name: str
    before: list[Open]


class Branches:
    """The Jinja blocks that are open, around the tags that are."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._open: list[_Branch] = []

    def __bool__(self) -> bool:
        """Tell whether any is open."""
        return bool(self._open)

    def take(self, statement: Statement) -> Iterator[Found]:
        """Begin, branch or end a block, and so change what is open.

        Raises:
            BrokenJinja: what follows it cannot be judged; Jinja itself says where it is.
        """
        name = statement.name
        if name in _APART or (name == "set" and not _ASSIGNED.match(statement.rest)):
            self._open.append(_Branch(name, before=self._opened.tags))
            self._opened.tags = [Open(ANYWHERE, statement.start)]
        elif name in _BRANCHING:
            self._open.append(_Branch(name, before=list(self._opened.tags)))
        elif name in {"elif", "else"}:
            branch = self._open[-1] if self._open else None
            if branch is None or branch.name not in _BRANCHING:
                raise BrokenJinja
            self._opened.tags = list(branch.before)
        elif name in _ENDS:
            yield from self._end(name)

    def _end(self, name: str) -> Iterator[Found]:
        branch = self._open.pop() if self._open else None
        if branch is None or name != f"end{branch.name}":
            raise BrokenJinja
        if branch.name not in _BRANCHING:
            yield from self._opened.close_down_to(1)
            self._opened.tags = branch.before

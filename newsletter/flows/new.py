"""Begin a new issue."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from newsletter.core.draft import draft
from newsletter.core.issue import numbers_of, slug_of
from newsletter.core.library import Drafts
from newsletter.errors import BadInput


def new(drafts: Drafts, name: str | None, day: date) -> Path:
    """Write the draft of an issue and return its file; without a name, the one after the newest.

    Raises:
        BadInput: the name is not one of an issue, or the issue is there already.
    """
    known = drafts.issues()
    volume, number = (numbers_of(known[-1]) if known else None) or (1, 0)
    wanted = (volume, number + 1) if name is None else numbers_of(name)
    if wanted is None:
        raise BadInput(f"{name!r} is not the name of an issue", hint="write it like vol-2-issue-4")
    if slug_of(*wanted) in known:
        raise BadInput(f"{slug_of(*wanted)} is there already", hint="newsletter new without a name takes the next one")
    return drafts.write_issue(slug_of(*wanted), draft(*wanted, day).encode())

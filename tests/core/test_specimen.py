from __future__ import annotations

from datetime import date
from typing import get_args

from newsletter.core.blocks import Block
from newsletter.core.issue import parse_issue
from newsletter.core.source import read
from newsletter.core.specimen import specimen


def test_the_specimen_has_every_kind_of_block_and_no_problems() -> None:
    issue = parse_issue(read(specimen(2, 1, date(2026, 1, 31)).encode(), "f"), "vol-2-issue-1")
    models = get_args(get_args(Block)[0])
    assert {type(block) for block in issue.blocks} == set(models)
    assert len(issue.blocks) == len(models)

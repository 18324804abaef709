from __future__ import annotations

from datetime import date
from typing import get_args

from newsletter.core.blocks import Block
from newsletter.core.issue import parse_issue
from newsletter.core.kinds import own_kinds
from newsletter.core.schema import HOLDINGS, MAX_CHOICES
from newsletter.core.source import read
from newsletter.core.specimen import specimen


def test_the_specimen_has_every_kind_of_block_and_no_problems() -> None:
    issue = parse_issue(read(specimen(2, 1, date(2026, 1, 31)).encode(), "f"), "vol-2-issue-1")
    models = get_args(get_args(Block)[0])
    assert {type(block) for block in issue.blocks} == set(models)
    assert len(issue.blocks) == len(models)


def test_the_specimen_has_every_kind_of_a_layout_with_all_that_a_key_can_hold() -> None:
    lines = [
        f"{word.replace(' ', '_')}_key: {word}\nmaybe_{word.replace(' ', '_')}: optional {word}" for word in HOLDINGS
    ]
    lines += ["pick: one of a, b, c", "group:\n  list of:\n    pick: optional one of d, e, f, g"]
    files = {"blocks/quip.schema.yaml": "\n".join(lines), "blocks/rule.mjml.j2": ""}
    kinds, problems = own_kinds("plain", files)
    assert problems == []
    source = read(specimen(2, 1, date(2026, 1, 31), kinds.values()).encode(), "f")
    blocks = parse_issue(source, "vol-2-issue-1", [kind.model for kind in kinds.values()]).blocks
    quips = [block.model_dump() for block in blocks if block.kind == "quip"]
    assert any(block.kind == "rule" for block in blocks)
    assert {quip["pick"] for quip in quips} == {"a", "b", "c"}
    assert {each["pick"] for quip in quips for each in quip["group"]} == {"", *"defg"}
    assert {bool(quip["maybe_line"]) for quip in quips} == {quip["truth_key"] for quip in quips} == {True, False}


def test_the_largest_schema_there_can_be_still_has_a_specimen() -> None:
    word = ", ".join(f"{'x' * 30}{letter}" for letter in "abcdefghijkl")
    inner = "\n".join(f"        k{number}: one of {word}" for number in range(47))
    deep = f"a:\n  list of:\n    b:\n     list of:\n      c:\n       list of:\n{inner}"
    kinds, problems = own_kinds("plain", {"blocks/quip.schema.yaml": deep})
    assert problems == []
    source = read(specimen(2, 1, date(2026, 1, 31), kinds.values()).encode(), "f")
    issue = parse_issue(source, "vol-2-issue-1", [kind.model for kind in kinds.values()])
    assert sum(block.kind == "quip" for block in issue.blocks) == MAX_CHOICES + 1

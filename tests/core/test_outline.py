from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.issue import Issue, parse_issue
from newsletter.core.kinds import own_kinds
from newsletter.core.outline import outline
from newsletter.core.source import read
from tests.core.examples import SLUG, issue_data, note, yaml_of
from tests.core.test_blocks import SMALLEST


def anchors(*titles: str, before: int = 0) -> list[str]:
    blocks = [*(note(title="Before") for _ in range(before)), {"kind": "contents"}, *(note(title=t) for t in titles)]
    issue = Issue.model_validate(issue_data(*blocks))
    return [heading.anchor for heading in outline(issue.blocks)]


def test_without_contents_nothing_has_an_anchor() -> None:
    blocks = Issue.model_validate(issue_data(note(), note())).blocks
    assert {(each.title, each.anchor) for each in outline(blocks)} == {("", "")}


def test_what_stands_before_the_contents_has_no_anchor() -> None:
    assert anchors("After", before=2) == ["", "", "", "after"]


def test_an_anchor_is_made_of_the_words_of_the_title() -> None:
    assert anchors("Flexible Connections: a “yes, if”", "Änne & Söhne", "{{ subscriber.name }}’s list") == [
        "",
        "flexible-connections-a-yes-if",
        "anne-sohne",
        "s-list",
    ]


def test_the_same_title_gets_another_anchor() -> None:
    assert anchors("A", "A-2", "A", "A", "漢字", "!") == ["", "a", "a-2", "a-3", "a-4", "piece", "piece-2"]


def test_every_kind_with_a_title_is_listed_and_no_other() -> None:
    blocks = [{"kind": "contents"}, *({"kind": kind, **keys} for kind, keys in SMALLEST.items())]
    issue = Issue.model_validate(issue_data(*blocks, note(title=" ")))
    titles = {block.kind: heading.title for block, heading in zip(issue.blocks, outline(issue.blocks), strict=True)}
    assert {kind: title for kind, title in titles.items() if title} == {
        "events": "D",
        "jobs": "D",
        "poll": "Q",
        "chart": "T",
    }


@given(st.lists(st.text(min_size=1, max_size=90).filter(str.strip), max_size=8))
def test_anchors_are_unique_and_plain(titles: list[str]) -> None:
    found = anchors(*titles)[1:]
    assert len(set(found)) == len(found) == len(titles)
    assert all(re.fullmatch(r"[a-z0-9-]{1,64}", anchor) for anchor in found)


def test_kinds_of_a_layout_are_listed_by_their_title_or_else_their_department() -> None:
    schemas = {
        "both": "title: optional line\ndepartment: line",
        "none": "name: line",
        "list": "department: optional line",
    }
    kinds, _ = own_kinds("plain", {f"blocks/{kind}.schema.yaml": text for kind, text in schemas.items()})
    blocks = """\
- kind: contents
- {kind: both, title: " The title ", department: D}
- {kind: both, department: D}
- {kind: none, name: N}
- {kind: list, department: L}
- {kind: list}
"""
    issue = parse_issue(read(yaml_of(blocks=blocks).encode(), "f"), SLUG, [kind.model for kind in kinds.values()])
    assert [each.title for each in outline(issue.blocks)] == ["", "The title", "D", "", "L", ""]

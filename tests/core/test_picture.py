from __future__ import annotations

import pytest

from newsletter.core.issue import parse_issue
from newsletter.core.kinds import own_kinds
from newsletter.core.source import read
from newsletter.errors import InvalidSource
from tests.core.examples import SLUG, yaml_of
from tests.core.test_blocks import said

SAY = "is missing; say in words what the picture shows, or write `decorative: true`"


IN_ISSUES = "is not a file in issues/; write its path from there, like depot.jpg or winter/depot.jpg"


@pytest.mark.parametrize(
    ("keys", "key", "expected"),
    [
        ("src: a.png", "", f"alt: {SAY}"),
        ('src: a.png, alt: ""', "alt", f"alt: {SAY}"),
        ("src: a.png, alt: ", "alt", "alt: is empty; write something or delete the key"),
        ("src: a.png, decorative: false", "", f"alt: {SAY}"),
        ("src: a.png, decorative: true, alt: x", "alt", "alt: stands beside `decorative: true`; keep one of them"),
        ('src: a.png, alt: "a\\nb"', "alt", "alt: must be one line; join the lines"),
        (
            "src: a.png, decorative: true, url: 'https://e.com'",
            "url",
            "url: would be a link without words; say in `alt` where it leads, instead of `decorative`",
        ),
        ("alt: x", "", "src: is missing; add it"),
        (
            "src: 'https://e.com/a.png', alt: x",
            "src",
            "src: is an address; save the picture beside the issue, in issues/, and write its file name",
        ),
        ("src: '/etc/a.png', alt: x", "src", f"src: {IN_ISSUES}"),
        ("src: '~/a.png', alt: x", "src", f"src: {IN_ISSUES}"),
        ("src: 'file:///a.png', alt: x", "src", f"src: {IN_ISSUES}"),
        ("src: 'C:/a.png', alt: x", "src", f"src: {IN_ISSUES}"),
        ("src: 'data:image/png;base64,AA', alt: x", "src", f"src: {IN_ISSUES}"),
        ("src: winter/../../a.png, alt: x", "src", "src: leads out of issues/; put the picture there"),
        ("src: 'winter\\a.png', alt: x", "src", "src: holds a backslash; write / between folders"),
        (
            'src: "a\\u200b.png", alt: x',
            "src",
            "src: holds a character that cannot be seen; rename the file",
        ),
    ],
)
def test_each_mistake_in_a_picture_is_said_where_it_stands(keys: str, key: str, expected: str) -> None:
    line = f"- {{kind: figure, {keys}}}"
    column = line.index(f"{key}:") + 1 if key else 3
    assert said(line) == [f"7:{column}: blocks[0].{expected}"]


def test_a_caption_is_markdown() -> None:
    [problem] = said("- {kind: figure, src: a.png, alt: x, caption: 'Word [x](y)'}")
    assert problem.startswith("7:57: blocks[0].caption: the link to 'y' leads nowhere from an email")


def test_mistakes_in_the_pictures_of_a_digest_are_found_there() -> None:
    item = "{title: T, url: 'https://e.com', date: 2026-02-03, text: T, picture: {src: a.png, decorativ: true}}"
    assert said(f"- kind: finds\n  department: D\n  style: column\n  items:\n  - {item}") == [
        "9:3: blocks[0].style: 'column' is not possible here; use 'list' or 'columns'",
        f"11:65: blocks[0].items[0].picture.alt: {SAY}",
        "11:87: blocks[0].items[0].picture.decorativ: is not a key here; did you mean 'decorative'?",
    ]


def test_an_issue_names_its_pictures_and_where_they_stand() -> None:
    item = "{title: T, url: 'https://e.com', date: 2026-02-03, text: T"
    picture = "picture: {src: b.png, decorative: true}"
    blocks = (
        "- {kind: note, text: x}\n- {kind: figure, src: a.png, alt: A}\n"
        f"- kind: finds\n  department: D\n  items:\n  - {item}}}\n  - {item}, {picture}}}"
    )
    issue = parse_issue(read(yaml_of(blocks=blocks).encode(), "f"), SLUG)
    assert [(path, picture.src) for path, picture in issue.pictures()] == [
        (("blocks", 1), "a.png"),
        (("blocks", 2, "items", 1, "picture"), "b.png"),
    ]


def test_an_issue_names_the_pictures_of_kinds_that_its_layout_adds() -> None:
    schema = "plan: picture\nlots:\n  list of:\n    view: optional picture\nmore: list of pictures"
    kinds, problems = own_kinds("plain", {"blocks/tender.schema.yaml": schema})
    assert problems == []
    picture = "{src: a.png, alt: A}"
    block = f"- {{kind: tender, plan: {picture}, lots: [{{}}, {{view: {picture}}}], more: [{picture}]}}"
    issue = parse_issue(read(yaml_of(blocks=block).encode(), "f"), SLUG, [kinds["tender"].model])
    assert [path[2:] for path, _ in issue.pictures()] == [("plan",), ("lots", 1, "view"), ("more", 0)]


def test_a_mistake_in_a_picture_of_such_a_kind_is_said_as_in_any_other() -> None:
    kinds, _ = own_kinds("plain", {"blocks/tender.schema.yaml": "plan: picture"})
    source = read(yaml_of(blocks="- {kind: tender, plan: {src: /a.png}}").encode(), "f")
    with pytest.raises(InvalidSource) as caught:
        parse_issue(source, SLUG, [kinds["tender"].model])
    assert [str(each) for each in caught.value.problems] == [
        f"f:7:18: blocks[0].plan.alt: {SAY}",
        f"f:7:25: blocks[0].plan.src: {IN_ISSUES}",
    ]

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.core.issue import Issue, parse_issue, slug_of
from newsletter.core.source import read
from tests.core.examples import issue_data, note, problems_of, yaml_of

IN_FULL = "write it in full, beginning with https://"
WHOLE = "write the address in full, beginning with https://"
ROOT = Path(__file__).parents[2]


def said(text: str) -> list[str]:
    return [str(problem) for problem in problems_of(text)]


@pytest.mark.parametrize("name", ["vol-1-issue-6", "vol-2-issue-3"])
def test_the_sample_issues_are_without_problems(name: str) -> None:
    data = (ROOT / "issues" / f"{name}.yaml").read_bytes()
    issue = parse_issue(read(data, f"issues/{name}.yaml"), name)
    assert issue.slug == name == slug_of(issue.volume, issue.number)


def test_conditions_that_cannot_be_met_sensibly_are_problems() -> None:
    blocks = """\
- kind: contents
- {kind: note, title: One, text: a, only: {tag: us}}
- {kind: note, text: a, only: {}}
- {kind: note, text: a, only: {tgs: us}}
"""
    assert said(yaml_of(blocks=blocks)) == [
        "issue.yaml:9:25: blocks[2].only: needs one of two keys; write `tag: us` or `no_tag: us`",
        "issue.yaml:10:32: blocks[3].only.tgs: is not a key here; did you mean 'tag'?",
    ]
    blocks = blocks.partition("- {kind: note, text")[0]
    assert said(yaml_of(blocks=blocks)) == [
        "issue.yaml:7:3: blocks[0]: no piece with a title follows, at least for some readers; move it up or delete it"
    ]


def test_an_empty_file_is_told_to_be_filled() -> None:
    assert said("") == ["issue.yaml:1:1: is empty; write `key: value` lines into it"]


def test_nobody_may_get_an_empty_issue() -> None:
    blocks = "- {kind: note, text: a, only: {tag: us}}\n- {kind: note, text: b, only: {tag: eu}}\n"
    assert said(yaml_of(blocks=blocks)) == [
        "issue.yaml:6:1: blocks: readers get an empty issue: neither eu nor us; keep at least one block for them"
    ]


def test_the_combinations_of_tags_are_bounded() -> None:
    blocks = "".join(f"- {{kind: note, text: a, only: {{tag: t{number}}}}}\n" for number in range(6))
    (problem,) = said(yaml_of(blocks=f"- {{kind: note, text: a}}\n{blocks}"))
    assert "blocks[6].only: the issue asks for 6 tags, at most 5 are possible" in problem


def test_every_problem_is_reported_at_once_in_the_order_of_the_file() -> None:
    text = """\
volume: first
number: 1
date: soon
subjct: A subject
preheader: Hello {{ subscriber.firstname }}
blocks:
- kind: finds
  department: Finds
  items:
  - title: One
    url: www.example.com
    date: 2026-02-30
    text: |
      See [this](relative.html).
- kind: nte
  text: x
- kind: note
  text:
"""
    assert said(text) == [
        "issue.yaml:1:1: volume: 'first' is not a whole number; write digits only",
        "issue.yaml:1:1: subject: is missing; add it",
        "issue.yaml:3:1: date: 'soon' is not a date; write it like 2025-09-28",
        "issue.yaml:4:1: subjct: is not a key here; did you mean 'subject'?",
        "issue.yaml:5:18: preheader: subscribers have no 'firstname'; did you mean 'first_name'?",
        f"issue.yaml:11:5: blocks[0].items[0].url: 'www.example.com' is not a web address; {IN_FULL}",
        "issue.yaml:12:5: blocks[0].items[0].date: '2026-02-30' is not a date; write it like 2025-09-28",
        f"issue.yaml:14:18: blocks[0].items[0].text: the link to 'relative.html' leads nowhere from an email; {WHOLE}",
        "issue.yaml:15:3: blocks[1]: 'nte' is not a kind of block; did you mean 'note'?",
        "issue.yaml:18:3: blocks[2].text: is empty; write something or delete the key",
    ]


@pytest.mark.parametrize("text", ["- a\n- b", "word", "", "~", "# comment\n", "[]", '""'])
def test_a_file_that_holds_no_keys_is_said_to(text: str) -> None:
    assert [problem.message for problem in problems_of(text)] in (
        ["must hold keys and values"],
        ["is empty"],
    )


@pytest.mark.parametrize(
    "date",
    ["86400", "0", "2026-2-3", "03.02.2026", "2026-02-03T10:00:00", "1769904000", "2026-13-01", "'２０２６-02-03'"],
)
def test_what_is_not_written_as_a_date_is_none(date: str) -> None:
    [problem] = problems_of(yaml_of({"date": date}))
    assert problem.path == "date"
    assert "is not a date" in problem.message


@pytest.mark.parametrize("number", ["1.0", "1_0", "+1", "-1", "٣", "0x1", "1e0", "9" * 5000, "true"])
def test_what_is_not_written_in_digits_is_no_number(number: str) -> None:
    [problem] = problems_of(yaml_of({"volume": number}))
    assert problem.path == "volume"
    assert len(str(problem)) < 200


def test_numbers_begin_at_one() -> None:
    assert said(yaml_of({"volume": "0"})) == ["issue.yaml:1:1: volume: '0' is too small; begin at 1"]


def test_the_norway_problem_is_none() -> None:
    issue = parse_issue(read(yaml_of({"subject": "No", "preheader": "on"}).encode(), "f"), "vol-1-issue-1")
    assert (issue.subject, issue.preheader) == ("No", "on")


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ("- {text: x}", "blocks[0]: has no kind; say which kind of block it is, for instance `kind: feature`"),
        ("- {kind: , text: x}", "blocks[0]: has no kind; say which kind of block it is, for instance `kind: feature`"),
        ("- {kind: [a]}", "blocks[0]: has no kind; say which kind of block it is, for instance `kind: feature`"),
        ("- x", "blocks[0]: must hold keys and values; write `key: value` lines below it"),
        ("- {kind: note, text: x, tilte: y}", "blocks[0].tilte: is not a key here; did you mean 'title'?"),
        ("- {kind: note, text: [x]}", "blocks[0].text: must be text; quote it, or use `|` for several lines"),
        ("- {kind: finds, department: D, items: []}", "blocks[0].items: is empty; write something or delete the key"),
        ("- {kind: finds, department: D, items: x}", "blocks[0].items: must be a list; begin each item with `- `"),
        (
            "- {kind: finds, department: D, items: [{title: T, url: 'https://e.com', dates: 2026-02-03, text: x}]}",
            "blocks[0].items[0].dates: is not a key here; did you mean 'date'?",
        ),
        (
            '- {kind: share, text: x, label: "a\\nb"}',
            "blocks[0].label: must be one line; join the lines",
        ),
        (
            "- {kind: note, text: x}\n- {kind: note, text: 'a b [c](d)'}",
            f"blocks[1].text: the link to 'd' leads nowhere from an email; {WHOLE}",
        ),
        ("- {kind: note, text: '![a](https://e.com/a.png)'}", "blocks[0].text: a picture stands inside a text"),
        (
            "- kind: note\n  text: |\n    a\n    <!-- more -->\n    b",
            "blocks[0].text: a cut mark stands where nothing is cut; only the text of a feature has one",
        ),
        (
            "- kind: feature\n  department: D\n  title: T\n  text: |\n    <!-- more -->\n    b",
            "blocks[0].text: nothing stands above the cut mark; move it down",
        ),
        (
            "- kind: feature\n  department: D\n  title: T\n  text: |\n    a\n    <!--more-->\n    b\n    <!-- more -->",
            "blocks[0].text: a second cut mark; keep one",
        ),
        ("- {kind: note, text: 'a {{ b'}", "blocks[0].text: '{{' without its other half; close the merge field"),
        (
            "- {kind: note, text: '[a](https://{{ subscriber.site }}/)'}",
            "would decide where a link leads; write the address in full and put the field behind its ?",
        ),
    ],
)
def test_each_kind_of_mistake_is_said_with_what_to_do(blocks: str, expected: str) -> None:
    found = said(yaml_of(blocks=blocks))
    assert any(expected in each for each in found), found
    assert not [each for each in found if "blocks: is empty" in each]


def test_a_name_that_does_not_fit_the_file_is_said() -> None:
    [problem] = problems_of(yaml_of(), slug="vol-1-issue-2")
    assert problem.message == "the file is named vol-1-issue-2.yaml but holds volume 1, number 1"
    assert problem.hint == "rename it to vol-1-issue-1.yaml or mend the number"


def test_a_second_cut_mark_and_a_link_are_found_on_their_lines() -> None:
    blocks = """\
- kind: feature
  department: D
  title: T
  text: |
    First.

    <!-- more -->

    Second [link](here).

      <!-- more -->"""
    assert [(each.mark.line, each.mark.column) for each in problems_of(yaml_of(blocks=blocks))] == [(15, 19), (17, 7)]


def test_a_trailing_slash_of_a_link_is_kept() -> None:
    issue = Issue.model_validate(issue_data({"kind": "share", "text": "x", "label": "y", "url": "https://e.com/a/"}))
    assert issue.blocks[0].model_dump()["url"] == "https://e.com/a/"


def test_lines_are_trimmed_and_texts_are_kept() -> None:
    issue = Issue.model_validate(issue_data(note("  a\n"), subject="  A subject \n"))
    assert issue.subject == "A subject"
    assert issue.blocks[0].model_dump()["text"] == "  a\n"


def test_a_flaw_in_the_expression_of_a_block_is_told_once_at_its_character() -> None:
    blocks = """\
- {kind: note, text: a}
- {kind: note, text: b, only: "tag:us and tga:eu"}
- kind: note
  text: c
  only: >
    tag:us or
    joined since May
- {kind: note, text: d, only: mailed is set}
"""
    hint = "ask for tags, names and fields, and for the rest in `send --to`"
    assert said(yaml_of(blocks=blocks)) == [
        "issue.yaml:8:43: blocks[1].only: 'tga:eu' is not known here; did you mean 'tag:'?",
        "issue.yaml:13:18: blocks[2].only: 'May' is not a day; write it like 2026-01-31",
        f"issue.yaml:14:25: blocks[3].only: `mailed is set` is not known of a reader when a message is written; {hint}",
    ]


def test_facts_about_readers_are_bounded_as_tags_are() -> None:
    blocks = "".join(f"- {{kind: note, text: a, only: field.n = {number}}}\n" for number in range(6))
    (problem,) = said(yaml_of(blocks=f"- {{kind: note, text: a}}\n{blocks}"))
    assert "blocks[6].only: the issue asks for 6 facts about readers, at most 5 are possible" in problem

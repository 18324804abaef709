from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from newsletter.core.issue import Issue, parse_issue
from newsletter.core.source import read
from newsletter.core.table import Table
from tests.core.examples import SLUG, issue_data, problems_of, yaml_of

URL = "https://e.com/"
IN_FULL = "write it in full, beginning with https://"
EMPTY = "is empty; write something or delete the key"
SMALLEST: dict[str, dict[str, Any]] = {
    "quote": {"text": "Q", "by": "B"},
    "figure": {"src": "small.png", "alt": "A"},
    "numbers": {"items": [{"value": "1", "label": "one"}, {"value": "2", "label": "two"}]},
    "events": {"department": "D", "items": [{"title": "T", "url": URL, "date": "2026-02-03", "place": "P"}]},
    "jobs": {"department": "D", "items": [{"title": "T", "organization": "O", "place": "P", "url": URL}]},
    "sponsor": {"name": "N", "text": "T", "label": "L", "url": URL},
    "poll": {"question": "Q", "answers": [{"label": "A", "url": URL}, {"label": "B", "url": URL}]},
    "table": {"header": ["A", "B"], "rows": [["a", "b"]]},
    "chart": {"title": "T", "labels": ["A"], "series": [{"name": "N", "values": ["1"]}], "alt": "S"},
    "contents": {},
    "button": {"label": "L", "url": URL},
    "divider": {},
    "raw": {"mjml": "<mj-section></mj-section>", "text": "T"},
}
WORDS_FOR = {
    ("raw", "text"): "say the same in words, or write `decorative: true`",
    ("figure", "alt"): "say in words what the picture shows, or write `decorative: true`",
    ("chart", "series"): "give `values`, or `series` with a name and values each",
}
OPTIONAL = {
    "quote": {"role": "R", "url": URL},
    "figure": {"caption": "C", "credit": "D", "url": URL},
    "numbers": {"title": "T"},
    "table": {"caption": "C"},
    "chart": {"style": "lines", "unit": "U", "caption": "C"},
    "contents": {"title": "T"},
    "divider": {"label": "L"},
}


def said(block: str) -> list[str]:
    return [str(problem).removeprefix("issue.yaml:") for problem in problems_of(yaml_of(blocks=block))]


def issue_of(*blocks: dict[str, Any]) -> Issue:
    return Issue.model_validate(issue_data(*blocks))


@pytest.mark.parametrize("kind", SMALLEST)
def test_a_block_needs_every_key_that_is_not_optional(kind: str) -> None:
    whole = {"kind": kind, **SMALLEST[kind]}
    assert issue_of(whole).blocks[0].kind == kind
    assert issue_of({**whole, **OPTIONAL.get(kind, {})}).blocks[0].kind == kind
    for key in SMALLEST[kind]:
        rest = {name: value for name, value in whole.items() if name != key}
        hint = WORDS_FOR.get((kind, key), "add it")
        assert said(f"- {rest!r}") == [f"7:3: blocks[0].{key}: is missing; {hint}"]


@pytest.mark.parametrize("kind", SMALLEST)
def test_a_block_has_no_other_keys_and_cannot_change(kind: str) -> None:
    [problem] = said(f"- { ({'kind': kind, **SMALLEST[kind], 'colour': 'red'})!r}")
    assert f"blocks[0].colour: is not a key here; known here: {'decorative' if kind == 'raw' else ''}" in problem
    block = issue_of({"kind": kind, **SMALLEST[kind]}).blocks[0]
    with pytest.raises(ValueError, match="frozen"):
        setattr(block, "kind", "note")  # noqa: B010 - the type checker knows that it cannot be set


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ('- {kind: quote, text: " ", by: B}', [f"7:17: blocks[0].text: {EMPTY}"]),
        ('- {kind: quote, text: Q, by: ""}', [f"7:26: blocks[0].by: {EMPTY}"]),
        ('- {kind: quote, text: Q, by: "a\\nb"}', ["7:26: blocks[0].by: must be one line; join the lines"]),
        ('- {kind: quote, text: Q, by: B, role: "a\\nb"}', ["7:33: blocks[0].role: must be one line; join the lines"]),
        (
            "- {kind: quote, text: Q, by: B, url: e.com}",
            [f"7:33: blocks[0].url: 'e.com' is not a web address; {IN_FULL}"],
        ),
        (
            '- kind: numbers\n  items:\n  - {value: "1", label: one}',
            ["8:3: blocks[0].items: has 1 number; give 2 to 4"],
        ),
        ("- kind: numbers\n  items: []", ["8:3: blocks[0].items: has 0 numbers; give 2 to 4"]),
        (
            "- kind: numbers\n  items:" + "\n  - {value: a, label: b}" * 5,
            ["8:3: blocks[0].items: has 5 numbers; give 2 to 4"],
        ),
        (
            "- kind: numbers\n  items:\n  - {value: , label: b}\n  - {value: a}",
            [f"9:6: blocks[0].items[0].value: {EMPTY}", "10:5: blocks[0].items[1].label: is missing; add it"],
        ),
        (
            (
                "- kind: events\n  department: D\n  items:\n  - title: T\n    url: https://e.com\n    place: P\n"
                "    date: 2026-03-05\n    end_date: 2026-03-03"
            ),
            [
                (
                    "14:5: blocks[0].items[0].end_date: 2026-03-03 is before 2026-03-05, the day on which it begins; "
                    "swap or mend the dates"
                )
            ],
        ),
        (
            (
                "- kind: events\n  department: D\n  items:\n  - {title: T, url: 'https://e.com', place: P, date: soon, "
                "end_date: 3.3.2026}"
            ),
            [
                "10:48: blocks[0].items[0].date: 'soon' is not a date; write it like 2025-09-28",
                "10:60: blocks[0].items[0].end_date: '3.3.2026' is not a date; write it like 2025-09-28",
            ],
        ),
        ("- {kind: events, department: D, items: []}", [f"7:33: blocks[0].items: {EMPTY}"]),
        (
            (
                "- kind: jobs\n  department: D\n  items:\n  - {title: T, organization: O, place: P, url: jobs.html, "
                "closing_date: 2026-02-30}"
            ),
            [
                f"10:43: blocks[0].items[0].url: 'jobs.html' is not a web address; {IN_FULL}",
                "10:59: blocks[0].items[0].closing_date: '2026-02-30' is not a date; write it like 2025-09-28",
            ],
        ),
        ("- {kind: jobs, department: D, items: }", [f"7:31: blocks[0].items: {EMPTY}"]),
        (
            "- {kind: sponsor, name: N, text: '[x](y)', label: L, url: 'https://e.com'}",
            [
                (
                    "7:39: blocks[0].text: the link to 'y' leads nowhere from an email; write the address in full, "
                    "beginning with https://"
                )
            ],
        ),
        (
            "- kind: poll\n  question: Q\n  answers:\n  - {label: A, url: 'https://e.com'}",
            ["9:3: blocks[0].answers: has 1 answer; give 2 to 6"],
        ),
        (
            "- kind: poll\n  question: Q\n  answers:" + "\n  - {label: A, url: 'https://e.com'}" * 7,
            ["9:3: blocks[0].answers: has 7 answers; give 2 to 6"],
        ),
        (
            "- kind: table\n  header: [A, B]\n  rows:\n  - [a, b]\n  - [a]\n  - [a, b, c]",
            [
                '11:5: blocks[0].rows[1]: has 1 cell, the header 2; write "" for an empty cell',
                '12:5: blocks[0].rows[2]: has 3 cells, the header 2; write "" for an empty cell',
            ],
        ),
        ("- kind: table\n  header: [A]\n  rows: [[a]]", ["8:3: blocks[0].header: has 1 column; give 2 to 6"]),
        (
            "- kind: table\n  header: [A, B, C, D, E, F, G]\n  rows: [[a]]",
            ["8:3: blocks[0].header: has 7 columns; give 2 to 6"],
        ),
        ('- kind: table\n  header: [A, ""]\n  rows: [[a, b]]', [f"8:15: blocks[0].header[1]: {EMPTY}"]),
        ("- kind: table\n  header: [A, B]\n  rows: []", [f"9:3: blocks[0].rows: {EMPTY}"]),
        (
            "- kind: table\n  header: [A, B]\n  rows:\n  - word",
            ["10:5: blocks[0].rows[0]: must be a list; begin each item with `- `"],
        ),
        (
            '- kind: table\n  header: [A, B]\n  rows:\n  - [a, "b\\nc"]',
            ["10:9: blocks[0].rows[0][1]: must be one line; join the lines"],
        ),
        ("- kind: contents", ["7:3: blocks[0]: no piece with a title follows; move it up or delete it"]),
        (
            "- {kind: contents}\n- {kind: note, text: x}\n- {kind: divider}",
            ["7:3: blocks[0]: no piece with a title follows; move it up or delete it"],
        ),
        (
            "- {kind: button, label: L, url: 'https://{{subscriber.site}}/'}",
            [
                f"7:28: blocks[0].url: 'https://{{{{subscriber.site}}}}/' is not a web address; {IN_FULL}",
                (
                    "7:42: blocks[0].url: '{{subscriber.site}}' would decide where a link leads; "
                    "write the address in full and put the field behind its ?"
                ),
            ],
        ),
        ('- {kind: divider, label: "a\\nb"}', ["7:19: blocks[0].label: must be one line; join the lines"]),
        ("- {kind: raw, text: T, mjml: }", [f"7:24: blocks[0].mjml: {EMPTY}"]),
        (
            "- {kind: raw, mjml: <mj-section />}",
            ["7:3: blocks[0].text: is missing; say the same in words, or write `decorative: true`"],
        ),
        (
            "- {kind: raw, mjml: <mj-section />, text: x, decorative: true}",
            ["7:37: blocks[0].text: stands beside `decorative: true`; keep one of them"],
        ),
        (
            "- {kind: raw, mjml: <mj-section />, decorative: perhaps}",
            ["7:37: blocks[0].decorative: 'perhaps' is not possible here; use true or false"],
        ),
        (
            (
                "- kind: raw\n  text: T\n  mjml: |\n    <mj-section><mj-column>\n      <mj-text>One <b>two</mj-text>\n"
                "    </mj-column></mj-section>"
            ),
            ["11:20: blocks[0].mjml: <b> is never closed; write </b> where it ends"],
        ),
        (
            '- kind: raw\n  decorative: true\n  mjml: "<mj-section>\n    </mj-column></mj-section>"',
            ["10:5: blocks[0].mjml: </mj-column> closes nothing; delete it, or open the tag before it"],
        ),
        (
            "- {kind: raw, text: 'a {{ b', mjml: '{{ subscriber.firstname }}'}",
            [
                "7:24: blocks[0].text: '{{' without its other half; close the merge field or write one brace",
                "7:38: blocks[0].mjml: subscribers have no 'firstname'; did you mean 'first_name'?",
                (
                    "7:38: blocks[0].mjml: '{{ ... }}' cannot stand in a block of kind raw; "
                    "it is one or more <mj-section>; put this into an <mj-text> inside"
                ),
            ],
        ),
        ("- {kind: qoute, text: Q, by: B}", ["7:3: blocks[0]: 'qoute' is not a kind of block; did you mean 'quote'?"]),
    ],
)
def test_each_mistake_is_said_where_it_stands_with_what_to_do(block: str, expected: list[str]) -> None:
    assert said(block) == expected


def test_an_event_may_end_on_the_day_on_which_it_begins() -> None:
    event = {**SMALLEST["events"]["items"][0], "end_date": "2026-02-03"}
    [block] = issue_of({"kind": "events", "department": "D", "items": [event]}).blocks
    assert block.model_dump()["items"][0]["end"] == date(2026, 2, 3)


@pytest.mark.parametrize(("written", "decorative"), [("true", True), ("false", False)])
def test_decorative_is_true_or_false(written: str, decorative: bool) -> None:  # noqa: FBT001 - what is expected
    text = "" if decorative else "text: T, "
    blocks = f"- {{kind: raw, {text}mjml: <mj-section />, decorative: {written}}}"
    issue = parse_issue(read(yaml_of(blocks=blocks).encode(), "f"), SLUG)
    assert issue.blocks[0].model_dump()["decorative"] is decorative


@pytest.mark.parametrize(
    ("cells", "numeric"),
    [
        (["1", "2"], True),
        (["1,200.50", "-3", "−3", "+12 %", "$6.3", "12'000 €", "9.6 kW", "~5", "-$5"], True),
        (["1", "", "–", "n/a"], True),
        (["", "–"], False),
        (["1", "two"], False),
        (["2–3"], False),
        (["1 of 2"], False),
        (["F-150"], False),
        (["mergefield000z", "1"], False),
        (["1" * 5000], True),
        (["1," * 5000 + "x"], False),
    ],
)
def test_a_column_of_numbers_is_known_by_its_cells(cells: list[str], numeric: bool) -> None:  # noqa: FBT001 - likewise
    table = Table.model_validate({"kind": "table", "header": ["A", "B"], "rows": [["x", cell] for cell in cells]})
    assert table.numeric == (False, numeric)

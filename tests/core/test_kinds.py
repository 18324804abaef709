from __future__ import annotations

from collections.abc import Mapping

import pytest

from newsletter.core.blocks import KINDS
from newsletter.core.issue import Issue, parse_issue
from newsletter.core.kinds import files_of, own_kinds
from newsletter.core.source import read
from newsletter.errors import InvalidSource
from tests.core.examples import SLUG, yaml_of

SCHEMA = """\
title: optional line
words: optional text
story: optional markdown
day: optional date
url: optional url
seats: optional whole number
sold_out: optional truth
style: optional one of quiet, loud
points: optional list of markdown
people:
  optional list of:
    name: line
    role: optional line
venue:
  optional:
    name: line
"""


def issue(blocks: str, schema: str | None = SCHEMA) -> Issue:
    files = {"blocks/quip.mjml.j2": ""} if schema is None else {"blocks/quip.schema.yaml": schema}
    kinds, _ = own_kinds("plain", files)
    return parse_issue(read(yaml_of(blocks=blocks).encode(), "f"), SLUG, [kind.model for kind in kinds.values()])


def held(block: str, schema: str = SCHEMA) -> Mapping[str, object]:
    return dict(issue(f"- {{kind: quip, {block}}}", schema).blocks[0].model_dump())


def said(block: str, schema: str | None = SCHEMA) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        issue(f"- {{kind: quip, {block}}}", schema)
    return [f"{problem.path}: {problem.message}; {problem.hint}" for problem in caught.value.problems]


def test_what_is_left_out_is_empty() -> None:
    assert held("") == {
        **dict.fromkeys(("title", "words", "story", "style"), ""),
        **dict.fromkeys(("day", "url", "seats", "venue")),
        **dict.fromkeys(("points", "people"), ()),
        "kind": "quip",
        "sold_out": False,
    }


def test_values_have_the_types_of_the_schema() -> None:
    given = held(
        "title: ' 2025 ', seats: '012', sold_out: true, style: loud, day: 2026-02-03, points: [a, b], venue: {name: V},"
        "people: [{name: A}], url: 'https://exämple.com/'"
    )
    assert (given["title"], given["seats"], given["sold_out"], given["style"]) == ("2025", 12, True, "loud")
    assert (str(given["day"]), given["url"]) == ("2026-02-03", "https://xn--exmple-cua.com/")
    assert (given["points"], given["venue"], given["people"]) == (
        ("a", "b"),
        {"name": "V"},
        ({"name": "A", "role": ""},),
    )


EMPTY = "is empty; write something or delete the key"
BRACE = "'{{' without its other half; close the merge field or write one brace"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("titel: x", "blocks[0].titel: is not a key here; did you mean 'title'?"),
        ('title: "a\\nb"', "blocks[0].title: must be one line; join the lines"),
        ("title: 'a {{ b'", f"blocks[0].title: {BRACE}"),
        ("words: [a]", "blocks[0].words: must be text; quote it, or use `|` for several lines"),
        ("story: '[a](b)'", "blocks[0].story: the link to 'b' leads nowhere from an email; write the address in full"),
        ("points: [a, '![a](https://e.com/a.png)']", "blocks[0].points[1]: a picture stands inside a text; take it"),
        ("points: [a, 'a {{ b']", f"blocks[0].points[1]: {BRACE}"),
        ("points: []", f"blocks[0].points: {EMPTY}"),
        ("points: a", "blocks[0].points: must be a list; begin each item with `- `"),
        ("story: '<!-- more -->'", "blocks[0].story: a cut mark stands where nothing is cut; only the text of a feat"),
        ("day: 3.2.2026", "blocks[0].day: '3.2.2026' is not a date; write it like 2025-09-28"),
        ("day: '{{ x }}'", "blocks[0].day: '{{ x }}' is not a date; write it like 2025-09-28"),
        ("url: e.com", "blocks[0].url: 'e.com' is not a web address; write it in full, beginning with https://"),
        ("seats: -1", "blocks[0].seats: '-1' is not a whole number; write digits only"),
        ("seats: '1_0'", "blocks[0].seats: '1_0' is not a whole number; write digits only"),
        ("sold_out: yes", "blocks[0].sold_out: 'yes' is not possible here; use true or false"),
        ("style: laud", "blocks[0].style: 'laud' is not possible here; use 'quiet' or 'loud'"),
        ("style: ", f"blocks[0].style: {EMPTY}"),
        (
            "people: [{name: A}, {rloe: x, name: B}]",
            "blocks[0].people[1].rloe: is not a key here; did you mean 'role'?",
        ),
        ("people: [{role: x}]", "blocks[0].people[0].name: is missing; add it"),
        ("venue: {name: }", f"blocks[0].venue.name: {EMPTY}"),
        ("venue: V", "blocks[0].venue: must hold keys and values; write `key: value` lines below it"),
    ],
)
def test_mistakes_are_said_as_those_of_built_in_kinds_are(block: str, expected: str) -> None:
    [problem] = said(block)
    assert problem.startswith(expected)


@pytest.mark.parametrize("line", [line for line in SCHEMA.splitlines() if ": optional" in line])
def test_a_key_that_is_not_optional_is_needed(line: str) -> None:
    schema = line.strip().replace("optional ", "")
    assert said("", schema)[0] == f"blocks[0].{schema.partition(':')[0]}: is missing; add it"


def test_plain_words_are_no_markdown_whatever_their_key_is_called() -> None:
    assert held("text: '![a](b)'", "text: line")["text"] == "![a](b)"


def test_a_misspelt_kind_is_met_with_the_layout_s_own() -> None:
    with pytest.raises(InvalidSource) as caught:
        issue("- {kind: qiup}")
    assert [problem.hint for problem in caught.value.problems] == ["did you mean 'quip'?"]


def test_a_kind_without_a_schema_has_no_keys_and_says_where_to_write_them() -> None:
    assert issue("- {kind: quip}", None).blocks[0].kind == "quip"
    assert said("label: x, text: y", None) == [
        f"blocks[0].{key}: is not a key here; 'quip' has none until blocks/quip.schema.yaml says `{key}: line`"
        for key in ("label", "text")
    ]


def test_a_kind_whose_schema_is_wrong_takes_anything_for_now() -> None:
    kinds, problems = own_kinds("plain", {"blocks/quip.schema.yaml": "title: lnie"})
    assert [problem.file for problem in problems] == ["layouts/plain/blocks/quip.schema.yaml"]
    assert list(kinds) == ["quip"]
    assert issue("- {kind: quip, title: [a, {b: c}]}", "title: lnie").blocks[0].kind == "quip"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_built_in_kind_takes_other_templates_but_no_schema(kind: str) -> None:
    templates = {f"blocks/{kind}.mjml.j2": "", f"blocks/{kind}.txt.j2": ""}
    assert own_kinds("plain", templates) == ({}, [])
    kinds, [problem] = own_kinds("plain", {**templates, f"blocks/{kind}.schema.yaml": "a: line"})
    assert kinds == {}
    assert str(problem).startswith(f"layouts/plain/blocks/{kind}.schema.yaml:1:1: '{kind}' is a kind that is built in")


@pytest.mark.parametrize(
    "file",
    [
        "blocks/_a.mjml.j2",
        "blocks/_a.schema.yaml",
        "a.schema.yaml",
        "blocks/a/b.txt.j2",
        "blocks/a.yaml",
        "blocks/a.j2",
    ],
)
def test_shared_pieces_and_other_files_are_no_kinds(file: str) -> None:
    assert list(files_of([file])) == []
    assert own_kinds("plain", {file: "a: line"}) == ({}, [])


@pytest.mark.parametrize("name", ["A", "a b", "1", "é", "a,b", "a'", "x" * 41, "a.b"])
def test_a_file_whose_name_no_kind_can_have_adds_none(name: str) -> None:
    assert own_kinds("plain", {f"blocks/{name}.schema.yaml": "a: line"}) == ({}, [])


def test_a_schema_of_too_many_characters_is_not_even_read() -> None:
    _, [problem] = own_kinds("plain", {"blocks/quip.schema.yaml": "[" * 20_001})
    assert problem.message == "the schema has 20,001 characters, more than 20,000"

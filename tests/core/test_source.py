from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.issue import parse_issue
from newsletter.core.publication import parse_publication
from newsletter.core.source import MAX_BYTES, Document, Mark, Problem, read, written
from newsletter.errors import InvalidSource

ISSUES = sorted(Path(__file__).parents[2].glob("issues/*.yaml"))


def problems(data: str | bytes) -> list[Problem]:
    try:
        read(data if isinstance(data, bytes) else data.encode(), "f.yaml")
    except InvalidSource as err:
        return list(err.problems)
    return []


def said(data: str | bytes) -> str:
    return "\n".join(str(problem) for problem in problems(data))


def document(text: str) -> Document:
    return read(text.encode(), "f.yaml")


@pytest.mark.parametrize("word", ["No", "yes", "on", "1_000", "0o7", "1e3", "2025-02-30", "12:30:45", "0x1F", ".inf"])
def test_every_plain_word_stays_the_text_that_the_editor_wrote(word: str) -> None:
    assert document(f"a: {word}").data == {"a": word}


@pytest.mark.parametrize("null", ["", "~", "null", "Null", "NULL"])
def test_an_empty_value_is_null_and_a_quoted_one_is_text(null: str) -> None:
    assert document(f"a: {null}").data == {"a": None}
    assert document(f"a: '{null}'").data == {"a": null}


def test_an_empty_file_and_one_of_comments_hold_nothing() -> None:
    assert document("").data is None
    assert document("# nothing\n\n").data is None


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    text = "a: |\n  one\n  two\nb: c\n"
    windows = read(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "f.yaml")
    assert windows.data == document(text).data
    assert windows.marks == document(text).marks


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a: 1\nb: 2\na: 3", "f.yaml:3:1: the key 'a' stands here twice (first on line 1); keep one"),
        ("x:\n  - a: 1\n    a: 2", "f.yaml:3:5: x[0]: the key 'a' stands here twice (first on line 2); keep one"),
        ("<<: {a: b}", "f.yaml:1:1: merge keys (<<) are not used here; write the values out"),
        ("a: &x b", "f.yaml:1:4: anchors (&x) are not used here; delete the anchor"),
        ("a: *x", "f.yaml:1:4: aliases (*name) are not used here; write the value out"),
        ("a: 1\n---\nb: 2", "f.yaml:2:1: a second document begins here; keep one document per file"),
        ("a: {{ x }}", "f.yaml:1:5: a: a key must be text; quote a text that begins with { or ["),
        ("a:\n\tb: 1", "f.yaml:2:1: a tab stands where YAML wants spaces; indent with spaces"),
        ("a: b: c", "f.yaml:1:5: not YAML: mapping values are not allowed here; quote the text if it holds a colon"),
        ("a: x\0y", "f.yaml:1:5: character U+0000 cannot stand here; delete it"),
        ("a: b\nc: x\u2028y", "f.yaml:2:5: character U+2028 cannot stand here; begin a new line instead"),
        ('a: "\\u0007"', "f.yaml:1:4: the escape of U+0007 stands in this text; delete it"),
        ('a: "\\ud800"', "f.yaml:1:4: the escape of U+D800 stands in this text; delete it"),
        (b"\xff\xfea\x00", "f.yaml:1:1: the file is UTF-16; save it as UTF-8"),
        ("ä: b\nc: ".encode() + b"gr\xfcn", "f.yaml:2:6: byte 0xfc is not UTF-8; save the file as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_with_its_place_and_what_to_do(data: str | bytes, expected: str) -> None:
    assert said(data) == expected


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.system [x]", "!!int 3", "!own x", "! x", "!!binary eA=="])
def test_tags_construct_nothing(tag: str) -> None:
    assert "tags (" in said(f"a: {tag}")


def test_every_problem_is_said_at_once() -> None:
    assert [problem.mark.line for problem in problems("a: !t 1\nb: *x\na: 2\n<<: 3\nc: &y 4")] == [1, 2, 3, 4, 5]


def test_what_stands_before_a_syntax_error_is_said_with_it() -> None:
    assert [problem.mark for problem in problems("a: !t 1\nb: 'open")] == [Mark(1, 4), Mark(2, 9)]


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    before = time.process_time()
    assert "aliases" in said("\n".join(lines))
    assert time.process_time() - before < 1


@pytest.mark.parametrize("data", ["[" * 100_000, "- " * 100_000, "{a: " * 10_000, "? " * 100_000, "- ? " * 10_000])
def test_deep_nesting_is_refused_without_recursion(data: str) -> None:
    assert "nested deeper than 20 levels" in said(data)


def test_a_large_file_is_refused_before_it_is_parsed() -> None:
    before = time.process_time()
    assert "the file has 10,000,000 bytes, more than" in said(b"a: b\n" * 2_000_000)
    assert time.process_time() - before < 0.1
    assert not problems("a: " + "x" * (MAX_BYTES - 3))


@pytest.mark.parametrize("data", ["? [a]\n: b\nc: d", "? {a: b}\n: c\nd: e", "*a : b\nc: d", "{[a]: b, c: d}"])
def test_a_key_that_is_no_text_is_one_problem_and_shifts_nothing(data: str) -> None:
    assert len(problems(data)) == 1


def test_an_escape_beyond_unicode_is_a_problem_of_the_text_it_stands_in() -> None:
    assert said('a: b\nc: "\\UFFFFFFFF"').startswith("f.yaml:2:1: not YAML")


def test_a_path_is_written_as_the_editor_would_say_it() -> None:
    assert written(("blocks", 2, "items", 0, "date")) == "blocks[2].items[0].date"
    assert written(()) == ""


def test_a_place_of_what_is_missing_is_that_of_what_should_hold_it() -> None:
    found = document("a:\n  - b: c\n")
    assert found.mark(("a", 0, "missing", "deeper")) == Mark(2, 5)
    assert found.mark(("nowhere",)) == Mark(1, 1)


# A needle in every style of YAML string; its place must be found whatever folding, quoting and escapes do around it.
STYLES = {
    "plain": "a: one two NEEDLE three",
    "plain on several lines": "a: one\n  two\n\n    three NEEDLE four",
    "literal": "a: |\n  one\n\n   two NEEDLE\n",
    "literal, indented by number": "a: |2\n    one\n  NEEDLE\n",
    "literal with a comment": "a: |-  # NEEDLE is not here\n\n  one  NEEDLE\n",
    "folded": "a: >\n  one\n  two\n\n    three\n  four NEEDLE\n",
    "single quotes": "a: 'it''s\n   NEEDLE, isn''t it'",
    "double quotes": 'a: "one\\ttwo\\n \\x41\\u0042\\U00000043 \\"NEEDLE\\" \\\n   four"',
    "escaped spaces": 'a: "\\x20\\u0020\\ \\_NEEDLE"',
    "flow": "{b: [x, y], a: 'ä ❤ NEEDLE'}",
    "no-break space": "a: x\u00a0\u00a0 NEEDLE",
    "after a byte order mark": "b: \ufeffx\na: \ufeff NEEDLE",
    "windows": "b: |\r\n  x\r\na: |\r\n  y\r\n  NEEDLE\r\n",
}


@pytest.mark.parametrize("style", STYLES)
def test_the_place_of_a_character_is_found_in_every_style_of_text(style: str) -> None:
    text = STYLES[style]
    found = document(text)
    assert isinstance(found.data, dict)
    value = found.data["a"]
    assert isinstance(value, str)
    mark = found.locate(("a",), value.index("NEEDLE"))
    lines = text.replace("\r\n", "\n").split("\n")
    assert lines[mark.line - 1][mark.column - 1 :].startswith("NEEDLE")


@pytest.mark.parametrize("path", ISSUES, ids=lambda path: str(path.stem))
@given(data=st.data())
def test_the_place_of_every_visible_character_of_the_real_issues_is_right(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    found = read(text.encode(), path.name)
    where, value = data.draw(st.sampled_from(list(found.strings().items())))
    offset = data.draw(st.integers(0, len(value) - 1))
    if not value[offset].isspace():
        mark = found.locate(where, offset)
        assert text.split("\n")[mark.line - 1][mark.column - 1] == value[offset]


@pytest.mark.parametrize("path", ISSUES, ids=lambda path: str(path.stem))
@given(data=st.data())
def test_a_merge_field_broken_anywhere_in_a_real_issue_is_reported_where_it_stands(
    path: Path, data: st.DataObject
) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    prose = re.compile(r"      +[A-Za-z](?!.*(:( |$)|\{\{))")
    chosen = data.draw(st.sampled_from([n for n, line in enumerate(lines) if prose.match(line)]))
    words = lines[chosen].split(" ")
    words.insert(data.draw(st.integers(words.count(""), len(words) - 1)), "{{ wrong }}")
    lines[chosen] = " ".join(words)
    with pytest.raises(InvalidSource) as caught:
        parse_issue(read("\n".join(lines).encode(), "f"), path.stem)
    assert [problem.mark for problem in caught.value.problems] == [Mark(chosen + 1, lines[chosen].index("{{") + 1)]


YAMLISH = st.text(alphabet="abc:-?[]{}#&*!|>'\"%@`,\n\t \\ux0~<=.1\u2028é\0", max_size=60)
FRAGMENTS = [
    *(
        "a: b",
        "- x",
        "  - y: z",
        "blocks:",
        "- kind: note",
        "  kind: finds",
        "  items:",
        "    - title: |",
        "  text: >-",
    ),
    *("date: 2026-02-03", "volume: 1", "---", "...", "%YAML 1.1", "a: &x", "b: *x", "<<: *x", "!!set", "? a", ": b"),
    *("{{ x }}", "'q", '"\\u00', "[", "}", "\t- a"),
]
LINES = st.lists(st.sampled_from(FRAGMENTS) | YAMLISH, max_size=12).map("\n".join)


def parse_everything(data: bytes) -> None:
    """Parse as everything a file can be; nothing but InvalidSource may come out, and each problem has its place."""
    lines = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    for problem in [*_problems_as_issue(data), *_problems_as_publication(data)]:
        assert 1 <= problem.mark.line <= lines + 1
        assert problem.mark.column >= 1


def _problems_as_issue(data: bytes) -> Sequence[Problem]:
    try:
        parse_issue(read(data, "f"), "x")
    except InvalidSource as err:
        return err.problems
    return ()


def _problems_as_publication(data: bytes) -> Sequence[Problem]:
    try:
        parse_publication(read(data, "f"), {})
    except InvalidSource as err:
        return err.problems
    return ()


@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"\xef\xbb\xbf\xff")
def test_bytes_give_problems_and_never_a_crash(data: bytes) -> None:
    parse_everything(data)


@given(YAMLISH | LINES)
@example("a")
@example("{{ x }}")
@example("- - - -")
@example('"\\UFFFFFFFF"')
@example("reviewers: {a: {{ x }}}")
def test_anything_like_yaml_gives_problems_and_never_a_crash(text: str) -> None:
    parse_everything(text.encode())


@pytest.mark.parametrize("path", ISSUES, ids=lambda path: str(path.stem))
@given(data=st.data())
def test_a_damaged_issue_gives_problems_and_never_a_crash(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")[:4000]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(YAMLISH) + text[at + cut :]
    parse_everything(text.encode())


KEYS = st.sampled_from(
    ["kind", "title", "items", "blocks", "date", "text", "url", "ses", "tokens", "reviewers", "volume"]
)
TREES = st.recursive(
    st.none() | st.sampled_from(["note", "finds", "1", "x", "2026-02-03", "{{ x }}", "<!-- more -->"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_data_of_any_shape_gives_problems_and_never_a_crash(tree: object) -> None:
    parse_everything(_flow(tree).encode())


def _flow(tree: object) -> str:
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_flow, tree)) + "]"
    return "~" if tree is None else f'"{tree}"'

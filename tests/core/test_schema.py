from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.schema import HOLDINGS, MAX_KEYS, Key, parse_schema
from newsletter.core.source import read
from newsletter.errors import InvalidSource
from tests.core.examples import hostile_texts


def keys(text: str) -> tuple[Key, ...]:
    return parse_schema(read(text.encode(), "s.yaml"))


def said(text: str) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        keys(text)
    return [str(problem).removeprefix("s.yaml:") for problem in caught.value.problems]


@pytest.mark.parametrize("word", HOLDINGS)
def test_a_key_holds_what_its_word_says_once_or_often_always_or_perhaps(word: str) -> None:
    plural = word if word == "markdown" else f"{word}s"
    for text in (word, f"optional {word}", f"list of {plural}", f"optional list of {plural}"):
        [key] = keys(f"a: {text}")
        assert (key.name, key.word, str(key)) == ("a", word, text)
        assert key.optional == ("optional" in text)
        assert key.many == ("list of" in text)


def test_choices_are_words_between_commas() -> None:
    [key] = keys("a:  optional  one of very quiet,loud , A/B")
    assert key == Key("a", choices=("very quiet", "loud", "A/B"), optional=True)
    assert str(key) == "optional one of very quiet, loud, A/B"


def test_keys_below_a_key_are_a_group_or_the_items_of_a_list() -> None:
    text = """\
one:
  a: line
maybe:
  optional:
    a: date
many:
  list of:
    a: list of urls
some:
  optional list of:
    a:
      b: one of c, d
"""
    assert [(key.name, str(key)) for key in keys(text)] == [
        ("one", "(a: line)"),
        ("maybe", "optional (a: date)"),
        ("many", "list of (a: list of urls)"),
        ("some", "optional list of (a: (b: one of c, d))"),
    ]


SAY = "say what it holds, for instance `line`"
NAME = "use small letters, digits and _, and begin with a letter"
CHOOSE = "write them like `one of quiet, loud`"
KEYS = "write a line like `title: line` for each key"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"1:1: holds no keys; {KEYS}"),
        ("# only words\n", f"1:1: holds no keys; {KEYS}"),
        ("{}", f"1:1: holds no keys; {KEYS}"),
        ("line", f"1:1: must hold keys, and say of each what it holds; {KEYS}"),
        ("- a: line", f"1:1: must hold keys, and say of each what it holds; {KEYS}"),
        ("a:", f"1:1: a: is empty; {SAY}"),
        ("a: {}", f"1:1: a: is empty; {SAY}"),
        ("a: [line]", f"1:1: a: holds a list; {SAY}"),
        ("a: line\nb:  lnie", "2:1: b: 'lnie' is nothing that a key can hold; did you mean 'line'?"),
        ("a: Line", "1:1: a: 'Line' is nothing that a key can hold; did you mean 'line'?"),
        ("a: list of lnes", "1:1: a: 'list of lnes' is nothing that a key can hold; did you mean 'list of lines'?"),
        ("a: String", "1:1: a: 'String' is nothing that a key can hold; write `line`"),
        ("a: bool", "1:1: a: 'bool' is nothing that a key can hold; write `truth`"),
        ("a: optional", "1:1: a: 'optional' is nothing that a key can hold; write `optional line`, or `optional:` and"),
        ("a: list of", "1:1: a: 'list of' is nothing that a key can hold; write `list of lines`, or `list of:` and"),
        ("a: one of b", f"1:1: a: needs 2 to 12 different words to choose from; {CHOOSE}"),
        ("a: one of", f"1:1: a: needs 2 to 12 different words to choose from; {CHOOSE}"),
        ("a: one of b, b", f"1:1: a: needs 2 to 12 different words to choose from; {CHOOSE}"),
        ("a: one of " + ", ".join("abcdefghijklm"), f"1:1: a: needs 2 to 12 different words to choose from; {CHOOSE}"),
        ("a: one of b, ", f"1:1: a: needs 2 to 12 different words to choose from; {CHOOSE}"),
        ("a: one of [b, c]", f"1:1: a: '[b' cannot be a choice; {CHOOSE}"),
        ("a: one of '{{ b }}', c", f"1:1: a: \"'{{{{ b }}}}'\" cannot be a choice; {CHOOSE}"),
        ("kind: line", "1:1: kind: every block has this key; delete the line"),
        ("a: {kind: line}", "1:5: a.kind: every block has this key; delete the line"),
        ("only: line", "1:1: only: 'only' cannot be the name of a key; choose another word"),
        ("copy: line", "1:1: copy: 'copy' cannot be the name of a key; choose another word"),
        ("register: line", "1:1: register: 'register' cannot be the name of a key; choose another word"),
        ("Title: line", f"1:1: Title: 'Title' cannot be the name of a key; {NAME}"),
        ("_a: line", f"1:1: _a: '_a' cannot be the name of a key; {NAME}"),
        ("a b: line", f"1:1: a b: 'a b' cannot be the name of a key; {NAME}"),
        ("__class__: line", "1:1: __class__: '__class__' cannot be the name of a key; choose another word"),
        ("list of: line", "1:1: list of: `list of` is no key; write it alone below a key, and"),
        ("a:\n  list of: {b: line}\n  c: line", "2:3: a.list of: `list of` stands beside other keys; indent them"),
        ("a:\n  optional: line", "2:3: a.optional: holds no keys; write it on one line: `a: optional ...`"),
        ("a:\n  list of:\n    - b", "2:3: a.list of: must hold keys, and say of each what it holds; write"),
        ("a: {b: {c: {d: {e: line}}}}", "1:13: a.b.c.d: is nested deeper than 3 levels; move its keys up"),
        ("title: markdown", "1:1: title: must be a line, because `contents` lists a block by its title; write `title:"),
        ("department: list of lines", "1:1: department: must be a line, because `contents` lists a block by its dep"),
        ("a: !!python/name:os.system", "1:4: tags (tag:yaml.org,2002:python/name:os.system) are not used here; delete"),
        ("a: line\na: date", "2:1: the key 'a' stands here twice (first on line 1); keep one"),
    ],
)
def test_each_mistake_is_said_where_it_stands_with_what_to_do(text: str, expected: str) -> None:
    [problem] = said(text)
    assert problem.startswith(expected)


def test_every_mistake_is_said_at_once_in_the_order_of_the_file() -> None:
    assert [problem.partition(":")[0] for problem in said("title: date\nb: lnie\nc:\n  D: line\n  e: one of f\n")] == [
        "1",
        "2",
        "4",
        "5",
    ]


def test_a_title_is_special_at_the_top_alone() -> None:
    assert str(keys("people: {list of: {title: optional markdown}}")[0]) == "list of (title: optional markdown)"


def test_a_schema_has_so_many_keys_at_most_wherever_they_stand() -> None:
    half = "".join(f"  k{number}: line\n" for number in range(MAX_KEYS // 2))
    [problem] = said(f"a:\n{half}b:\n{half}")
    assert f"b.k{MAX_KEYS // 2 - 2}: is one key more than the {MAX_KEYS} that a schema may have" in problem


@given(st.dictionaries(st.text("abk_ {", max_size=4), hostile_texts | st.sampled_from(list(HOLDINGS)), max_size=4))
def test_a_schema_gives_keys_or_problems_and_nothing_else(lines: dict[str, str]) -> None:
    with suppress(InvalidSource):
        assert all(key.word in HOLDINGS for key in keys("".join(f"{key!r}: {held!r}\n" for key, held in lines.items())))

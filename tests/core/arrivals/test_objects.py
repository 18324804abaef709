from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.cli.readers import as_json
from newsletter.core.arrivals.columns import Wish
from newsletter.core.arrivals.text import LONGEST
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.edges.exports import sheets
from newsletter.errors import InvalidSource
from newsletter.flows.move_in import move_in
from tests.core.arrivals.reading import AT, Listening, people, read, refused
from tests.core.test_roster import CHARACTERS, GIVEN, MOMENTS

CELLS = st.text(CHARACTERS | st.sampled_from("'=+-@[{\"\\ \n\r\t,;"), max_size=12)
SUBSCRIBERS = st.builds(
    Subscriber,
    address=st.sampled_from(["reader", "=1+1", "'=1+1"]).map("{}@example.org".format),
    first_name=CELLS,
    last_name=CELLS,
    tags=st.frozensets(CELLS.filter(bool), max_size=3),
    fields=st.dictionaries(st.sampled_from(["city", "Home Town", "status", "fields"]), CELLS.filter(bool)),
    standing=st.sampled_from(Standing),
    reason=CELLS,
    since=st.none() | MOMENTS,
    paused_until=st.none() | MOMENTS,
    consent=st.builds(Consent, CELLS, MOMENTS, CELLS, st.none() | MOMENTS, CELLS),
)
ANA = '{"email": "ana@example.org", "city": "Bath"}'
BOB = '{"email": "bob@example.org", "town": "Köln"}'


def lines(subscribers: list[Subscriber]) -> str:
    """Return what an export writes, beside a test of the command in tests/cli."""
    return "".join(json.dumps(as_json(each), ensure_ascii=False, default=str) + "\n" for each in subscribers)


def said(text: str | bytes) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


@given(st.lists(SUBSCRIBERS, min_size=1, max_size=5), st.integers(0, 4))
@example(
    [Subscriber(address="a@example.org", first_name=" a\r\nb ", tags=frozenset({"a, b;", "[]"}), consent=GIVEN)], 0
)
def test_what_is_exported_as_json_is_imported_as_it_was(subscribers: list[Subscriber], indent: int) -> None:
    text = lines(subscribers)
    array = json.dumps([json.loads(line) for line in text.split("\n") if line], indent=indent or None)
    assert people(text) == people(array) == subscribers


def test_an_archive_with_json_inside_is_imported(tmp_path: Path) -> None:
    ada = Subscriber(address="ada@example.org", tags=frozenset({"a,b"}), consent=GIVEN)
    with zipfile.ZipFile(tmp_path / "list.zip", "w") as archive:
        archive.writestr("readers.jsonl", lines([ada]))
    listening = Listening()
    [read] = move_in(listening, sheets(tmp_path / "list.zip"), Wish(), at=AT).files
    assert listening.rows == [ada]
    assert (read.format, read.rows) == ("an export of this tool", 1)


@pytest.mark.parametrize(
    "text", [f"{ANA}\n\n{BOB}\n", f"\n {ANA}\r\n{BOB}", f"[{ANA},{BOB}]", f"[\n{ANA}\n,\n {BOB},\n]"]
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16"])
def test_objects_from_elsewhere_have_their_keys_for_columns(text: str, codec: str) -> None:
    found, account = read(text.encode(codec))
    assert [(each.address, each.fields) for each in found] == [
        ("ana@example.org", {"city": "Bath"}),
        ("bob@example.org", {"town": "Köln"}),
    ]
    assert account.files[0].format == "JSON"


def test_values_that_are_no_text_are_understood() -> None:
    [found] = people('{"E-Mail": " a@example.org ", "tags": ["x, y", " z ", 5], "age": 41, "vip": true, "note": null}')
    assert (found.address, found.tags) == ("a@example.org", frozenset({"x y", "z"}))
    assert found.fields == {"age": "41", "vip": "true"}


def test_a_service_is_recognised_by_the_keys_of_its_objects() -> None:
    who = '"uuid": "1", "email": "a@example.org", "name": "Ann Lee"'
    [found] = people(f'{{{who}, "attributes": {{"city": "Bath"}}, "status": "blocklisted"}}')
    assert (found.standing, found.fields["city"], found.last_name) == (Standing.DISABLED, "Bath", "Lee")


def test_an_apostrophe_before_a_formula_is_the_readers_own() -> None:
    assert people('{"email": "a@example.org", "formula": "\'=1"}')[0].fields == {"formula": "'=1"}


def test_a_broken_line_is_refused_with_its_column_and_the_rest_is_taken() -> None:
    text = f'{ANA}\n{{"email": "x@example.org", city: 1}}\n[1]\n{{"email": 5}}\n{BOB}\n'
    found, account = read(text)
    assert [each.address for each in found] == ["ana@example.org", "bob@example.org"]
    assert (account.files[0].rows, account.refused.count) == (5, 3)
    hint = "write one object on each line, or an array of objects"
    *broken, wrong = map(str, account.refused.first)
    assert wrong.startswith("list.csv:4:1: email: '5' is not an email address")
    assert broken == [
        f"list.csv:2:28: not JSON: expecting property name enclosed in double quotes; {hint}",
        f"list.csv:3:1: what stands here is not an object; {hint}",
    ]


def test_the_line_is_that_on_which_an_object_of_an_array_begins() -> None:
    assert [each.partition(": ")[0] for each in refused(f'[{ANA},\n  {{\n"email": "x"}}, {{"email": "y"}}\n]')] == [
        "list.csv:2:1",
        "list.csv:3:1",
    ]


def test_fields_that_are_no_object_refuse_their_line() -> None:
    ada = json.loads(lines([Subscriber(address="ada@example.org", consent=GIVEN)]))
    text = "\n".join(json.dumps(ada | {"fields": each}) for each in ({"city": "Bath"}, None, "Bath"))
    found, account = read(text)
    assert [each.fields for each in found] == [{"city": "Bath"}, {}]
    assert [each.mark.line for each in account.refused.first] == [3]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{\n"email": "a@example.org"\n}', "list.csv:1:2: not JSON: expecting property name"),
        ("{email}", "list.csv:1:2: not JSON: expecting property name"),
        ("[email],city\n", "list.csv:1:2: what stands here is not an object"),
        (f"[{ANA}\n{BOB}]", "list.csv:2:1: not JSON: here the array neither goes on nor ends"),
        (f"[{ANA},\n  {{x]", "list.csv:2:4: not JSON: expecting property name"),
        (f"[{ANA}", "list.csv:1:46: not JSON: here the array neither goes on nor ends"),
        (f"[{ANA}] {BOB}", "list.csv:1:48: not JSON: the array has ended before"),
        ("[]", "list.csv:1:1: there is nothing in this file"),
        ("[" * 100_000, "list.csv:1:2: what stands here is not an object"),
        ('{"a":' * 100_000, "list.csv:1:1: this cannot be read"),
        ('[{"a":' + '{"a":' * 100_000, "list.csv:1:2: this cannot be read"),
        ('{"email": ' + "9" * 5_000 + "}", "list.csv:1:1: this cannot be read"),
        ('{"email": "' + "a" * LONGEST, "list.csv:1:1: a line is longer than a million characters"),
        (
            json.dumps(dict.fromkeys(map(str, range(10_001)))),
            "list.csv:1:1: the objects have more than 10,000 different",
        ),
    ],
)
def test_what_is_no_list_from_the_beginning_or_breaks_off_is_refused_as_a_whole(text: str, problem: str) -> None:
    [found] = said(text)
    assert found.startswith(problem)


def test_an_array_on_one_long_line_is_read_piece_by_piece() -> None:
    text = json.dumps([{"email": f"r{number}@example.org", "note": "ü" * number} for number in range(2_000)])
    assert len(text) > LONGEST
    assert len(people(text)) == 2_000
    assert said(text[:-1] + ", 5]")[0].startswith(f"list.csv:1:{len(text) + 2}: what stands")


@given(
    st.binary(max_size=40) | st.text(max_size=40).map(str.encode), st.sampled_from([b"{", b"[", b"[{", b'{"email":'])
)
def test_nothing_but_problems_comes_of_what_looks_like_json(data: bytes, before: bytes) -> None:
    try:
        problems = read(before + data)[1].refused.first
    except InvalidSource as err:
        problems = [*err.problems]
    assert all(problem.mark.line >= 1 and problem.mark.column >= 1 for problem in problems)


@pytest.mark.parametrize("form", ["{}\n{}\n{}\n", "[{},\n{},\n{}]"])
@pytest.mark.parametrize("key", ["\\ud800", "ci\\udfffty", "\\u0000city", "email\\ud83d"])
def test_an_object_with_a_key_that_is_no_text_is_refused_with_its_line(key: str, form: str) -> None:
    wrong = f'{{"{key}": "x", "email": "eve@example.org"}}'
    found, account = read(form.format(ANA, wrong, BOB))
    assert [each.address for each in found] == ["ana@example.org", "bob@example.org"]
    (problem,) = account.refused.first
    assert str(problem).startswith("list.csv:2:1: a key holds U+")
    assert str(problem).isprintable()


def test_a_key_that_is_no_text_among_the_fields_of_our_own_export_is_refused_too() -> None:
    given = [json.loads(line) for line in lines([Subscriber(address="ana@example.org")] * 2).splitlines()]
    given[1]["fields"] = {"\ud800": "x"}
    found, account = read("\n".join(map(json.dumps, given)))
    assert len(found) == 1
    assert [str(each) for each in account.refused.first] == [
        "list.csv:2:1: a key holds U+D800, which is no character of any text; write another key"
    ]


def test_a_value_that_is_no_text_is_taken_and_noted_with_its_place() -> None:
    found, account = read('{"email": "ana@example.org", "city": "a\\ud800b", "town": "Zo\\u00eb", "tags": ["\\udfff"]}')
    assert len(found) == 1
    assert [str(each) for each in account.noted.first] == [
        "list.csv:1:1: city: U+D800 is no character of any text, and becomes U+FFFD",
        "list.csv:1:1: tags: U+DFFF is no character of any text, and becomes U+FFFD",
    ]
    assert refused('{"email": "\\ud800@example.org"}')[0].startswith(
        "list.csv:1:1: email: '\\ud800@example.org' is not"
    )

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.arrivals.text import Sheet, encoding_of, rows_of
from newsletter.errors import InvalidSource
from tests.core.arrivals.reading import people, read, sheet

ROWS = [["email", "city"], ["a@example.org", "Zürich"], ["b@example.org", "Ö"]]


def said(data: bytes | str) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_separators_line_ends_and_encodings_are_recognised(delimiter: str, end: str, codec: str) -> None:
    file = sheet(end.join(delimiter.join(row) for row in ROWS).encode(codec))
    assert [cells for _, cells in rows_of(file, encoding_of(file))] == ROWS


@pytest.mark.parametrize(("order", "mark"), [("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")])
def test_both_orders_of_utf_16_are_read(order: str, mark: bytes) -> None:
    file = sheet(mark + "email\nä@example.org\n".encode(order))
    assert encoding_of(file).title == "UTF-16"
    assert [cells for _, cells in rows_of(file, encoding_of(file))] == [["email"], ["ä@example.org"]]


def test_one_byte_at_the_very_end_decides_the_encoding() -> None:
    text = "email,city\n" + "a@example.org,Bath\n" * 100_000
    assert encoding_of(sheet(text)).title == "UTF-8"
    assert encoding_of(sheet(text.encode() + "b@example.org,Köln\n".encode("cp1252"))).codec == "cp1252"
    assert encoding_of(sheet(text.encode() + "b@example.org,Köln\n".encode())).title == "UTF-8"


def test_a_character_on_the_border_of_what_is_read_at_once_is_whole() -> None:
    text = "email\n" + "x" * ((1 << 20) - 7) + "ä\n"
    assert encoding_of(sheet(text)).title == "UTF-8"


def test_what_excel_writes_to_name_the_separator_is_obeyed() -> None:
    found = people('sep=;\r\n"e-mail";"city, or town"\r\na@example.org;Bath\r\n')
    assert found[0].fields == {"city_or_town": "Bath"}


def test_separators_inside_quotes_do_not_count() -> None:
    assert people('"a, b, c";email\nx;a@example.org\n')[0].address == "a@example.org"


def test_quotes_hold_separators_quotes_and_line_ends() -> None:
    text = 'email,note,tags\na@example.org,"x, ""y""\nz","one,two"\nb@example.org,,\n'
    first, second = people(text)
    assert first.fields == {"note": 'x, "y"\nz'}
    assert first.tags == {"one", "two"}
    assert second.fields == {}


def test_empty_rows_are_passed_over_before_and_after_the_header() -> None:
    assert [each.address for each in people("\n  \n,,\nemail,a,b\n\n,,\na@example.org,,\n  , ,\n\n")] == [
        "a@example.org"
    ]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "list.csv:1:1: there is nothing in this file; give a list with a column email"),
        ("\n\n", "list.csv:1:1: there is nothing in this file; give a list with a column email"),
        ("ana@example.org\nbo@example.org\n", "list.csv:1:1: no column holds the email address; the first line must"),
        ('email\n"a@example.org', "list.csv:2:1: not CSV"),
        ('\n\nemail\n\n"a"b@example.org\n', "list.csv:5:1: not CSV"),
        ('"email"x,y\n', "list.csv:1:1: not CSV"),
        ("email\n" + "x" * 200_000, "list.csv:2:1: not CSV: field larger than field limit"),
        ("email\n" + "x" * 2_200_000, "list.csv:2:1: a line is longer than a million characters"),
        (b"email\n\xff\x81@example.org", "list.csv:2:1: what stands here is not UTF-8 nor Windows-1252; save the list"),
        (b"\xff\xfee\0m\0a", "list.csv:1:1: what stands here is not UTF-16"),
        ("email\n".encode("utf-16-le"), "list.csv:1:1: this is not a text file; save the list as CSV UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "list.csv:1:1: "),
        (b"\x7fELF\x02\x01\x01\0\0\0", "list.csv:1:1: this is not a text file"),
    ],
)
def test_what_is_no_list_is_said(data: str | bytes, expected: str) -> None:
    assert said(data)[0].startswith(expected)


def test_files_are_closed_again() -> None:
    opened: list[io.BytesIO] = []

    def opening() -> io.BytesIO:
        opened.append(io.BytesIO(b'email\na@example.org\n"'))
        return opened[-1]

    file = Sheet("list.csv", opening)
    with pytest.raises(InvalidSource):
        list(rows_of(file, encoding_of(file)))
    assert [each.closed for each in opened] == [True, True]


@given(st.binary(max_size=120) | st.text("email,;\t\n\r\"@.a\0ä'", max_size=80).map(str.encode))
@example(b'"email"x')
@example(b'"')
@example(b"email\n\x00")
def test_bytes_give_subscribers_or_problems_and_never_a_crash(data: bytes) -> None:
    for begun in (data, b"email,city\n" + data, b"email;consent_at;tags;metadata\na@example.org;" + data):
        lines = begun.count(b"\n") + begun.count(b"\r") + 1
        try:
            found, account = read(begun)
        except InvalidSource as err:
            problems = list(err.problems)
        else:
            problems = account.refused.first + account.noted.first
            assert all("@" in each.address for each in found)
            assert account.rows == len(found) + account.refused.count
        assert all(1 <= problem.mark.line <= lines + 1 for problem in problems)


def test_a_nul_in_a_cell_is_noted_with_its_place_and_one_in_the_header_ends_it() -> None:
    found, account = read("email,city\nana@example.org,Ba\0th\nbob@\0example.org,York\n")
    assert [each.address for each in found] == ["ana@example.org"]
    assert [str(each) for each in account.noted.first] == [
        "list.csv:2:1: city: U+0000 is no character of any text, and becomes U+FFFD"
    ]
    assert [str(each).partition(" is not")[0] for each in account.refused.first] == [
        "list.csv:3:1: email: 'bob@\\x00example.org'"
    ]
    with pytest.raises(InvalidSource, match="1 problem"):
        read("email,\0city\nana@example.org,Bath\n")

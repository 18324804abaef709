from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.audience import check_tags
from newsletter.core.roster import COLUMNS, csv_lines, read_csv
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.errors import InvalidSource

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
GIVEN = Consent("import", AT)


def rows(data: str | bytes, tags: tuple[str, ...] = ()) -> list[Subscriber]:
    return read_csv(data if isinstance(data, bytes) else data.encode(), "list.csv", tags=tags, source="import", at=AT)


def said(data: str | bytes) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        rows(data)
    return [str(problem) for problem in caught.value.problems]


def test_known_columns_are_recognised_by_many_names_and_others_become_fields() -> None:
    text = "E-Mail,First Name,LASTNAME,tag,Status,Home Town\nann@example.org,Ann,Lee,a;b,unsubscribed,Bern\n"
    assert rows(text, tags=("c",)) == [
        Subscriber(
            address="ann@example.org",
            first_name="Ann",
            last_name="Lee",
            tags=frozenset("abc"),
            fields={"home_town": "Bern"},
            standing=Standing.UNSUBSCRIBED,
        )
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_separator_the_line_ends_and_a_byte_order_mark_are_recognised(delimiter: str, end: str, mark: str) -> None:
    lines = [delimiter.join(cells) for cells in (["email", "city"], ["a@example.org", "B"], ["b@example.org", "C"])]
    found = rows(mark + end.join(lines))
    assert [(each.address, dict(each.fields)) for each in found] == [
        ("a@example.org", {"city": "B"}),
        ("b@example.org", {"city": "C"}),
    ]


def test_quotes_hold_separators_quotes_and_line_ends() -> None:
    text = 'email,note,tags\na@example.org,"x, ""y""\nz","one,two"\nb@example.org,,\n'
    first, second = rows(text)
    assert first.fields == {"note": 'x, "y"\nz'}
    assert first.tags == {"one", "two"}
    assert second.fields == {}


def test_empty_rows_are_passed_over_before_and_after_the_header() -> None:
    assert [each.address for each in rows("\n  \n,,\nemail,a,b\n\n,,\na@example.org,,\n  , ,\n\n")] == ["a@example.org"]


def test_empty_columns_as_spreadsheets_leave_them_are_passed_over() -> None:
    assert rows("email,,,\na@example.org,,,\n") == [Subscriber(address="a@example.org", consent=GIVEN)]


def test_every_problem_is_said_with_its_line() -> None:
    text = """\
email,first_name,tags,standing,consent_at
ann@example.org,Ann,,,
nobody,"x
y",,,
b@example.org,B,,blocked,yesterday
c@example.org,C,,,2026-02-03,extra

d@example.org,\0,,,
e@example.org,E,  %s,,
""" % ("x" * 101)
    found = said(text)
    assert [each.split(": ")[0] + ": " + each.split(": ")[1] for each in found] == [
        "list.csv:3:1: email",
        "list.csv:5:1: standing",
        "list.csv:5:1: consent_at",
        "list.csv:6:1: more cells than the header has columns; quote cells that hold the separator",
        "list.csv:8:1: a NUL character; delete it",
        "list.csv:9:1: tags",
    ]
    assert "did you mean" in found[1] or "known here" in found[1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", "list.csv:1:1: no column holds the email address; name one column email; the file is empty"),
        ("\n\n", "list.csv:1:1: no column holds the email address; name one column email; the file is empty"),
        ("name,mail\nAnn,a@example.org\n", "list.csv:1:1: no column holds the email address; name one column email"),
        ("email,a,A\n", "list.csv:1:1: a: this column stands here twice"),
        ("email,城市\na@example.org,x\n", "list.csv:1:1: 城市: this column's name has no letter from a to z"),
        ('email\n"a@example.org', "list.csv:2:1: not CSV"),
        ('email\n"a"b@example.org\n', "list.csv:2:1: not CSV"),
        ('"email"x,y\n', "list.csv:1:1: not CSV"),
        ("email\n" + "x" * 200_000, "list.csv:2:1: not CSV"),
        ("email\nä".encode("latin-1"), "list.csv:2:1: byte 0xe4 is not UTF-8; save the file as CSV UTF-8"),
        ("email\n".encode("utf-16"), "list.csv:1:1: byte 0xff is not UTF-8; save the file as CSV UTF-8"),
        ("email,consent_at\na@example.org,0001-01-01T00:00:00+23:00", "list.csv:2:1: consent_at: "),
    ],
)
def test_what_is_no_list_is_said(data: str | bytes, expected: str) -> None:
    assert said(data)[0].startswith(expected)


def test_problems_before_broken_csv_are_said_with_it() -> None:
    assert [each.split(" ")[0] for each in said('email\nnobody\n"x')] == ["list.csv:2:1:", "list.csv:3:1:"]


def test_the_consent_that_a_row_brings_is_kept_in_utc() -> None:
    [found] = rows("email,consent_source,consent_at\na@example.org,form,2025-09-28T14:30:00+02:00\n")
    assert found.consent == Consent("form", datetime(2025, 9, 28, 12, 30, tzinfo=UTC))
    assert found.consent.at is not None
    assert found.consent.at.tzinfo is UTC


@pytest.mark.parametrize("tag", ["", " ", "a,b", "a;b", "x" * 101])
def test_what_cannot_be_a_tag_is_refused(tag: str) -> None:
    with pytest.raises(ValueError, match="is not a tag"):
        check_tags([tag])


def test_tags_are_trimmed() -> None:
    assert check_tags([" early bird ", "x"]) == {"early bird", "x"}


@pytest.mark.parametrize("standing", Standing)
def test_whoever_is_not_to_be_mailed_is_not_said_to_have_agreed_by_an_import(standing: Standing) -> None:
    [found] = rows(f"email,standing\na@example.org,{standing}\n")
    assert found.consent == (GIVEN if standing.mailable else Consent())


CHARACTERS = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
CELLS = st.text(CHARACTERS | st.sampled_from("'=+-@"), max_size=12).map(str.strip)
TAGS = st.frozensets(CELLS.filter(lambda text: bool(text) and not {",", ";"} & set(text)), max_size=3)
MOMENTS = st.datetimes(timezones=st.just(UTC))
SUBSCRIBERS = st.builds(
    Subscriber,
    address=st.sampled_from(["reader", "=1+1", "'=1+1", "''-a", "+a"]).map("{}@example.org".format),
    first_name=CELLS,
    last_name=CELLS,
    tags=TAGS,
    fields=st.dictionaries(st.sampled_from(["city", "home_town"]), CELLS.filter(bool)),
    standing=st.sampled_from(Standing),
    reason=CELLS,
    since=st.none() | MOMENTS,
    paused_until=st.none() | MOMENTS,
    consent=st.builds(Consent, CELLS, MOMENTS, CELLS, st.none() | MOMENTS, CELLS),
)


@given(st.lists(SUBSCRIBERS, max_size=5))
@example(
    [Subscriber(address="a@example.org", first_name='"', last_name="=1+1", tags=frozenset({"a b"}), consent=GIVEN)]
)
@example([Subscriber(address="a@example.org", first_name="a\r\nb", last_name="c\rd", consent=GIVEN)])
def test_what_is_exported_is_imported_as_it_was(subscribers: list[Subscriber]) -> None:
    text = "".join(csv_lines(subscribers, ["city", "home_town"]))
    assert rows(text) == subscribers


@given(st.lists(SUBSCRIBERS, max_size=5))
def test_no_cell_of_an_export_begins_like_a_formula(subscribers: list[Subscriber]) -> None:
    text = "".join(csv_lines(subscribers, ["city", "home_town"]))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_an_export_begins_with_its_header() -> None:
    assert list(csv_lines([], ["city"])) == [",".join([*COLUMNS, "city"]) + "\n"]


@given(st.binary(max_size=120) | st.text("email,;\t\n\r\"@.a\0ä'", max_size=80).map(str.encode))
@example(b'"email"x')
@example(b'"')
@example(b"email\n\x00")
def test_bytes_give_subscribers_or_problems_and_never_a_crash(data: bytes) -> None:
    for begun in (data, b"email,city\n" + data, b"email;consent_at;tags\na@example.org;" + data):
        try:
            found = rows(begun)
        except InvalidSource as err:
            lines = begun.count(b"\n") + begun.count(b"\r") + 1
            problems = err.problems
        else:
            lines, problems = 1, ()
            assert all("@" in each.address for each in found)
        assert all(1 <= problem.mark.line <= lines + 1 for problem in problems)


def test_a_long_list_is_read_in_one_go() -> None:
    out = io.StringIO()
    csv.writer(out).writerows([["email"], *([f"reader-{n}@example.org"] for n in range(300))])
    assert len(rows(out.getvalue())) == 300

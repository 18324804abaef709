from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.roster import COLUMNS, csv_lines
from newsletter.core.subscriber import Consent, Standing, Subscriber
from tests.core.arrivals.reading import people

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
GIVEN = Consent("import", AT)
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
    fields=st.dictionaries(st.sampled_from(["city", "Home Town", "status", "name"]), CELLS.filter(bool)),
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
    assert people("".join(csv_lines(subscribers, ["city", "Home Town", "status", "name"]))) == subscribers


@given(st.lists(SUBSCRIBERS, max_size=5))
def test_no_cell_of_an_export_begins_like_a_formula(subscribers: list[Subscriber]) -> None:
    text = "".join(csv_lines(subscribers, ["city", "home_town"]))
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_an_export_begins_with_its_header() -> None:
    assert list(csv_lines([], ["city"])) == [",".join([*COLUMNS, "city"]) + "\n"]


def test_lines_end_as_they_do_in_files_here() -> None:
    text = "".join(csv_lines([Subscriber(address="a@example.org")], []))
    assert [len(row) for row in csv.reader(io.StringIO(text))] == [len(COLUMNS)] * 2
    assert "\r" not in text


@pytest.mark.parametrize("standing", Standing)
def test_whoever_is_not_to_be_mailed_is_not_said_to_have_agreed_by_an_import(standing: Standing) -> None:
    [found] = people(f"email,standing\na@example.org,{standing}\n")
    assert (found.consent != Consent()) == standing.mailable

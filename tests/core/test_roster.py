from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.roster import COLUMNS, csv_lines
from newsletter.core.subscriber import Consent, Standing, Subscriber
from tests.core.arrivals.reading import people

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)
GIVEN = Consent("import", AT)
CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12).map(str.strip)
NAMES = CELLS.filter(lambda text: not text.startswith("'"))
TAGS = st.frozensets(CELLS.filter(lambda text: bool(text) and not {",", ";"} & set(text)), max_size=3)
SUBSCRIBERS = st.builds(
    Subscriber,
    address=st.integers(0, 999).map("reader-{}@example.org".format),
    first_name=NAMES,
    last_name=NAMES,
    tags=TAGS.filter(lambda tags: not any(tag.startswith("'") for tag in tags)),
    fields=st.dictionaries(st.sampled_from(["city", "Home Town", "status", "name"]), NAMES.filter(bool)),
    standing=st.sampled_from(Standing),
    consent=st.builds(Consent, NAMES, st.datetimes(timezones=st.just(UTC))),
)


@given(st.lists(SUBSCRIBERS, max_size=5))
@example(
    [Subscriber(address="a@example.org", first_name='"', last_name="=1+1", tags=frozenset({"a b"}), consent=GIVEN)]
)
@example([Subscriber(address="a@example.org", first_name="a\r\nb", last_name="c\rd", consent=GIVEN)])
def test_what_is_exported_is_imported_as_it_was(subscribers: list[Subscriber]) -> None:
    assert people("".join(csv_lines(subscribers, ["city", "Home Town", "status", "name"]))) == subscribers


def test_an_export_begins_with_its_header() -> None:
    assert list(csv_lines([], ["city"])) == [",".join([*COLUMNS, "city"]) + "\n"]


def test_lines_end_as_they_do_in_files_here() -> None:
    text = "".join(csv_lines([Subscriber(address="a@example.org")], []))
    assert [len(row) for row in csv.reader(io.StringIO(text))] == [len(COLUMNS)] * 2
    assert "\r" not in text

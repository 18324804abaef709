from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.arrivals import cells
from newsletter.core.audience import check_tags

NOON = datetime(2026, 7, 21, 12, 53, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-21 12:53:04",
        "2026-07-21T12:53:04Z",
        "2026-07-21T12:53:04.000Z",
        "2026-07-21 12:53:04 UTC",
        "2026-07-21 12:53:04 +0000 UTC",
        "2026-07-21 12:53:04.000000000 +0000 UTC",
        "2026-07-21 14:53:04 +0200 CEST",
        "2026-07-21T07:53:04-05:00",
    ],
)
def test_times_are_read_as_services_write_them(text: str) -> None:
    assert cells.moment(text) == NOON


@pytest.mark.parametrize(
    "text", ["", "soon", "7/21/2026 12:53", "2026-07-21 12:53:04 PST", "2026-02-30", "0001-01-01T00:00:00+23:00", "1e9"]
)
def test_what_may_mean_several_times_or_none_is_not_guessed_at(text: str) -> None:
    assert cells.moment(text) is None


@given(st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(timezone(timedelta(hours=5, minutes=30)))))  # noqa: DTZ001 - hypothesis adds the zone
def test_every_time_that_python_writes_is_read(moment: datetime) -> None:
    assert cells.moment(moment.isoformat()) == cells.moment(str(moment)) == moment


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ("Ann van Lee", ("Ann", "van Lee")),
        ("Lee, Ann Mary", ("Ann Mary", "Lee")),
        ("Ann", ("Ann", "")),
        ("", ("", "")),
        ("Ann  Lee", ("Ann", "Lee")),
    ],
)
def test_a_whole_name_is_split_after_its_first_word_or_at_its_comma(whole: str, expected: tuple[str, str]) -> None:
    assert cells.names(whole) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a;b", {"a", "b"}),
        ("a, b ,,", {"a", "b"}),
        ('"VIP","Berlin, Mitte"', {"VIP", "Berlin Mitte"}),
        ('"a;b" , c', {"a b", "c"}),
        ("x" * 120, {"x" * 100}),
        ("", set()),
        ('"', set()),
    ],
)
def test_tags_are_separated_unquoted_and_made_to_fit(text: str, expected: set[str]) -> None:
    assert cells.tags(text, quoted=True) == expected


@given(st.text(st.sampled_from("ab\"',; \n\t") | st.characters(exclude_categories=["Cs"]), max_size=130), st.booleans())
def test_whatever_tags_a_cell_holds_they_can_be_tags(text: str, quoted: bool) -> None:  # noqa: FBT001 - drawn
    check_tags(cells.tags(text, quoted=quoted))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4))
def test_a_map_reads_the_same_as_json_and_as_python_prints_it(value: dict[str, object]) -> None:
    found = cells.mapping(json.dumps(value))
    assert found == cells.mapping(repr(value))
    assert found is not None
    assert {key: text for key, text in found.items() if isinstance(value[key], str)} == {
        key: text for key, text in value.items() if isinstance(text, str) and text
    }


@given(st.text(st.sampled_from("{}[]()'\":,\\x1") | st.characters(), max_size=30))
def test_what_is_no_map_is_none_and_no_crash(text: str) -> None:
    found = cells.mapping(text)
    assert found is None or all(isinstance(value, str) for value in found.values())


@pytest.mark.parametrize("text", ["[" * 100_000, "{" * 10_000, "__import__('os')", "{1: open('x')}", "{'a': {1: {2}}}"])
def test_a_hostile_map_is_neither_run_nor_fatal(text: str) -> None:
    assert cells.mapping(text) in (None, {"a": "{1: {2}}"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("E-Mail Address", "e_mail_address"), ("Prénom", "prenom"), (" City (home) ", "city_home"), ("城市", "")],
)
def test_names_of_columns_are_compared_without_case_accents_and_signs(name: str, expected: str) -> None:
    assert cells.plain(name) == expected

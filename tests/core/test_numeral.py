from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.numeral import number, written

DECIMALS = st.decimals(-(10**9), 10**9, places=2)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", "7"),
        ("-3", "-3"),
        ("−3", "-3"),
        ("+0.5", "0.5"),
        ("0.125", "0.125"),
        ("0,125", "0.125"),
        ("1,5", "1.5"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("12'000", "12000"),
        ("1\u202f234,5", "1234.5"),
        ("12345.678", "12345.678"),
    ],
)
@pytest.mark.parametrize("language", ["en", "de", "fr-CA"])
def test_marks_tell_by_themselves_what_they_are(text: str, value: str, language: str) -> None:
    assert number(text, language) == Decimal(value)


@pytest.mark.parametrize(
    ("language", "comma", "point"),
    [
        ("en", "1234", "1.234"),
        ("en-GB", "1234", "1.234"),
        ("de-CH", "1234", "1.234"),
        ("es-MX", "1234", "1.234"),
        ("de", "1.234", "1234"),
        ("fr", "1.234", "1234"),
    ],
)
def test_where_both_readings_are_possible_the_language_decides(language: str, comma: str, point: str) -> None:
    assert (number("1,234", language), number("1.234", language)) == (Decimal(comma), Decimal(point))


@pytest.mark.parametrize(
    "text",
    ["", "one", "$5", "5 %", "1e5", "1..2", "1.", ".5", "1,23,4", "12.34.5", "1,234.567,8", "nan", "٣", "1" * 5000],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("language", "said"), [("en", "−1,234,567.5"), ("de-AT", "−1.234.567,5"), ("fr", "−1\u202f234\u202f567,5")]
)
def test_a_number_is_written_with_the_marks_of_the_language(language: str, said: str) -> None:
    assert written(Decimal("-1234567.50"), language) == said


@given(DECIMALS, st.sampled_from(["en", "de", "fr", "sv-SE", "ja"]))
def test_what_is_written_in_a_language_is_read_in_it(value: Decimal, language: str) -> None:
    assert number(written(value, language), language) == value


@given(st.text(max_size=12))
def test_reading_never_fails(text: str) -> None:
    assert number(text) is None or number(text) == number(f" {text} ")

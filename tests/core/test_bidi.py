from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.bidi import led, ordered, runs_from_right
from tests.core.examples import publication

RLM, LRM = "\u200f", "\u200e"
NOTHING = "(?!)"


@pytest.mark.parametrize(
    "tag",
    ["ar", "AR-lb", "he", "iw", "fa-IR", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "pa-Arab", "az-Arab-IR", "ff-Adlm"],
)
def test_these_are_written_from_right_to_left(tag: str) -> None:
    assert publication(language=tag).direction == "rtl"


@pytest.mark.parametrize("tag", ["en", "de-CH", "pa", "az", "ar-Latn", "he-latn-IL", "ku", "zh-Hant"])
def test_these_are_written_from_left_to_right(tag: str) -> None:
    assert publication(language=tag).direction == "ltr"
    assert not runs_from_right(tag)


@pytest.mark.parametrize("line", ["V2G ועוד", "7-10-2025", "1. Electrek", "=====", "  – V2G", "mergefield000z שלום"])
def test_a_line_that_begins_otherwise_is_led_by_a_mark(line: str) -> None:
    assert led(line, "mergefield000z") == RLM + line


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "שלום V2G",
        "1. שלום",
        "https://e.com/a",
        "  mailto:a@e.com",
        "[1] https://e.com/a",
        "mergefield000z",
        "    x = min(a, 5)",
    ],
)
def test_lines_that_go_well_addresses_and_code_are_left_alone(line: str) -> None:
    assert led(line, "mergefield000z") == line


def test_each_line_is_looked_at_by_itself() -> None:
    assert led("שלום\nV2G\n\nhttps://e.com", NOTHING) == f"שלום\n{RLM}V2G\n\nhttps://e.com"


@given(st.text(alphabet="a1 -%+א", max_size=20))
def test_a_number_is_kept_together_unless_it_orders_itself(text: str) -> None:
    own = any(unicodedata.bidirectional(each) == "R" for each in text)
    assert ordered(text) == (text if own else f"{LRM}{text}{LRM}{RLM}")


def test_dates_are_printed_in_their_order_from_right_to_left_and_as_they_are_from_left_to_right() -> None:
    day = date(2026, 2, 3)
    assert publication(language="he").print_date(day) == f"{LRM}2026-02-03{LRM}{RLM}"
    assert publication(language="en").print_date(day) == "2026-02-03"

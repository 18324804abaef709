from __future__ import annotations

from typing import Any

import pytest

from newsletter.core.chart import Chart
from tests.core.test_blocks import said

IN_DIGITS = "write it in digits, and what it counts under `unit`"


def chart(**keys: Any) -> Chart:
    return Chart.model_validate({"kind": "chart", "title": "T", "labels": ["A", "B"], "alt": "Says it.", **keys})


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("values: [1]", ["11:3: blocks[0].values: has 1 value for 2 labels; give each label one"]),
        (
            "values: [1, 2, 3]\n  style: lines",
            ['11:3: blocks[0].values: has 3 values for 2 labels; give each label one ("" leaves a gap)'],
        ),
        (
            'values: [many, "$5"]',
            [
                f"11:12: blocks[0].values[0]: 'many' is not a number; {IN_DIGITS}",
                f"11:18: blocks[0].values[1]: '$5' is not a number; {IN_DIGITS}",
            ],
        ),
        (
            'values: [1, ""]',
            [
                "11:15: blocks[0].values[1]: is empty, and bars show no gap; write a number, or take `style: lines`",
            ],
        ),
        (
            'series:\n  - {name: N, values: [1, 2]}\n  - {name: M, values: [1, ""]}\n  style: columns',
            [
                (
                    "13:27: blocks[0].series[1].values[1]: is empty, and columns show no gap; "
                    "write a number, or take `style: lines`"
                )
            ],
        ),
        ('style: lines\n  values: ["", ""]', ["12:3: blocks[0].values: has no number; write at least one"]),
        (
            "series:\n  - {name: N, values: [1]}\n  - {values: [1, 2]}",
            [
                "13:5: blocks[0].series[1].name: is missing; add it",
            ],
        ),
        (
            "series:\n  - {name: N, values: [1]}\n  - {name: M, values: [1, 2, 3]}",
            [
                "12:15: blocks[0].series[0].values: has 1 value for 2 labels; give each label one",
                "13:15: blocks[0].series[1].values: has 3 values for 2 labels; give each label one",
            ],
        ),
        (
            "values: [1, 2]\n  series: [{name: N, values: [1, 2]}]",
            ["12:3: blocks[0].series: stands beside `values`; keep one of them"],
        ),
        ("series: []", ["11:3: blocks[0].series: has 0 sets; give 1 to 4"]),
        (
            "series:" + "\n  - {name: N, values: [1, 2]}" * 5,
            ["11:3: blocks[0].series: has 5 sets; give 1 to 4"],
        ),
        (
            "values: [1, 2]\n  style: pie",
            ["12:3: blocks[0].style: 'pie' is not possible here; use 'bars', 'columns' or 'lines'"],
        ),
        (
            "values: [1, 2]\n  unit: '{{ subscriber.name }}'",
            [
                (
                    "12:3: blocks[0].unit: stands in the picture, which is the same for everybody; "
                    "write it without a merge field"
                )
            ],
        ),
        (
            "values: [1, 2]\n  caption: '[x](y)'",
            [
                (
                    "12:17: blocks[0].caption: the link to 'y' leads nowhere from an email; "
                    "write the address in full, beginning with https://"
                )
            ],
        ),
    ],
)
def test_each_mistake_is_said_where_it_stands_with_what_to_do(keys: str, expected: list[str]) -> None:
    assert said(f"- kind: chart\n  title: T\n  alt: A\n  labels: [A, B]\n  {keys}") == expected


@pytest.mark.parametrize(("count", "words"), [(0, "has 0 labels"), (25, "has 25 labels")])
def test_there_are_some_labels_and_not_too_many(count: int, words: str) -> None:
    [problem] = said(f"- kind: chart\n  title: T\n  alt: A\n  values: [1]\n  labels: {['A'] * count}")
    assert f"blocks[0].labels: {words}; give 1 to 24" in problem


def test_a_line_may_have_gaps_written_as_nothing_at_all() -> None:
    assert chart(style="lines", values=["1", None]).all_series[0].values == ("1", "")


def test_the_short_form_is_a_series_without_a_name() -> None:
    short = chart(values=["1", "2"], unit="MW")
    assert (short.header, short.rows, short.numeric) == (("", "MW"), (("A", "1"), ("B", "2")), (False, True))


def test_several_series_are_columns_of_a_table() -> None:
    several = chart(series=[{"name": "N", "values": ["1", "2"]}, {"name": "M", "values": ["3", "4"]}], unit="MW")
    assert (several.header, several.rows) == (("", "N", "M"), (("A", "1", "3"), ("B", "2", "4")))

from __future__ import annotations

import pytest

from newsletter.cli.stats import chart
from newsletter.core.growth import Month
from tests.cli.running import Terminal

MONTHS = [Month("2026-01", 1_200, 0, 1_200), Month("2026-02", 3, 1_203, 0), Month("2026-03", 1, 0, 1)]


def test_stats_of_a_list_show_standings_tags_and_growth(three_readers: Terminal) -> None:
    three_readers("subscribers", "remove", "cy@example.net")
    three_readers("subscribers", "erase", "bob@example.com", "--yes")
    three_readers.patch.setenv("COLUMNS", "80")
    lines = three_readers("subscribers", "stats").out.splitlines()
    assert lines[:3] == ["  active   1", "  removed  1", "  erased   1"]
    assert "tags of those who are active: fleet 1, us 1" in lines
    assert lines[-2].split() == ["month", "joined", "left", "active"]
    assert lines[-1].split()[1:] == ["+3", "-2", "1", "#" * 49]
    found = three_readers("subscribers", "stats", "--json").data
    assert (found["standings"]["active"], found["standings"]["removed"], found["erased"]) == (1, 1, 1)
    assert [(each["joined"], each["left"], each["total"]) for each in found["months"]] == [(3, 2, 1)]


def test_an_empty_list_has_no_chart(newsletter: Terminal) -> None:
    answer = newsletter("subscribers", "stats")
    assert (answer.code, answer.out) == (0, "")
    assert "nobody yet" in answer.err
    assert newsletter("subscribers", "stats", "--json").data["months"] == []


@pytest.mark.parametrize("columns", [44, 72, 80, 200])
def test_a_chart_is_as_wide_as_the_terminal_and_no_wider(columns: int) -> None:
    lines = list(chart(MONTHS, columns, mark="#"))
    assert max(map(len, lines)) == min(columns, 33 + 60)


def test_a_chart_reads_without_colour_and_tells_nobody_from_somebody() -> None:
    assert list(chart(MONTHS, 47, mark="#")) == [
        "",
        "  month  joined    left  active",
        "2026-01  +1,200      -0   1,200  ##############",
        "2026-02      +3  -1,203       0",
        "2026-03      +1      -0       1  #",
    ]


def test_a_narrow_terminal_still_gets_bars() -> None:
    assert list(chart(MONTHS, 10, mark="#"))[2].endswith("  " + 10 * "#")

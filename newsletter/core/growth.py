"""How a list stands and how it has grown, in figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsletter.core.subscriber import Standing


@dataclass(frozen=True, slots=True)
class Course:
    """How many joined in a month and left in another, or have not; months are like 2026-03, UTC."""

    joined: str
    left: str | None
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """How a list stands: readers by standing, and the most common tags, of those who are active.

    Somebody joined when they agreed to be mailed, or else when they came onto the list, and nobody in days to come.
    `courses` are of who is active, and of who left after having joined, as far as it is known when.
    """

    standings: Mapping[Standing, int]
    paused: int
    erased: int
    tags: Sequence[tuple[str, int]]
    courses: Sequence[Course]


@dataclass(frozen=True, slots=True)
class Month:
    """What one month did to a list; `total` is who was on it in the end."""

    month: str
    joined: int
    left: int
    total: int


def growth(courses: Sequence[Course]) -> Sequence[Month]:
    """Return every month from the first in which somebody joined to the last in which anything happened.

    The last total is the number of those who are active.
    """
    joined: dict[str, int] = {}
    left: dict[str, int] = {}
    for course in courses:
        joined[course.joined] = joined.get(course.joined, 0) + course.count
        if course.left is not None:
            left[course.left] = left.get(course.left, 0) + course.count
    months: list[Month] = []
    total = 0
    for month in _months(sorted({*joined, *left})):
        total += joined.get(month, 0) - left.get(month, 0)
        months.append(Month(month, joined.get(month, 0), left.get(month, 0), total))
    return months


def _months(found: Sequence[str]) -> Iterator[str]:
    """Yield all months from the first to the last, those between included."""
    if not found:
        return
    (first_year, first), (last_year, last) = (map(int, month.split("-")) for month in (found[0], found[-1]))
    for number in range(first_year * 12 + first - 1, last_year * 12 + last):
        yield f"{number // 12:04d}-{number % 12 + 1:02d}"

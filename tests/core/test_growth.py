from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.growth import Course, Month, growth

MONTHS = st.dates(date(1995, 1, 1), date(2060, 1, 1)).map(lambda day: day.isoformat()[:7])
COURSES = st.lists(st.builds(Course, MONTHS, st.none() | MONTHS, st.integers(1, 9)), max_size=9)


def test_nobody_has_not_grown() -> None:
    assert growth([]) == []


def test_every_month_between_the_first_and_the_last_is_there() -> None:
    courses = [Course("2025-11", None, 3), Course("2025-11", "2026-02", 1), Course("2026-01", None, 2)]
    assert growth(courses) == [
        Month("2025-11", 4, 0, 4),
        Month("2025-12", 0, 0, 4),
        Month("2026-01", 2, 0, 6),
        Month("2026-02", 0, 1, 5),
    ]


@given(COURSES)
def test_months_follow_each_other_and_their_sums_are_right(courses: list[Course]) -> None:
    months = growth(courses)
    assert [each.month for each in months] == sorted({each.month for each in months})
    assert sum(each.joined for each in months) == sum(course.count for course in courses)
    assert sum(each.left for each in months) == sum(course.count for course in courses if course.left)
    assert [each.total for each in months[-1:]] == [sum(each.joined - each.left for each in months)][: len(months)]

"""Random expressions and readers, few enough in words that they often meet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from newsletter.core.audience.holding import Reader
from newsletter.core.audience.terms import (
    ATTENTION,
    NAMES,
    Did,
    Everybody,
    Expression,
    Got,
    How,
    Known,
    Lately,
    Not,
    Says,
    Stands,
    Tag,
    Time,
    When,
    all_of,
    any_of,
)
from newsletter.core.subscriber import Consent, Standing, Subscriber

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ISSUES = ("vol-1-issue-1", "vol-1-issue-2", "vol-2-issue-1")
TAGS = ("us", "eu", "long name", 'a "b"', "Us")
WORDS = (
    "Bath",
    "bath",
    "BATH",
    "Bad 100%",
    "ZÜRICH",
    "zürich",
    "Zürich",
    "straße",
    "it's",
    '"',
    "a_b",
    "%",
    "and",
    "\\",
)
STANDINGS = tuple(each for each in Standing if each is not Standing.REMOVED)

days = st.integers(0, 40).map(lambda back: (NOW - timedelta(days=back)).date())
moments = st.builds(
    lambda day, seconds: datetime.combine(day, datetime.min.time(), UTC) + timedelta(seconds=seconds),
    days,
    st.sampled_from([-1, 0, 1, 40_000]),
)
words = st.sampled_from(WORDS) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=3
)
subjects = st.sampled_from([*NAMES, "field.city", "field.Shoe_2"])
times = st.sampled_from(list(Time))
terms: st.SearchStrategy[Expression] = st.one_of(
    st.just(Everybody()),
    st.builds(Tag, st.sampled_from(TAGS)),
    st.builds(Says, subjects, st.sampled_from(list(How)), words),
    st.builds(Known, subjects | times, st.booleans()),
    st.builds(When, times, st.booleans(), days),
    st.builds(Lately, times, st.integers(1, 40)),
    st.builds(Stands, st.sampled_from(STANDINGS), st.booleans()),
    st.builds(Got, st.sampled_from(ISSUES)),
    st.builds(Did, st.sampled_from(ATTENTION), st.sampled_from(ISSUES)),
)
expressions: st.SearchStrategy[Expression] = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=4).map(all_of),
        st.lists(inner, min_size=2, max_size=4).map(any_of),
    ),
    max_leaves=8,
)

_people = st.builds(
    Subscriber,
    address=st.integers(0, 9_999).map(lambda number: f"Reader{number}@example.org"),
    first_name=st.just("") | words,
    last_name=st.just("") | words,
    tags=st.frozensets(st.sampled_from(TAGS), max_size=3),
    fields=st.dictionaries(st.sampled_from(["city", "Shoe_2", "other"]), st.just("") | words, max_size=3),
    standing=st.sampled_from(STANDINGS),
    consent=st.builds(Consent, at=st.none() | moments),
)
readers = st.builds(Reader, _people, joined=moments, got=st.dictionaries(st.sampled_from(ISSUES), moments, max_size=3))


def day(text: str) -> date:
    return date.fromisoformat(text)

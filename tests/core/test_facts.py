from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.audience.holding import Reader, holds
from newsletter.core.audience.parsing import parse
from newsletter.core.audience.terms import Everybody, Expression, How, Known, Not, Says, Tag, all_of, any_of
from newsletter.core.facts import combined, facts, label, met, reading, words_in
from newsletter.core.subscriber import Subscriber
from tests.core.audience.expressions import TAGS, readers, subjects, words

of_one_reader: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(
        st.just(Everybody()),
        st.builds(Tag, st.sampled_from(TAGS)),
        st.builds(Says, subjects, st.sampled_from(list(How)), words),
        st.builds(Known, subjects, st.booleans()),
    ),
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(all_of),
        st.lists(inner, min_size=2, max_size=3).map(any_of),
    ),
    max_leaves=5,
)


def names(*facts: str) -> frozenset[str]:
    return frozenset(facts)


@given(of_one_reader, readers)
def test_by_their_facts_readers_belong_where_they_do_and_their_combination_is_foreseen(
    expression: Expression, reader: Reader
) -> None:
    asked = facts(expression)
    found = reading(asked)(reader.subscriber)
    assert met(expression, found) is holds(expression, reader)
    assert found in set(combined(asked))


def test_a_fact_is_called_the_same_whether_it_is_asserted_or_denied() -> None:
    assert facts(parse("tag:us and field.city != Bath and first_name is missing")) == {
        "us",
        "field.city = Bath",
        "first_name is set",
    }


@pytest.mark.parametrize(
    "tag", ["us", "everybody", "tag:us", "field.city != Bath", "first_name is missing", "joined is set"]
)
def test_a_tag_is_no_other_fact(tag: str) -> None:
    assert words_in(tag) is None
    assert facts(Tag(tag)) == {tag}
    assert reading(names(tag))(Subscriber(address="a@example.org", tags=names(tag, "more"))) == {tag}


def test_what_cannot_hold_together_is_no_combination() -> None:
    asked = facts(parse("field.city = Bath or field.city = York or field.city is set or tag:us"))
    cities = [readers - {"us"} for readers in combined(asked) if "us" in readers]
    assert cities == [
        names(),
        names("field.city is set"),
        names("field.city = Bath", "field.city is set"),
        names("field.city = York", "field.city is set"),
    ]
    assert len(list(combined(facts(parse("field.city = Bath or field.city = BATH"))))) == 4


@pytest.mark.parametrize(
    ("readers", "asked", "words"),
    [
        ([()], (), "everybody"),
        ([()], ("us",), "not us"),
        ([()], ("us", "eu"), "neither eu nor us"),
        ([(), ("eu",)], ("us", "eu"), "all others"),
        ([("us",), ("us", "eu")], ("us", "eu"), "us"),
        ([("us", "eu")], ("us", "eu"), "eu and us"),
        ([("us",), ("eu",)], ("us", "eu"), "eu or us"),
    ],
)
def test_readers_are_named(readers: list[tuple[str, ...]], asked: tuple[str, ...], words: str) -> None:
    assert label([names(*each) for each in readers], names(*asked)) == words

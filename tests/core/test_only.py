from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from newsletter.core.audience.parsing import parse
from newsletter.core.audience.terms import Expression
from newsletter.core.facts import combined
from newsletter.core.only import Conditional, Only, shown, variants

tag_names = st.sampled_from(["us", "eu", "press"])
conditions = st.none() | st.builds(
    lambda key, tags: Only.model_validate({key: tags}),
    st.sampled_from(["tag", "no_tag"]),
    st.lists(tag_names, min_size=1, max_size=3),
)


def block(only: dict[str, Any] | None = None) -> Conditional:
    return Conditional.model_validate({"only": only} if only else {})


def tags(*names: str) -> frozenset[str]:
    return frozenset(names)


def test_a_tag_may_be_written_alone_or_in_a_list() -> None:
    assert Only.model_validate({"tag": "us"}) == Only.model_validate({"tag": ["us"]})


@pytest.mark.parametrize("wrong", [{}, {"tag": []}, {"tag": "us", "no_tag": "eu"}, {"tag": "a,b"}, {"tga": "us"}])
def test_what_is_neither_a_tag_nor_its_absence_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Only.model_validate(wrong)


def test_a_block_is_shown_to_readers_with_one_of_its_tags() -> None:
    blocks = [block(), block({"tag": ["us", "ca"]}), block({"no_tag": "us"})]
    assert shown(blocks, tags()) == (0, 2)
    assert shown(blocks, tags("ca")) == (0, 1, 2)
    assert shown(blocks, tags("us", "ca")) == (0, 1)


def test_without_conditions_there_is_one_variant_for_everybody() -> None:
    assert variants([block(), block()]) == {(0, 1): {tags()}}


def test_combinations_of_tags_that_see_the_same_share_a_variant() -> None:
    found = variants([block(), block({"tag": "us"}), block({"tag": ["us", "eu"]})])
    assert found == {
        (0,): {tags()},
        (0, 2): {tags("eu")},
        (0, 1, 2): {tags("us"), tags("us", "eu")},
    }


@given(st.lists(conditions, min_size=1, max_size=6))
def test_every_combination_of_tags_has_exactly_one_variant_and_sees_what_its_conditions_say(
    given: list[Only | None],
) -> None:
    blocks = [Conditional(only=each) for each in given]
    asked = tags().union(*(each.facts for each in given if each))
    found = variants(blocks)
    everybody = [readers for some in found.values() for readers in some]
    assert sorted(map(sorted, everybody)) == sorted(map(sorted, combined(asked)))
    assert next(iter(found)) == shown(blocks, tags())
    for places, some in found.items():
        for readers in some:
            assert places == tuple(
                place
                for place, only in enumerate(given)
                if only is None
                or (only.tag and readers & set(only.tag))
                or (only.no_tag and not readers & set(only.no_tag))
            )


def said(text: str, **names: Expression) -> Conditional:
    return Conditional.model_validate({"only": text}, context=names)


def test_a_block_may_be_for_an_audience_by_its_expression_or_its_name() -> None:
    for text in ("tag:us and not field.city = Bath", "outside"):
        blocks = [block(), said(text, outside=parse("tag:us and field.city != Bath"))]
        assert variants(blocks) == {
            (0,): {tags(), tags("field.city = Bath"), tags("field.city = Bath", "us")},
            (0, 1): {tags("us")},
        }


def test_what_two_keys_say_an_expression_says_too() -> None:
    assert variants([block(), said("tag:us or tag:ca")]) == variants([block(), block({"tag": ["us", "ca"]})])
    assert variants([block(), said("not (tag:us or tag:ca)")]) == variants([block(), block({"no_tag": ["us", "ca"]})])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tga:us", "'tga:us' is not known here; did you mean 'tag:'"),
        ("joined in last 3 days", "`joined in last 3 days` is not known of a reader"),
        ("tag:us and not got vol-1-issue-1", "`got vol-1-issue-1` is not known of a reader"),
        ("consent is missing", "`consent is missing` is not known of a reader"),
        ("standing = active", "`standing = active` is not known of a reader"),
        ('tag:"field.city = Bath"', "reads like a fact"),
        ("", "nothing is written here"),
    ],
)
def test_an_expression_that_no_message_can_follow_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        said(text)


def test_a_tag_that_reads_like_another_fact_is_refused_by_its_key_too() -> None:
    with pytest.raises(ValidationError, match="reads like a fact"):
        Only.model_validate({"tag": "first_name is set"})

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from newsletter.core.only import Conditional, Only, combined, label, shown, variants

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
    asked = tags().union(*(each.tags for each in given if each))
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
    assert label([tags(*each) for each in readers], tags(*asked)) == words

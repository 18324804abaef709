from __future__ import annotations

import pytest

from newsletter.core.audience.lexing import FlawedExpression
from newsletter.core.audience.named import LONGEST, asked, defined, misnamed, on_command_line, pointed
from newsletter.core.audience.terms import AllOf, AnyOf, Not, Tag
from newsletter.errors import BadInput

US, EU = Tag("us"), Tag("eu")


def told(**texts: str) -> dict[str, tuple[int, str]]:
    return {name: (flaw.at, flaw.message) for name, flaw in defined(texts)[1].items()}


def test_names_are_made_of_others_in_any_order() -> None:
    found, wrong = defined({"both": "west and not east", "west": "tag:us", "east": "tag:eu or west"})
    assert found == {"west": US, "east": AnyOf((EU, US)), "both": AllOf((US, Not(AnyOf((EU, US)))))}
    assert not wrong


def test_a_name_that_is_made_of_itself_is_told_once_with_the_way_round() -> None:
    assert told(a="tag:us or b", b="not c", c="tag:eu and a", d="a") == {
        "c": (11, "'a' is made of itself: a -> b -> c -> a")
    }
    assert told(a="a") == {"a": (0, "'a' is made of itself: a -> a")}


def test_what_is_wrong_with_a_name_is_not_told_again_of_those_made_of_it() -> None:
    assert told(a="b", b="tga:us", c="b or a") == {"b": (0, "'tga:us' is not known here")}


def test_words_that_happen_to_be_names_are_words() -> None:
    found, wrong = defined({"us": "field.country = us", "eu": "tag:eu"})
    assert not wrong
    assert list(found) == ["us", "eu"]


def test_a_long_chain_of_names_is_refused_and_not_followed() -> None:
    chain = {f"n{number}": f"n{number + 1}" for number in range(2_000)} | {"n2000": "tag:us"}
    assert "too deep inside of other names" in " ".join(message for _, message in told(**chain).values())


def test_names_cannot_make_an_expression_without_bounds() -> None:
    doubling = {"n0": "tag:us"} | {f"n{number}": f"n{number - 1} and not n{number - 1}" for number in range(1, 15)}
    (flaw,) = told(**doubling).values()
    assert flaw == (0, "made of 256 terms, at most 200 are possible")
    with pytest.raises(FlawedExpression, match="longer than 5,000 characters"):
        asked("tag:us or " * LONGEST)


@pytest.mark.parametrize("name", ["Everybody", "tag", "joined", "or", "clicked", "two words", "1st", "", "a" * 61, "ü"])
def test_some_names_cannot_be_given(name: str) -> None:
    assert misnamed(name)


@pytest.mark.parametrize("name", ["us-readers", "Press", "a1_b"])
def test_other_names_can(name: str) -> None:
    assert not misnamed(name)


def test_on_the_command_line_a_caret_shows_the_place() -> None:
    with pytest.raises(BadInput) as caught:
        on_command_line("tag:us and tga:eu", {})
    assert caught.value.message == "'tga:eu' is not known here\n  tag:us and tga:eu\n             ^"
    assert caught.value.hint == "did you mean 'tag:'?"


@pytest.mark.parametrize(
    ("text", "at", "lines"),
    [
        ("ab\ncd", 3, "  ab cd\n     ^"),
        ("漢字 x", 3, "  漢字 x\n       ^"),
        ("e\u0301 x", 3, "  e\u0301 x\n    ^"),
        ("x" * 100 + "!" + "y" * 100, 100, f"  ...{'x' * 36}!{'y' * 35}...\n  {' ' * 39}^"),
        ("x" * 100, 100, f"  ...{'x' * 72}\n  {' ' * 75}^"),
    ],
)
def test_the_caret_stands_below_the_character(text: str, at: int, lines: str) -> None:
    assert pointed(text, at) == lines

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.words import flaws, reference, said

FOUND = "Nr. {number}, Band {volume}"


def found(words: str, instead_of: str) -> list[str]:
    return [f"{flaw.offset}: {flaw.message}; {flaw.hint}" for flaw in flaws(words, instead_of)]


def test_each_place_takes_its_value_and_a_value_with_braces_is_left_alone() -> None:
    assert said("Bis {date}, {date}!", date="{date}") == "Bis {date}, {date}!"
    assert said("{a}{b}", a=1, b="x") == "1x"


def test_a_place_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        said("Bis {datum}", date="1.2.2026")


def test_words_with_the_same_places_in_any_order_are_fine() -> None:
    assert found(FOUND, "Vol. {volume} | Issue {number}") == []
    assert found("Abmelden", "Unsubscribe") == []


@pytest.mark.parametrize(
    ("words", "instead_of", "expected"),
    [
        ("Bis {datum}", "By {date}", "4: there is no {datum} to put in; did you mean '{date}'?"),
        ("Bis { date }", "By {date}", "4: there is no { date } to put in; did you mean '{date}'?"),
        ("Bald", "By {date}", "0: {date} is missing; write it where the value goes, as in 'By {date}'"),
        ("{date} {date}", "By {date}", "7: {date} stands here a second time; keep one"),
        (
            "Ab{x}",
            "Unsubscribe",
            "2: there is no {x} to put in; nothing is put into these words; leave it out",
        ),
        (" ", "Unsubscribe", "0: is empty; write what stands for 'Unsubscribe'"),
        ("Ab\nmelden", "Unsubscribe", "0: must be one line; join the lines"),
    ],
)
def test_what_is_wrong_with_words_is_said(words: str, instead_of: str, expected: str) -> None:
    assert found(words, instead_of) == [expected]


def test_two_missing_places_are_two_flaws() -> None:
    assert len(found("Ausgabe", "Volume {volume} | Issue {number}")) == 2


def test_merge_fields_are_no_places() -> None:
    assert found("Hallo {{ subscriber.name }}", "Hello") == []
    assert said("{{ subscriber.name }} {a}", a=1) == "{{ subscriber.name }} 1"


@given(st.text("{}date ", max_size=20))
@example("{{ date }} {date}")
@example("{{date}")
def test_words_without_a_flaw_can_always_be_said(words: str) -> None:
    if not found(words, "By {date}"):
        assert said(words, date="today").count("today") == 1


def test_references_are_found_in_the_publication_s_own_form() -> None:
    form = reference({"say_reference": FOUND})
    [match] = form.finditer("Siehe Nr. 6, Band 1. Vol. 1 | Issue 6.")
    assert (match["volume"], match["number"]) == ("1", "6")

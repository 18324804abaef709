from __future__ import annotations

import pytest

from newsletter.core.door_words import ENGLISH, door_words, wrong_words
from newsletter.core.publication import parse_publication
from newsletter.core.source import read
from newsletter.errors import InvalidSource
from tests.conftest import REPOSITORY

PUBLICATION = (REPOSITORY / "publication.yaml").read_text(encoding="utf-8")


def problems(words: str) -> list[str]:
    text = f"{PUBLICATION}words:\n{words}"
    return [str(problem) for problem in wrong_words(read(text.encode(), "publication.yaml"))]


def test_every_place_is_filled_with_the_name_of_the_publication() -> None:
    said = door_words({"confirm_text": "Weiter mit {publication}."}, "V2G News")
    assert said.keys() == ENGLISH.keys()
    assert said["confirm_text"] == "Weiter mit V2G News."
    assert said["sign_up_title"] == "Subscribe to V2G News"
    assert not [key for key, words in said.items() if "{" in words or not words.strip()]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("  sing_up: Anmelden", "did you mean 'sign_up'?"),
        ("  sign_up_title: Anmelden", "{publication} is missing"),
        ("  sign_up: Anmelden {here}", "there is no {here} to put in"),
        ('  sign_up: " "', "is empty"),
        ("  saved: 'Danke, {{ subscriber.name }}'", "holds a merge field"),
    ],
)
def test_words_that_cannot_be_said_are_problems_of_their_line(words: str, wrong: str) -> None:
    (problem,) = problems(words)
    assert wrong in problem
    assert f"publication.yaml:{PUBLICATION.count(chr(10)) + 2}:" in problem
    with pytest.raises(InvalidSource):
        parse_publication(read(f"{PUBLICATION}words:\n{words}".encode(), "publication.yaml"), {})


def test_words_of_the_publications_own_are_no_problem() -> None:
    assert problems("  sign_up: Anmelden\n  sign_up_title: '{publication} bestellen'") == []

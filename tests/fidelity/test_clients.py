"""Everything in a letter works in the mail programs that most people use, or is argued to do no harm."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from tests.fidelity import clients
from tests.fidelity.argued import UNTESTED, argued, needless
from tests.golden.cases import cases


@pytest.fixture(params=[folder.name for folder in cases()])
def letter(request: pytest.FixtureRequest, letters: Mapping[str, str]) -> str:
    return letters[request.param]


def test_whatever_a_mail_program_lacks_is_argued(letter: str) -> None:
    lacking = clients.unsupported(clients.used(letter).features)
    assert [(each, client) for each in lacking for client in lacking[each] if not argued(each, client)] == []


def test_whatever_caniemail_has_not_tested_is_argued(letter: str) -> None:
    known = {name for names in UNTESTED for name in names.split()}
    assert clients.used(letter).untested - known == set()


def test_no_argument_is_left_over(letters: Mapping[str, str]) -> None:
    found = set().union(*(clients.used(letter).features for letter in letters.values()))
    assert needless((feature, each) for feature, all_of in clients.unsupported(found).items() for each in all_of) == []


def test_gmail_keeps_the_style_sheets(letter: str) -> None:
    """Gmail drops them from 16 KB on (https://github.com/hteumeuleu/email-bugs/issues/90)."""
    assert sum(len(sheet.encode()) for sheet in re.findall(r"<style.*?</style>", letter, re.DOTALL)) < 16_000


def test_what_a_mail_program_lacks_would_be_noticed() -> None:
    letter = '<style>.a:hover > b { gap: 1rem } @media (hover) { p { color: rgb(0 0 0) } }</style><video src="a.webp">'
    found = clients.used(letter)
    expected = {
        "css-pseudo-class-hover css-selector-child css-selector-class css-gap css-unit-rem css-at-media",
        "css-at-media-hover css-selector-type css-rgb html-style html-video image-webp",
    }
    assert found.features >= {feature for features in expected for feature in features.split()}
    assert clients.unsupported(found.features)["css-gap"] >= {"gmail.mobile-webmail", "outlook.windows"}

"""What mail programs darken by themselves stays readable, and nothing disappears."""

from __future__ import annotations

from functools import cache

import pytest
from playwright.sync_api import Browser

from tests.colours import Colour, to_lab
from tests.darkening import NIGHTS, dark_alone, darken, lifted, light_alone, mirrored, mirrored_in_hsl
from tests.grounds import Mark, marks
from tests.layouts.test_contrast import LAYOUTS, READABLE, layout, letter
from tests.screens import shown

WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)
# By day the fainter hairlines have 1.5; what is left of that has to show on a phone.
LEAST = {"words": READABLE, "button": 1.5, "line": 1.15}


@cache
def by_day(name: str) -> str:
    return letter(layout(name))


def darkened(browser: Browser, html: str, night: str) -> list[Mark]:
    with shown(browser, html, 640, "light") as page:
        darken(page, night)
        return marks(page)


@pytest.mark.browser
@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("name", LAYOUTS)
def test_a_letter_survives_the_night_of_others(browser: Browser, name: str, night: str) -> None:
    seen = darkened(browser, by_day(name), night)
    assert {mark.part for mark in seen} >= {"words", "line"}
    assert [str(mark) for mark in seen if mark.contrast < LEAST[mark.part]] == []


@pytest.mark.browser
@pytest.mark.parametrize("night", NIGHTS)
def test_the_night_is_dark(browser: Browser, night: str) -> None:
    grounds = [to_lab(mark.ground).lightness for mark in darkened(browser, by_day(LAYOUTS[0]), night)]
    assert sorted(grounds)[len(grounds) // 2] < 30


@pytest.mark.browser
def test_what_would_vanish_is_noticed(browser: Browser) -> None:
    """Grey words lose what white loses where it becomes #333333; black ones turn white on a grey that stays."""
    html = '<body style="background:#fff"><p style="color:#757575">a</p><p style="background:#aaa;color:#000">b</p>'
    faint = {night: [mark for mark in darkened(browser, html, night) if mark.contrast < READABLE] for night in NIGHTS}
    assert {mark.said for mark in faint["Outlook"]} == {"a"}
    assert {mark.said for mark in faint["Gmail on Android"]} == {"b"}


def test_white_and_black_change_places() -> None:
    assert [mirrored(WHITE), mirrored(BLACK)] == [BLACK, WHITE]
    assert [mirrored_in_hsl(WHITE), mirrored_in_hsl(BLACK)] == [BLACK, WHITE]
    assert [lifted(WHITE), lifted(BLACK)] == [Colour(0x33, 0x33, 0x33), WHITE]
    assert [light_alone(WHITE), light_alone(BLACK), dark_alone(WHITE), dark_alone(BLACK)] == [
        BLACK,
        BLACK,
        WHITE,
        WHITE,
    ]


@pytest.mark.parametrize("colour", [Colour(0x0A, 0x62, 0x4A), Colour(0x5E, 0x5A, 0x54), Colour(0xD8, 0xD4, 0xCC)])
def test_what_is_mirrored_keeps_its_hue(colour: Colour) -> None:
    before, after = to_lab(colour), to_lab(mirrored(colour))
    assert before.lightness + after.lightness == pytest.approx(100, abs=0.5)
    assert (after.a, after.b) == pytest.approx((before.a, before.b), abs=1)

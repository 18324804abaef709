"""What the tool sends is what the official MJML engine would have made of the same layout and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.fidelity import sheets
from tests.fidelity.markup import conditional, tokens
from tests.fidelity.pictures import Camera, kept
from tests.fidelity.rendering import DOCUMENTS, Pair
from tests.golden.cases import cases
from tests.screens import SCHEMES, Scheme

ISSUES = [folder.name for folder in cases()]
CONSTRUCTS = sorted(path.stem for path in DOCUMENTS.glob("*.mjml"))
# What holds every kind of block is looked at by itself, with its pictures; everything else many at a time.
WHOLE = ["vol-1-issue-6", "vol-2-issue-3", "everything", "plain", "rtl", "rtl-plain"]
WHOLE += ["blocks-long", "blocks-hostile", "pairs"]
REST = [name for name in [*ISSUES, *CONSTRUCTS] if name not in WHOLE]
# The width at which MJML stacks columns lies between the two.
WIDTHS = (375, 600)


@pytest.mark.parametrize("name", [*ISSUES, *CONSTRUCTS])
def test_the_official_engine_finds_nothing_wrong_with_the_mjml(pairs: Mapping[str, Pair], name: str) -> None:
    assert pairs[name].complaints == ()


@pytest.mark.parametrize("name", [*ISSUES, *CONSTRUCTS])
def test_every_tag_attribute_style_and_text_is_the_official_engines(pairs: Mapping[str, Pair], name: str) -> None:
    assert tokens(pairs[name].ours) == tokens(pairs[name].official)


@pytest.mark.parametrize("issue", ISSUES)
def test_outlooks_own_tables_are_among_them(pairs: Mapping[str, Pair], issue: str) -> None:
    ours = list(conditional(tokens(pairs[issue].ours)))
    assert sum(token.startswith("<table") for token in ours) >= 5
    assert ours == list(conditional(tokens(pairs[issue].official)))


def test_a_width_that_only_outlook_reads_would_be_noticed(pairs: Mapping[str, Pair]) -> None:
    ours = pairs[ISSUES[0]].ours
    changed = re.sub(r'(<!--\[if mso \| IE\]><table [^>]*width=")640"', r'\g<1>641"', ours, count=1)
    assert changed != ours
    assert list(conditional(tokens(changed))) != list(conditional(tokens(ours)))


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", WHOLE)
def test_every_pixel_is_the_official_engines(
    pairs: Mapping[str, Pair], camera: Camera, tmp_path: Path, name: str, scheme: Scheme, width: int
) -> None:
    ours, official = (camera.picture(html, width, scheme) for html in (pairs[name].ours, pairs[name].official))
    boxes = camera.differences(ours, official)
    assert not boxes, kept(tmp_path, ours, official, boxes)


@pytest.fixture(scope="module")
def unequal(browser: Browser, pairs: Mapping[str, Pair]) -> Mapping[str, list[str]]:
    return sheets.unequal(browser, {name: pairs[name] for name in REST}, at_once=8)


@pytest.mark.browser
@pytest.mark.parametrize("name", REST)
def test_every_pixel_of_a_part_is_the_official_engines(unequal: Mapping[str, list[str]], name: str) -> None:
    assert unequal.get(name, []) == []


@pytest.mark.browser
def test_one_pixel_would_be_noticed(camera: Camera, tmp_path: Path) -> None:
    html = '<!DOCTYPE html><div style="height:2000px"><p style="position:absolute;left:%dpx;top:1500px">x</p></div>'
    ours, official = (camera.picture(html % left, 375, "light") for left in (100, 101))
    (box,) = camera.differences(ours, official)
    assert 95 < box.left < box.right < 120
    assert 1490 < box.top < box.bottom < 1550
    said = kept(tmp_path, ours, official, [box])
    assert {path.name for path in tmp_path.iterdir()} == set(re.findall(r"[a-z]+\.(?:png|txt)", said))

"""What the tool sends is what the official MJML engine would have made of the same layout and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fidelity.markup import conditional, tokens
from tests.fidelity.pictures import Camera, kept
from tests.fidelity.rendering import DOCUMENTS, Pair
from tests.golden.cases import cases
from tests.screens import Scheme

ISSUES = [folder.name for folder in cases()]
CONSTRUCTS = sorted(path.stem for path in DOCUMENTS.glob("*.mjml"))
# What a kind of block has by night stands in the whole issues too; of the small documents one looks different then.
BY_NIGHT = [name for name in [*ISSUES, "head"] if not name.startswith("block-")]
SEEN: list[tuple[str, Scheme]] = [
    *[(name, "light") for name in [*ISSUES, *CONSTRUCTS]],
    *[(name, "dark") for name in BY_NIGHT],
]
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
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "scheme"), SEEN)
def test_every_pixel_is_the_official_engines(
    pairs: Mapping[str, Pair], camera: Camera, tmp_path: Path, name: str, scheme: Scheme, width: int
) -> None:
    ours, official = (camera.picture(html, width, scheme) for html in (pairs[name].ours, pairs[name].official))
    boxes = camera.differences(ours, official)
    assert not boxes, kept(tmp_path, ours, official, boxes)


@pytest.mark.browser
def test_one_pixel_would_be_noticed(camera: Camera, tmp_path: Path) -> None:
    html = '<!DOCTYPE html><div style="height:2000px"><p style="position:absolute;left:%dpx;top:1500px">x</p></div>'
    ours, official = (camera.picture(html % left, 375, "light") for left in (100, 101))
    (box,) = camera.differences(ours, official)
    assert 95 < box.left < box.right < 120
    assert 1490 < box.top < box.bottom < 1550
    said = kept(tmp_path, ours, official, [box])
    assert {path.name for path in tmp_path.iterdir()} == set(re.findall(r"[a-z]+\.(?:png|txt)", said))

"""Charts in pixels: figures have their lengths, series differ without colour, and nothing leaves the sheet."""

from __future__ import annotations

import io
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from newsletter.core.chart import Chart
from newsletter.core.render.charts import Colours, drawn
from newsletter.core.render.charts.frame import ticks
from newsletter.core.render.charts.looks import looks

WIDTH = 560
COLOURS = Colours(accent="#FF0000", ink="#0000FF", muted="#00FF00", rule="#AAAAAA", paper="#FFFFFF")
ACCENT = (255, 0, 0)
STYLES = ("bars", "columns", "lines")
WORDS = st.text("aW é-ß", min_size=1, max_size=60).filter(str.strip)
FIGURES = st.one_of(
    st.decimals(-(10**6), 10**6, places=2).map(str), st.sampled_from(["0", "0.001", "-0.001", "999999999999999"])
)


def chart(*values: object, **keys: Any) -> Chart:
    whole = {"kind": "chart", "title": "T", "alt": "A", "labels": [f"L{at}" for at in range(len(values))], **keys}
    return Chart.model_validate({**whole, "values": [str(each) for each in values]} if values else whole)


def image(of: Chart, language: str = "en") -> Image.Image:
    asset = drawn(of, WIDTH, COLOURS, language=language)
    assert asset.width == 2 * WIDTH
    assert len(asset.data) < 40_000
    return Image.open(io.BytesIO(asset.data)).convert("RGB")


def accents(of: Image.Image) -> Image.Image:
    """Return where the accent is: 255 there, 0 elsewhere."""
    other = ImageChops.difference(of, Image.new("RGB", of.size, ACCENT)).split()
    farthest = ImageChops.lighter(ImageChops.lighter(other[0], other[1]), other[2])
    return farthest.point([255, *[0] * 255])


def runs(of: Image.Image, *, across: bool) -> list[int]:
    """Return how much of the accent is in the rows, or the columns, of a picture: each count once in its order."""
    mask = accents(of) if across else accents(of).transpose(Image.Transpose.TRANSPOSE)
    data = mask.tobytes()
    counts = [data[at : at + mask.width].count(255) for at in range(0, len(data), mask.width)]
    return [count for count, _ in groupby(count for count in counts if count > 10)]


@pytest.mark.parametrize("style", STYLES)
def test_a_language_from_right_to_left_has_its_charts_begin_on_the_right(style: str) -> None:
    of = chart(3, 2, 1, style=style)
    there, here = accents(image(of)), accents(image(of, "ar"))
    mirrored = there.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert differing(here, mirrored) < differing(here, there) / 4


def differing(one: Image.Image, other: Image.Image) -> int:
    return ImageChops.difference(one, other).histogram()[255]


def test_bars_are_as_long_as_their_figures() -> None:
    one, two, four = runs(image(chart(1, 2, 4)), across=True)
    assert two == pytest.approx(2 * one, rel=0.01)
    assert four == pytest.approx(4 * one, rel=0.01)


def test_columns_are_as_high_as_their_figures() -> None:
    one, two, four = runs(image(chart(1, 2, 4, style="columns")), across=False)
    assert two == pytest.approx(2 * one, rel=0.01)
    assert four == pytest.approx(4 * one, rel=0.01)


def test_a_figure_is_read_as_the_language_writes_it() -> None:
    english, german = (runs(image(chart("1,500", "3"), language), across=True) for language in ("en", "de"))
    assert len(english) == 1  # 3 is nothing beside 1,500
    assert german[1] == pytest.approx(2 * german[0], rel=0.01)


def test_a_negative_figure_goes_the_other_way() -> None:
    picture = image(chart(4, -4))
    left, top, right, bottom = accents(picture).getbbox() or (0, 0, 0, 0)
    half = (right - left) // 2
    assert accents(picture).crop((left + half + 3, top, right, top + 40)).getextrema() == (255, 255)
    assert accents(picture).crop((left, bottom - 40, left + half - 3, bottom)).getextrema() == (255, 255)


def test_series_are_told_apart_without_colour() -> None:
    grey = Colours(accent="#333333", ink="#333333", muted="#333333", rule="#AAAAAA", paper="#FFFFFF")
    for kind in (lambda look: (look.dashes, look.mark), lambda look: look.mark):
        assert len({kind(look) for look in looks(grey)}) == 4
    series = [{"name": f"S{at}", "values": ["5"]} for at in range(2)]
    first, second = (drawn(chart(labels=["L"], series=[one]), WIDTH, grey, language="en").data for one in series)
    assert first != second


def test_the_same_chart_is_the_same_file() -> None:
    first, second = (drawn(chart(1, 2, 3), WIDTH, COLOURS, language="en") for _ in range(2))
    assert first.name == second.name


@pytest.mark.parametrize("style", STYLES)
def test_a_sheet_has_a_line_around_it_on_every_side(style: str) -> None:
    picture = image(chart(*range(1, 25), style=style, unit="words " * 30))
    edges = [(0, 50), (picture.width - 1, 50), (50, 0), (50, picture.height - 1)]
    assert {picture.getpixel(at) for at in edges} == {(170, 170, 170)}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_the_figures_and_words_the_chart_is_drawn_inside_its_margins(data: st.DataObject) -> None:
    labels = data.draw(st.lists(WORDS, min_size=1, max_size=24))
    style = data.draw(st.sampled_from(STYLES))
    gap = st.just("") if style == "lines" else st.nothing()
    values = st.lists(st.one_of(FIGURES, gap), min_size=len(labels), max_size=len(labels)).filter(any)
    series = data.draw(
        st.lists(st.builds(lambda name, each: {"name": name, "values": each}, WORDS, values), min_size=1, max_size=4)
    )

    picture = image(chart(labels=labels, series=series, style=style, unit=data.draw(WORDS)))

    inside = picture.crop((4, 4, picture.width - 4, picture.height - 4))
    margins = [
        inside.crop((0, 0, 14, inside.height)),
        inside.crop((inside.width - 14, 0, inside.width, inside.height)),
        inside.crop((0, 0, inside.width, 14)),
        inside.crop((0, inside.height - 8, inside.width, inside.height)),
    ]
    assert [margin.getextrema() for margin in margins] == [((255, 255),) * 3] * 4


@given(st.floats(-1e9, 1e9), st.floats(0.001, 1e9))
def test_ticks_are_few_and_enclose_every_figure(low: float, span: float) -> None:
    found = [float(each) for each in ticks(low, low + span)]
    assert 2 <= len(found) <= 9
    slack = 1e-6 * max(abs(low), span)
    assert found[0] <= low + slack
    assert found[-1] >= low + span - slack

"""Charts as SVG: words stay words whatever they hold, colours are the page's, and the bytes are the same each time."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from newsletter.core.chart import Chart
from newsletter.core.render.charts import Colours, in_svg
from tests.core.render.charts.test_drawn import STYLES, chart

COLOURS = Colours(*(f"var(--{name})" for name in ("accent", "ink", "muted", "rule", "paper")))


class Read(HTMLParser):
    """What a browser would find: elements, and the words in them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.words = list[str](), list[tuple[str, str]](), list[str]()
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words += filter(None, [data.strip()])


def svg(of: Chart, name: str = "c1") -> str:
    return in_svg(of, 480, COLOURS, name)


@pytest.mark.parametrize("style", STYLES)
def test_whatever_words_a_chart_holds_they_become_words(style: str) -> None:
    evil = "</text></svg><script>alert(1)</script>\"&'<!--"
    series = [{"name": f"{evil}{at}", "values": ["1", "2"]} for at in range(2)]
    whole = {"labels": [evil, "b"], "series": series, "style": style, "unit": evil, "title": evil, "alt": evil}
    read = Read(svg(chart(**whole)))
    assert set(read.tags) <= {"svg", "title", "desc", "defs", "pattern", "polygon", "polyline", "line", "text"}
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert read.words[:2] == [evil, evil]


@pytest.mark.parametrize("style", STYLES)
def test_all_colours_are_those_of_the_page(style: str) -> None:
    series = [{"name": f"S{at}", "values": ["1", "-2"]} for at in range(4)]
    drawn = Read(svg(chart(labels=["a", "b"], series=series, style=style)))
    painted = [part for name, value in drawn.attributes if name == "style" for part in value.split(";")]
    found = {part.split(":")[1] for part in painted if part.split(":")[0] in {"fill", "stroke"}}
    assert {each for each in found if not each.startswith(("var(--", "url(#c1-"))} <= {"none"}


@pytest.mark.parametrize("style", STYLES)
def test_the_same_chart_is_the_same_text_and_two_on_a_page_share_no_id(style: str) -> None:
    series = [{"name": f"S{at}", "values": ["1", "2"]} for at in range(2)]
    of = chart(labels=["a", "b"], series=series, style=style)
    assert svg(of) == svg(of)
    one, two = ({value for key, value in Read(svg(of, name)).attributes if key == "id"} for name in ("c1", "c2"))
    assert one
    assert not one & two


def test_it_says_what_it_shows_to_whoever_does_not_see_it() -> None:
    read = Read(svg(chart(1, 2, title="Readers", alt="Readers by month.")))
    said = dict(read.attributes[:5])
    assert (said["role"], said["aria-labelledby"], said["aria-describedby"]) == ("img", "c1-title", "c1-desc")
    assert read.words[:2] == ["Readers", "Readers by month."]


def test_every_figure_is_written_and_series_differ_without_colour() -> None:
    series = [{"name": "opened", "values": ["48.7", "42.9"]}, {"name": "clicked", "values": ["0.5", "5.7"]}]
    read = Read(svg(chart(labels=["a", "b"], series=series)))
    assert {"48.7", "42.9", "0.5", "5.7", "opened", "clicked"} <= set(read.words)
    assert "pattern" in read.tags

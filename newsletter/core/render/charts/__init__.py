"""Charts as pictures: figures become shapes and words on a canvas, in the colours of the layout."""

from __future__ import annotations

from functools import lru_cache

from newsletter.core.assets import Asset
from newsletter.core.bidi import runs_from_right
from newsletter.core.chart import Chart
from newsletter.core.render.charts.bars import Bars
from newsletter.core.render.charts.canvas import Canvas, missing
from newsletter.core.render.charts.columns import Columns
from newsletter.core.render.charts.frame import PADDING, Frame, Head
from newsletter.core.render.charts.lines import Lines
from newsletter.core.render.charts.looks import Colours
from newsletter.core.render.charts.svg import Svg

__all__ = ["Colours", "drawn", "in_svg", "missing"]

_STYLES: dict[str, type[Bars | Columns | Lines]] = {"bars": Bars, "columns": Columns, "lines": Lines}


@lru_cache(maxsize=100)  # a build shows a chart in each variant, and a preview renders at every save
def drawn(chart: Chart, width: int, colours: Colours, *, language: str) -> Asset:
    """Return a chart as it is shown so many CSS pixels wide, two pixels of the file for each.

    It has a ground of its own with a line around it, so that it looks right by night as well. Words are large enough
    to be read where a phone shows the picture at little more than half its width. In a language that is written from
    right to left, labels, bars and the course of time begin on the right.
    """
    head, body, height = _parts(chart, width, language)
    canvas = Canvas(width, height, colours.paper, mirrored=runs_from_right(language))
    edge = [(0.5, 0.5), (width - 0.5, 0.5), (width - 0.5, height - 0.5), (0.5, height - 0.5)]
    canvas.polygon(edge, fill=colours.paper, edge=colours.rule)
    head.draw(canvas, colours)
    body.draw(canvas, colours, PADDING + head.height)
    return canvas.png()


def in_svg(chart: Chart, width: int, colours: Colours, name: str) -> str:
    """Return a chart in English as SVG, so many CSS pixels wide, for a page whose other charts have other names.

    It has no ground, and colours may be CSS variables of the page: it is as light or dark as what stands around it.
    """
    margin = round(PADDING)
    head, body, height = _parts(chart, width + 2 * margin, "en")
    sheet = Svg(name)
    head.draw(sheet, colours)
    body.draw(sheet, colours, PADDING + head.height)
    return sheet.markup(width + 2 * margin, height, margin, title=chart.title, description=chart.alt)


def _parts(chart: Chart, width: int, language: str) -> tuple[Head, Bars | Columns | Lines, int]:
    """Return head and body of a chart, and how high it is with both."""
    frame = Frame.of(chart, width, language)
    head, body = Head(frame), _STYLES[chart.style](frame)
    return head, body, round(2 * PADDING + head.height + body.height)

"""What all styles of chart share: the room there is, figures as numbers, words in lines, ticks, and the head."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from newsletter.core.chart import Chart
from newsletter.core.numeral import number
from newsletter.core.render.charts.canvas import length
from newsletter.core.render.charts.looks import Colours, looks
from newsletter.core.render.charts.sheet import Sheet

PADDING = 20.0
LINE = 22.0  # from one line of words to the next
_SWATCH = (26.0, 16.0)
_BETWEEN = 24.0  # two names of the key


@dataclass(frozen=True, slots=True)
class Frame:
    """A chart with its figures as numbers (None is a gap), in the room between the paddings."""

    chart: Chart
    width: float
    language: str
    figures: Sequence[Sequence[float | None]]

    @classmethod
    def of(cls, chart: Chart, width: float, language: str) -> Frame:
        """Read the figures of a chart as the language writes them."""
        read = [[number(each, language) for each in series.values] for series in chart.all_series]
        figures = [[None if each is None else float(each) for each in values] for values in read]
        return cls(chart, width, language, figures)

    @property
    def known(self) -> Sequence[float]:
        """Return all figures but the gaps."""
        return [each for values in self.figures for each in values if each is not None]

    @property
    def inner(self) -> float:
        """Return the width between the paddings."""
        return self.width - 2 * PADDING


class Head:
    """What stands above the figures: what they count, and a key to several series without words at their ends."""

    def __init__(self, frame: Frame) -> None:
        names = [series.name for series in frame.chart.all_series][:2]
        counted = ", ".join(filter(None, [*(names if len(names) == 1 else ()), frame.chart.unit]))
        self._unit = wrapped(counted, frame.inner, 2)
        keyed = len(frame.figures) > 1 and frame.chart.style != "lines"
        self._key = list(_key(frame)) if keyed else []
        rows = len(self._unit) + (self._key[-1][1] + 1 if self._key else 0)
        self.height = rows * LINE * 1.15 + (8 if rows else 0)

    def draw(self, sheet: Sheet, colours: Colours) -> None:
        """Draw it at the top."""
        row = LINE * 1.15
        for at, line in enumerate(self._unit):
            sheet.write(line, (PADDING, PADDING + at * row + 15), colour=colours.muted)
        for (x, at, name), look in zip(self._key, looks(colours), strict=False):
            y = PADDING + (len(self._unit) + at) * row
            look.area(sheet, x, y, x + _SWATCH[0], y + _SWATCH[1])
            sheet.write(name, (x + _SWATCH[0] + 8, y + 14), colour=colours.ink)


def _key(frame: Frame) -> Iterator[tuple[float, int, str]]:
    """Yield of each series where its name stands in the key: from the left, in which row, and its words."""
    x, row = PADDING, 0
    for series in frame.chart.all_series:
        (name,) = wrapped(series.name, frame.inner - _SWATCH[0] - 8, 1)
        wide = _SWATCH[0] + 8 + length(name)
        if x > PADDING and x + wide > PADDING + frame.inner:
            x, row = PADDING, row + 1
        yield x, row, name
        x += wide + _BETWEEN


def wrapped(text: str, width: float, most: int) -> list[str]:
    """Break words into lines no wider than this, and end the last line that may be with an ellipsis if more follow."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    shown = lines[:most]
    if len(lines) > most:
        shown[-1] += " …"
    return [_cut(line, width) for line in shown]


def _cut(line: str, width: float) -> str:
    if length(line) <= width:
        return line
    kept = line.rstrip(" …")
    while kept and length(f"{kept}…") > width:
        kept = kept[:-1].rstrip()
    return f"{kept}…"


def widest(texts: Sequence[str], *, bold: bool = False) -> float:
    """Return the width of the widest of some lines."""
    return max((length(text, bold=bold) for text in texts), default=0.0)


def said(value: str) -> str:
    """Return a figure as it was written, with a real minus sign."""
    return value.replace("-", "−")


def ticks(low: float, high: float, about: int = 5) -> Sequence[Decimal]:
    """Return round numbers in equal steps from below the lowest figure to above the highest."""
    raw = (high - low) / about or abs(high) / about or 1.0
    power = math.floor(math.log10(raw))
    step = next(
        step
        for step in (Decimal(each).scaleb(power) for each in ("1", "2", "2.5", "5", "10", "20"))
        if float(step) >= raw * 0.999
    )
    first, last = math.floor(low / float(step) + 1e-9), math.ceil(high / float(step) - 1e-9)
    return [step * at for at in range(first, max(last, first + 1) + 1)]

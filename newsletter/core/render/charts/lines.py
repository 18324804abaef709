"""Lines: figures that follow one another, each line with its name or its last number at its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from newsletter.core.numeral import written
from newsletter.core.render.charts.canvas import length
from newsletter.core.render.charts.frame import LINE, PADDING, Frame, said, ticks, widest, wrapped
from newsletter.core.render.charts.looks import Colours, Look, looks
from newsletter.core.render.charts.sheet import Point, Sheet

_PLOT = 260.0
_ABOVE = 10.0
_NAMES = 0.28  # of the width, at most
_LONGEST = 160.0  # of a label
_MARKED = 12  # labels; where there are more, marks would run into one another


class Lines:
    """One line for each series, from left to right, broken at gaps."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._ticks = ticks(*_reach(frame.known))
        self._names = list(self._at_the_ends())
        self._left = PADDING + widest([written(each, frame.language) for each in self._ticks]) + 14
        self._right = PADDING + frame.inner - widest([line for lines in self._names for line in lines], bold=True) - 14
        self._labels = [wrapped(label, _LONGEST, 1)[0] for label in frame.chart.labels]
        self.height = _ABOVE + _PLOT + 8 + LINE

    def _at_the_ends(self) -> Iterator[list[str]]:
        for series in self._frame.chart.all_series:
            if len(self._frame.figures) > 1:
                yield wrapped(series.name, _NAMES * self._frame.inner, 2)
            else:
                yield [said(next(each for each in reversed(series.values) if each))]

    def draw(self, sheet: Sheet, colours: Colours, top: float) -> None:
        """Draw the scale, labels, lines, and what stands at the ends of these."""
        bottom = top + _ABOVE + _PLOT
        low, high = float(self._ticks[0]), float(self._ticks[-1])
        each = _PLOT / (high - low)
        for tick in self._ticks:
            y = bottom - (float(tick) - low) * each
            colour = colours.rule if tick else colours.ink
            sheet.line([(self._left, y), (self._right, y)], colour=colour, width=1)
            words = written(tick, self._frame.language)
            sheet.write(words, (self._left - 12, y + 6), colour=colours.muted, align="right")
        self._label(sheet, colours, bottom + 8)
        ends = []
        for look, values in reversed(list(zip(looks(colours), self._frame.figures, strict=False))):
            points = [
                None if value is None else (self._x(at), bottom - (value - low) * each)
                for at, value in enumerate(values)
            ]
            self._line(sheet, look, points, colours.paper)
            ends.append(next(point for point in reversed(points) if point))
        self._ends(sheet, colours, ends[::-1], top)

    def _x(self, at: int) -> float:
        count = len(self._labels)
        inset = min(10.0, (self._right - self._left) / 4)
        left, right = self._left + inset, self._right - 10
        return (left + right) / 2 if count == 1 else left + at * (right - left) / (count - 1)

    def _line(self, sheet: Sheet, look: Look, points: Sequence[Point | None], paper: str) -> None:
        marked = len(points) <= _MARKED
        for there, group in groupby(points, lambda point: point is not None):
            run = [point for point in group if point]
            if not there:
                continue
            sheet.line(run, colour=look.colour, width=3, dashes=look.dashes)
            for point in run if marked or len(run) == 1 else run[-1:]:
                look.point(sheet, point, paper)

    def _label(self, sheet: Sheet, colours: Colours, top: float) -> None:
        """Write every label for which there is room, or every second, every third; the last is always among them."""
        last = len(self._labels) - 1
        wide, apart = widest(self._labels) + 14, self._x(1) - self._x(0) if last else self._right - self._left
        step = next((step for step in range(1, last + 1) if step * apart >= wide), last + 1)
        for at in range(last, -1, -step):
            half = length(self._labels[at]) / 2
            x = min(max(self._x(at), PADDING + half), PADDING + self._frame.inner - half)
            sheet.write(self._labels[at], (x, top + 16), colour=colours.ink, align="center")

    def _ends(self, sheet: Sheet, colours: Colours, ends: Sequence[Point], top: float) -> None:
        """Write names beside the ends of their lines, further down where they would stand on one another."""
        free = top
        room = top + self.height - LINE
        order = sorted(range(len(ends)), key=lambda at: ends[at][1])
        for place, at in enumerate(order):
            lines, look = self._names[at], looks(colours)[at]
            later = sum(len(self._names[each]) * LINE + 4 for each in order[place + 1 :])
            high = len(lines) * LINE
            y = max(free, min(ends[at][1] - high / 2, room - later - high))
            for row, line in enumerate(lines):
                where = (self._right + 8, y + row * LINE + 16.5)
                sheet.write(line, where, colour=look.colour, bold=True)
            free = y + high + 4


def _reach(figures: Sequence[float]) -> tuple[float, float]:
    """Return the lowest and the highest figure, and nought with them unless it is far from all."""
    low, high = min(figures), max(figures)
    far = low * high > 0 and low != high and 2 * min(abs(low), abs(high)) > max(abs(low), abs(high))
    return (low, high) if far else (min(low, 0.0), max(high, 0.0))

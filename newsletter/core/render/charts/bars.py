"""Bars: figures as lengths from left to right, each with its number at its end."""

from __future__ import annotations

from newsletter.core.render.charts.frame import LINE, PADDING, Frame, said, widest, wrapped
from newsletter.core.render.charts.looks import Colours, looks
from newsletter.core.render.charts.sheet import Align, Sheet

_LABELS = 0.36  # of the width, at most
_GAP = 8.0  # between a bar and its number


class Bars:
    """One group of bars for each label, from top to bottom."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        several = len(frame.figures) > 1
        self._thick, self._apart, self._between = (21.0, 3.0, 18.0) if several else (26.0, 0.0, 12.0)
        most = min(widest(frame.chart.labels), _LABELS * frame.inner)
        self._labels = [wrapped(label, most, 3) for label in frame.chart.labels]
        self._margin = widest([line for lines in self._labels for line in lines])
        bars = len(frame.figures) * (self._thick + self._apart) - self._apart
        self._heights = [max(bars, len(lines) * LINE) for lines in self._labels]
        self._bars = bars
        self.height = sum(self._heights) + self._between * (len(self._heights) - 1)

    def draw(self, sheet: Sheet, colours: Colours, top: float) -> None:
        """Draw labels, bars, numbers, and the line where they begin."""
        low, high = min(0.0, *self._frame.known), max(0.0, *self._frame.known)
        single = len(self._frame.figures) == 1
        numbers = [said(each) for series in self._frame.chart.all_series for each in series.values]
        negative, positive = (
            [number for number in numbers if number.startswith("−") is below] for below in (True, False)
        )
        left = PADDING + self._margin + 14 + (widest(negative, bold=single) + _GAP if low < 0 else 0)
        right = PADDING + self._frame.inner - widest(positive, bold=single) - _GAP
        each = (right - left) / ((high - low) or 1.0)
        zero = left - low * each
        y = top
        for at, (lines, height) in enumerate(zip(self._labels, self._heights, strict=True)):
            for row, line in enumerate(lines):
                base = y + (height - len(lines) * LINE) / 2 + row * LINE + 16.5
                sheet.write(line, (PADDING, base), colour=colours.ink)
            self._group(sheet, colours, at, (zero, y + (height - self._bars) / 2), each)
            y += height + self._between
        sheet.line([(zero, top - 4), (zero, top + self.height + 4)], colour=colours.ink, width=1)

    def _group(self, sheet: Sheet, colours: Colours, at: int, corner: tuple[float, float], each: float) -> None:
        (zero, y), single = corner, len(self._frame.figures) == 1
        for look, values, series in zip(
            looks(colours), self._frame.figures, self._frame.chart.all_series, strict=False
        ):
            value = values[at] or 0.0
            end = zero + value * each
            look.area(sheet, min(zero, end), y, max(zero, end), y + self._thick)
            align: Align = "right" if value < 0 else "left"
            where = end - _GAP if value < 0 else end + _GAP
            base = y + self._thick / 2 + 6
            sheet.write(
                said(series.values[at]),
                (where, base),
                colour=colours.ink,
                align=align,
                bold=single,
            )
            y += self._thick + self._apart

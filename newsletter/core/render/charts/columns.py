"""Columns: figures as heights, with their numbers above them or, where these have no room, a scale beside them."""

from __future__ import annotations

from newsletter.core.numeral import written
from newsletter.core.render.charts.frame import LINE, PADDING, Frame, said, ticks, widest, wrapped
from newsletter.core.render.charts.looks import Colours, looks
from newsletter.core.render.charts.sheet import Sheet

_PLOT = 250.0
_WIDEST = 72.0
_SHARE = 0.74  # of the room of a label that its columns take
_LONGEST = 150.0  # of a label that is turned


class Columns:
    """One group of columns for each label, from left to right."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._several = len(frame.figures)
        low, high = min(0.0, *frame.known), max(0.0, *frame.known)
        self._margin = 0.0
        numbers = [said(each) for series in frame.chart.all_series for each in series.values]
        self._numbered = widest(numbers, bold=self._several == 1) + 4 <= (
            self._slot if self._several == 1 else self._wide + 2
        )
        self._ticks = [] if self._numbered else ticks(low, high)
        if self._ticks:
            self._margin = widest([written(each, frame.language) for each in self._ticks]) + 10
            low, high = float(self._ticks[0]), float(self._ticks[-1])
        self._low, self._high = low, high if high > low else low + 1
        self._turned = widest([word for label in frame.chart.labels for word in label.split()]) > self._slot - 6
        room, most = (_LONGEST, 1) if self._turned else (self._slot - 6, 3)
        self._labels = [wrapped(label, room, most) for label in frame.chart.labels]
        below = widest([lines[0] for lines in self._labels]) if self._turned else max(map(len, self._labels)) * LINE
        self._above = 24.0 if self._numbered else 8.0
        self._under = 24.0 if self._numbered and low < 0 else 0.0
        self.height = self._above + _PLOT + self._under + 8 + below

    @property
    def _slot(self) -> float:
        return (self._frame.inner - self._margin) / len(self._frame.chart.labels)

    @property
    def _wide(self) -> float:
        return min(_WIDEST, self._slot * _SHARE / self._several)

    def draw(self, sheet: Sheet, colours: Colours, top: float) -> None:
        """Draw the scale if there is one, columns, numbers, labels, and the line on which all stand."""
        left, right, bottom = PADDING + self._margin, PADDING + self._frame.inner, top + self._above + _PLOT
        each = _PLOT / (self._high - self._low)
        zero = bottom + self._low * each
        for tick in self._ticks:
            y = zero - float(tick) * each
            sheet.line([(left, y), (right, y)], colour=colours.rule, width=1)
            words = written(tick, self._frame.language)
            sheet.write(words, (left - 10, y + 6), colour=colours.muted, align="right")
        for at, lines in enumerate(self._labels):
            middle = left + (at + 0.5) * self._slot
            self._group(sheet, colours, at, (middle, zero), each)
            self._label(sheet, colours, lines, (middle, bottom + self._under + 8))
        sheet.line([(left, zero), (right, zero)], colour=colours.ink, width=1)

    def _group(self, sheet: Sheet, colours: Colours, at: int, foot: tuple[float, float], each: float) -> None:
        middle, zero = foot
        x = middle - self._several * self._wide / 2
        for look, values, series in zip(
            looks(colours), self._frame.figures, self._frame.chart.all_series, strict=False
        ):
            value = values[at] or 0.0
            end = zero - value * each
            apart = 1.0 if self._several > 1 else 0.0
            look.area(sheet, x + apart, min(zero, end), x + self._wide - apart, max(zero, end))
            if self._numbered:
                where = (x + self._wide / 2, end + 20 if value < 0 else end - 8)
                sheet.write(
                    said(series.values[at]),
                    where,
                    colour=colours.ink,
                    align="center",
                    bold=self._several == 1,
                )
            x += self._wide

    def _label(self, sheet: Sheet, colours: Colours, lines: list[str], at: tuple[float, float]) -> None:
        middle, top = at
        if self._turned:
            sheet.write(lines[0], (middle, top), colour=colours.ink, align="right", up=True)
            return
        for row, line in enumerate(lines):
            sheet.write(line, (middle, top + row * LINE + 16), colour=colours.ink, align="center")

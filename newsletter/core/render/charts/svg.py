"""A sheet that becomes SVG inside an HTML page: its colours may be CSS variables, and its words stay words."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from newsletter.core.render.charts.sheet import EDGE, HALF, SIZE, Align, Point

_ANCHORS: Final = {"left": "start", "center": "middle", "right": "end"}
_STEP: Final = 8  # pixels from one stroke of a pattern to the next


class Svg:
    """Implements `Sheet`. `name` is a word that no other chart of the page has: what SVG refers to needs ids."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shapes: list[str] = []
        self._patterns: dict[str, tuple[str, str]] = {}

    def polygon(self, corners: Sequence[Point], *, fill: str, edge: str = "", hatch: str = "") -> None:
        """Fill an area, and draw its edge and slanted strokes over it if asked to."""
        points = " ".join(map(_point, corners))
        border = f";stroke:{edge};stroke-width:{EDGE}" if edge else ""
        self._shapes.append(f'<polygon points="{points}" style="fill:{fill}{border}"/>')
        if hatch:
            self._shapes.append(f'<polygon points="{points}" style="fill:url(#{self._pattern(edge or fill)})"/>')

    def line(self, points: Sequence[Point], *, colour: str, width: float, dashes: Sequence[float] = ()) -> None:
        """Draw a line through points."""
        style = f"fill:none;stroke:{colour};stroke-width:{_number(width)};stroke-linejoin:round"
        style += f";stroke-dasharray:{' '.join(map(_number, dashes))}" if dashes else ""
        self._shapes.append(f'<polyline points="{" ".join(map(_point, points))}" style="{style}"/>')

    def write(
        self, text: str, at: Point, *, colour: str, align: Align = "left", bold: bool = False, up: bool = False
    ) -> None:
        """Write one line of words; it is aligned by its real width, whichever font the reader has."""
        x, y = (at[0] + HALF, at[1]) if up else at
        place = f"{_number(x)} {_number(y)}"
        where = f'transform="translate({place})' + (' rotate(-90)"' if up else '"')
        style = f"fill:{colour};text-anchor:{_ANCHORS[align]}" + (";font-weight:700" if bold else "")
        self._shapes.append(f'<text {where} style="{style}">{escape(text)}</text>')

    def markup(self, width: int, height: int, margin: int, *, title: str, description: str) -> str:
        """Return the sheet without its margin; screen readers say its title and description, and nothing of inside."""
        wide, high = width - 2 * margin, height - 2 * margin
        name = self._name
        patterns = "".join(pattern for _, pattern in self._patterns.values())
        return (
            f'<svg role="img" aria-labelledby="{name}-title" aria-describedby="{name}-desc" '
            f'viewBox="{margin} {margin} {wide} {high}" width="{wide}" height="{high}" font-size="{SIZE:g}">\n'
            f'<title id="{name}-title">{escape(title)}</title>\n<desc id="{name}-desc">{escape(description)}</desc>\n'
            f"{f'<defs>{patterns}</defs>' if patterns else ''}{''.join(self._shapes)}\n</svg>"
        )

    def _pattern(self, colour: str) -> str:
        """Return the id of slanted strokes in a colour."""
        key = f"{self._name}-strokes-{len(self._patterns)}"
        pattern = (
            f'<pattern id="{key}" width="{_STEP}" height="{_STEP}" patternUnits="userSpaceOnUse" '
            f'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="{_STEP}" '
            f'style="stroke:{colour};stroke-width:{2 * EDGE:g}"/></pattern>'
        )
        return self._patterns.setdefault(colour, (key, pattern))[0]


def _point(at: Point) -> str:
    return f"{_number(at[0])},{_number(at[1])}"


def _number(value: float) -> str:
    """Return tenths of a pixel, which is what is seen; never a minus before nought."""
    return f"{round(value, 1) + 0.0:g}"

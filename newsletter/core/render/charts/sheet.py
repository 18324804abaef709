"""What charts are drawn on: a sheet for shapes and words, measured in CSS pixels from its top left corner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol, TypeAlias

Point: TypeAlias = tuple[float, float]
Align: TypeAlias = Literal["left", "center", "right"]
# Of words, in CSS pixels. A phone of 375 shows a picture of 560 as 327, and there these words, in a large font, are
# like 11 pixels of Arial.
SIZE: Final = 17.0
EDGE: Final = 1.5  # how thick the edges of areas and the strokes of patterns are
HALF: Final = 6.0  # of the height of letters


class Sheet(Protocol):
    """Takes the shapes and words of a chart, the later over the earlier."""

    def polygon(self, corners: Sequence[Point], *, fill: str, edge: str = "", hatch: str = "") -> None:
        """Fill an area, and draw its edge and a pattern of the same colour over it if asked to."""

    def line(self, points: Sequence[Point], *, colour: str, width: float, dashes: Sequence[float] = ()) -> None:
        """Draw a line through points."""

    def write(
        self, text: str, at: Point, *, colour: str, align: Align = "left", bold: bool = False, up: bool = False
    ) -> None:
        """Write one line of words beside a point of its base line.

        `up` turns it to be read from below, on the middle of its letters.
        """

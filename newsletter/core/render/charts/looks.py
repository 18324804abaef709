"""How series look: told apart by pattern, dashes and markers, and not by colour alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from newsletter.core.render.charts.sheet import Point, Sheet

_MARKS = {"disc": (24, 0.0), "square": (4, math.pi / 4), "triangle": (3, math.pi / 2), "diamond": (4, 0.0)}


@dataclass(frozen=True, slots=True)
class Colours:
    """The layout's tokens that charts use."""

    accent: str
    ink: str
    muted: str
    rule: str
    paper: str


@dataclass(frozen=True, slots=True)
class Look:
    """One series' look: an area's filling with its pattern, a line's dashes and the mark of its points."""

    fill: str
    edge: str
    hatch: str
    colour: str
    dashes: Sequence[float]
    mark: str

    def area(self, sheet: Sheet, left: float, top: float, right: float, bottom: float) -> None:
        """Fill a box; one without extent is left out."""
        if right - left < 0.1 or bottom - top < 0.1:
            return
        inset = 0.75 if self.edge else 0.0  # so that the edge stays within the box
        left, top, right, bottom = left + inset, top + inset, right - inset, bottom - inset
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        sheet.polygon(corners, fill=self.fill, edge=self.edge, hatch=self.hatch)

    def point(self, sheet: Sheet, at: Point, paper: str) -> None:
        """Draw the mark of a point, with a thin ground around it."""
        corners, turn = _MARKS[self.mark]
        for radius, colour in ((7.5, paper), (5.5, self.colour)):
            angles = [turn + 2 * math.pi * corner / corners for corner in range(corners)]
            outline = [(at[0] + radius * math.cos(angle), at[1] - radius * math.sin(angle)) for angle in angles]
            sheet.polygon(outline, fill=colour)


def looks(colours: Colours) -> Sequence[Look]:
    """Return the looks of up to four series, in their order."""
    accent, ink, muted, paper = colours.accent, colours.ink, colours.muted, colours.paper
    return (
        Look(accent, "", "", accent, (), "disc"),
        Look(paper, ink, "//", ink, (9, 4), "square"),
        Look(muted, "", "", muted, (3, 3), "triangle"),
        Look(paper, accent, "", accent, (12, 3, 3, 3), "diamond"),
    )

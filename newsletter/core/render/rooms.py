"""The place that a picture gets in a layout, and how the picture fills it: never larger than it is."""

from __future__ import annotations

from dataclasses import dataclass

DENSITY = 2  # pixels of the file for one of the letter: what phones show, and as much as the eye can tell

Part = tuple[float, float, float, float]  # left, top, right, bottom


class UnusablePicture(Exception):
    """A file cannot become a picture of an email."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Room:
    """A place in CSS pixels, as high as the picture unless bounded; with `cut`, only the middle that fits is shown."""

    width: int
    height: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """The part of a picture that is shown, the pixels that its file gets, and the size in CSS pixels."""

    part: Part
    pixels: tuple[int, int]
    shown: tuple[int, int]


def shape_in(size: tuple[int, int], room: Room) -> Shape:
    """Return how a picture of some pixels fills a room."""
    width, height = size
    part = (0.0, 0.0, float(width), float(height))
    if room.cut and room.height:
        scale = min(width / room.width, height / room.height)
        across, down = (width - room.width * scale) / 2, (height - room.height * scale) / 2
        part = (across, down, width - across, height - down)
    else:
        scale = max(width / room.width, height / room.height if room.height else 0)
    wide, high = part[2] - part[0], part[3] - part[1]
    smaller = max(1.0, scale)
    dense = min(1.0, DENSITY / smaller)
    return Shape(part, _whole(wide * dense, high * dense), _whole(wide / smaller, high / smaller))


def _whole(width: float, height: float) -> tuple[int, int]:
    return max(1, round(width)), max(1, round(height))

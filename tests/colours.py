"""Colours as numbers: how well one reads on another, and how light the eye finds one."""

from __future__ import annotations

import re
from typing import NamedTuple

# The white point D65 of sRGB, and the matrix to CIE XYZ (IEC 61966-2-1).
_WHITE = (0.95047, 1.0, 1.08883)
_TO_XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
_FROM_XYZ = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255."""

    red: int
    green: int
    blue: int

    def __str__(self) -> str:
        return "#{:02X}{:02X}{:02X}".format(*self)


class Lab(NamedTuple):
    """A colour in CIELAB: its lightness from 0 to 100, then green to red and blue to yellow."""

    lightness: float
    a: float
    b: float


def parse(text: str) -> Colour | None:
    """Return an opaque colour written as `#RGB`, `#RRGGBB` or `rgb(...)`, and None for what lets the ground through."""
    text = text.strip()
    if match := re.fullmatch(r"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", text):
        digits = match[1] if len(match[1]) == 6 else "".join(2 * each for each in match[1])
        return Colour(*bytes.fromhex(digits))
    if match := re.fullmatch(r"rgba?\((\d+), (\d+), (\d+)(?:, (\S+))?\)", text):
        return Colour(int(match[1]), int(match[2]), int(match[3])) if match[4] != "0" else None
    return None


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    """Return the relative luminance, from 0 to 1 (WCAG 2.2, relative luminance)."""
    return sum(share * light for share, light in zip(_TO_XYZ[1], map(_linear, colour), strict=True))


def to_lab(colour: Colour) -> Lab:
    """Return a colour in CIELAB (CIE 15:2004, 8.2.1)."""
    light = [_linear(channel) for channel in colour]
    x, y, z = (_root(sum(map(float.__mul__, row, light)) / white) for row, white in zip(_TO_XYZ, _WHITE, strict=True))
    return Lab(116 * y - 16, 500 * (x - y), 200 * (y - z))


def from_lab(lab: Lab) -> Colour:
    """Return the nearest colour that a screen can show."""
    y = (lab.lightness + 16) / 116
    xyz = [white * _cube(part) for white, part in zip(_WHITE, (y + lab.a / 500, y, y - lab.b / 200), strict=True)]
    return Colour(*(_channel(sum(map(float.__mul__, row, xyz))) for row in _FROM_XYZ))


def _linear(channel: int) -> float:
    part = channel / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _channel(light: float) -> int:
    light = min(max(light, 0.0), 1.0)
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def _root(part: float) -> float:
    return part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29


def _cube(part: float) -> float:
    return part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29)

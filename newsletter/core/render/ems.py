"""How wide words are on the screen, roughly: enough to tell whether columns of them have room side by side."""

from __future__ import annotations

import re
import unicodedata

# Widths in em of Arial, the widest of the usual sans-serif faces; bold has a twelfth more.
_NARROW, _LOWER, _DIGIT, _CAPITAL, _WIDE = 0.31, 0.56, 0.56, 0.72, 1.0
_SLIM = frozenset("fijlrtI|!.,:;'’()[]-/ ")
_BROAD = frozenset("mwMW%@&—")


def longest_word(text: str) -> float:
    """Return the width in em of the widest part of a text that mail programs keep on one line."""
    return max((sum(map(_width, word)) for word in re.split(r"\s+|(?<=[-–—])", text)), default=0.0)


def _width(character: str) -> float:
    if character in _SLIM:
        return _NARROW
    if character in _BROAD or unicodedata.east_asian_width(character) in {"W", "F"}:
        return _WIDE
    if character.isdigit():
        return _DIGIT
    return _CAPITAL if character.isupper() else _LOWER

"""What the value of an attribute may be, by the types that MJML gives its attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from newsletter.core.mjml.components import mjml
from newsletter.core.mjml.jinja import HOLE

_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})|rgba?\([\d\s,.%/]+\)", re.IGNORECASE)
_UNIT = re.compile(r"unit(WithNegative)?\(([^)]*)\)(?:\{(\d),(\d)\})?")


def wrong(value: str, kinds: Iterable[str]) -> str:
    """Return what to write instead, or nothing if a value fits one of the types.

    Where Jinja fills part of the value, only whole words of a list of lengths are judged.
    """
    hints = [_hint(value, kind) for kind in sorted(kinds)]
    return hints[0] if hints and all(hints) else ""


def _hint(value: str, kind: str) -> str:
    name = kind.partition("(")[0]
    if name.startswith("unit"):
        return _length_hint(value, kind)
    fits, hint = True, ""
    match name:
        case "color":
            fits, hint = _is_colour(value), "write six digits, like #1A4D8F"
        case "enum":
            options = kind[len("enum(") : -1].split(",")
            fits, hint = value in options, f"use {_either(option for option in options if option)}"
        case "integer":
            fits, hint = value.isdecimal(), "write digits only"
        case "boolean":
            fits, hint = value in {"true", "false"}, "write true or false"
        case _:
            pass
    return "" if fits or HOLE in value else hint


def _is_colour(value: str) -> bool:
    return bool(_COLOUR.fullmatch(value)) or value.lower() in mjml().colours


def _length_hint(value: str, kind: str) -> str:
    pattern, units, most = _lengths(kind)
    words = value.split()
    literal = [word for word in words if HOLE not in word]
    few = 1 <= len(words) <= most or HOLE in value or (not words and "" in units)
    if few and all(pattern.fullmatch(word) for word in literal):
        return ""
    if most > 1:
        return f"write one to {most} lengths with spaces between, like 0px 20px"
    shown = {"": "a plain number", "auto": "auto"}
    return f"write it like {_either(shown.get(unit, f'20{unit}') for unit in units)}"


@cache
def _lengths(kind: str) -> tuple[re.Pattern[str], list[str], int]:
    """Return the pattern of one length, its units, and how many may stand in a row: `unit(px,%){1,4}`."""
    match = _UNIT.fullmatch(kind)
    if match is None:
        raise ValueError(kind)
    units = match[2].split(",")
    sign = "-?" if match[1] else ""
    ends = "|".join(re.escape(unit) for unit in units if unit != "auto")
    auto = "|auto" if "auto" in units else ""
    return re.compile(rf"{sign}(?:\d+\.?\d*|\.\d+)(?:{ends})|0{auto}"), units, int(match[4] or 1)


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last

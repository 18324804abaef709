"""Numbers as people write them: what a text says in a language, and a number in that language's marks."""

from __future__ import annotations

import re
from decimal import Decimal

# CLDR's decimal and grouping marks by language, without the point and comma of English, which all others have.
_COMMA_POINT = "bs ca da de el es eu gl hr id is it mk nl pt ro sl sq sr tr vi"
_COMMA_SPACE = "be bg cs et fi fr hu hy ka kk lt lv nb nn no pl ru sk sv uk uz"
_MARKS = {**dict.fromkeys(_COMMA_POINT.split(), (",", ".")), **dict.fromkeys(_COMMA_SPACE.split(), (",", "\u202f"))}
_LIKE_ENGLISH = {"de-CH", "de-LI", "es-MX", "es-US"}
_PLAIN = re.compile(r"(?P<sign>[+\-−–]?)(?P<number>[0-9][0-9.,'’ \u00a0\u2009\u202f]*)")
_GROUPED = re.compile(r"\d{1,3}([.,'])\d{3}(\1\d{3})*")
_MOST = 24  # characters; more digits than any figure of a newsletter has


def number(text: str, language: str = "en") -> Decimal | None:
    """Return what a text says, or None if it is no number.

    The language decides only where both readings are possible: 1,234 or 1.234. Everywhere else the marks tell by
    themselves what they are, so that a plain 0.5 is one half in every language.
    """
    match = _PLAIN.fullmatch(text.strip()) if len(text) <= _MOST else None
    if not match:
        return None
    whole, mark, fraction = _split(re.sub(r"[’ \u00a0\u2009\u202f]", "'", match["number"]), language)
    if not (whole.isdigit() or _GROUPED.fullmatch(whole)) or fraction.isdigit() != bool(mark):
        return None
    value = Decimal(re.sub(r"\D", "", whole) + (f".{fraction}" if fraction else ""))
    return -value if match["sign"] in {"-", "−", "–"} else value


def written(value: Decimal, language: str) -> str:
    """Write a number with the marks of a language; the minus sign is a real one."""
    point, group = _marks(language)
    whole, _, fraction = f"{abs(value):,f}".partition(".")
    fraction = fraction.rstrip("0")
    return ("−" if value < 0 else "") + whole.replace(",", group) + (point + fraction if fraction else "")


def _split(digits: str, language: str) -> tuple[str, str, str]:
    """Part a number at its decimal mark, if it has one."""
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return digits, "", ""
    last = marks[-1]
    once = marks.count(last) == 1
    alone = len(marks) == 1 and "'" not in digits
    if not once or (alone and _GROUPED.fullmatch(digits) and digits[0] != "0" and last != _marks(language)[0]):
        return digits, "", ""
    return digits.rpartition(last)


def _marks(language: str) -> tuple[str, str]:
    if language in _LIKE_ENGLISH:
        return ".", ","
    return _MARKS.get(language.partition("-")[0].lower(), (".", ","))

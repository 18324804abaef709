"""The words that a layout says by itself: tokens named `say_...`, in which `{date}` and the like stand for a value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from newsletter.core.typed import did_you_mean

SAID = "say_"

# What the tool itself says in the words of a layout, in case that one has none of its own.
ISSUE = "Volume {volume} | Issue {number}"
REFERENCE = "Vol. {volume} | Issue {number}"

# One pair of braces; two are a merge field.
_PLACE = re.compile(r"(?<!\{)\{([^{}]*)\}(?!\})")


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a publication's own words, and where in them."""

    offset: int
    message: str
    hint: str


def said(words: str, **values: object) -> str:
    """Return words with a value in each of their places.

    Raises:
        KeyError: there is no value for a place.
    """
    return _PLACE.sub(lambda match: str(values[match[1]]), words)


def flaws(words: str, instead_of: str) -> Iterator[Flaw]:
    """Yield what is wrong with words that a publication says instead of a layout's own: both have the same places."""
    if not words.strip():
        yield Flaw(0, "is empty", f"write what stands for {instead_of!r}")
        return
    if "\n" in words.strip():
        yield Flaw(0, "must be one line", "join the lines")
    needed = [match[0] for match in _PLACE.finditer(instead_of)]
    given = list(_PLACE.finditer(words))
    missing = [place for place in needed if place not in {match[0] for match in given}]
    for at, match in enumerate(given):
        if match[0] not in needed:
            hint = did_you_mean(match[0], needed) if needed else "nothing is put into these words; leave it out"
            yield Flaw(match.start(), f"there is no {match[0]} to put in", hint)
            missing = []  # one of them is what was meant
        elif match[0] in {earlier[0] for earlier in given[:at]}:
            yield Flaw(match.start(), f"{match[0]} stands here a second time", "keep one")
    for place in missing:
        yield Flaw(0, f"{place} is missing", f"write it where the value goes, as in {instead_of!r}")


def reference(tokens: Mapping[str, str]) -> re.Pattern[str]:
    """Return how a reference to another issue is written, with groups `volume` and `number`."""
    words = tokens.get(f"{SAID}reference", REFERENCE)
    parts = _PLACE.split(words)
    groups = [rf"(?P<{part}>\d{{1,4}})" if at % 2 else re.escape(part) for at, part in enumerate(parts)]
    return re.compile("".join(groups))

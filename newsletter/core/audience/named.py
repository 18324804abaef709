"""Expressions as the editor gives them: bounded, with the names of publication.yaml, and with a caret if wrong."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import suppress

from newsletter.core.audience.lexing import FlawedExpression
from newsletter.core.audience.parsing import MAX_DEPTH, RESERVED, UnusableNameError, parse
from newsletter.core.audience.terms import Expression, terms
from newsletter.errors import BadInput

LONGEST = 5_000  # characters
MOST_TERMS = 200  # the terms of names counted; SQLite takes expressions up to 1,000 deep

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_SHOWN = 72  # characters of an expression around what is wrong with it


def asked(text: str, names: Mapping[str, Expression] | None = None) -> Expression:
    """Return the expression that somebody gives.

    Raises:
        FlawedExpression: with the first thing that is wrong.
    """
    if len(text) > LONGEST:
        raise FlawedExpression(LONGEST, f"longer than {LONGEST:,} characters", "use fewer words, or a tag for them all")
    found = parse(text, names)
    if (count := sum(1 for _ in terms(found))) > MOST_TERMS:
        raise FlawedExpression(
            0, f"made of {count} terms, at most {MOST_TERMS} are possible", "use a tag for some of them"
        )
    return found


def on_command_line(text: str, names: Mapping[str, Expression]) -> Expression:
    """Return the expression that somebody typed.

    Raises:
        BadInput: with the expression and a caret below what is wrong.
    """
    try:
        return asked(text, names)
    except FlawedExpression as flaw:
        raise BadInput(f"{flaw.message}\n{pointed(text, flaw.at)}", hint=flaw.hint) from flaw


def pointed(text: str, at: int) -> str:
    """Return two lines: the text around one of its characters, and a caret below it."""
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]", " ", text)
    start = max(0, min(at - _SHOWN // 2, len(line) - _SHOWN))
    lead = "..." if start else ""
    trail = "..." if start + _SHOWN < len(line) else ""
    shown = lead + line[start : start + _SHOWN] + trail
    before = lead + line[start:at]
    return f"  {shown}\n  {' ' * sum(map(_columns, before))}^"


def defined(texts: Mapping[str, str]) -> tuple[Mapping[str, Expression], Mapping[str, FlawedExpression]]:
    """Return the expressions of `audiences:` by name, and what is wrong with others, each thing once."""
    definitions = _Definitions(texts)
    for name in texts:
        with suppress(UnusableNameError):
            definitions[name]
    return definitions.found, {name: flaw for name, flaw in definitions.wrong.items() if flaw.message}


def misnamed(name: str) -> str:
    """Return why an audience cannot have this name, or nothing."""
    if name.lower() in RESERVED:
        return "means something else in an expression"
    return "" if _NAME.fullmatch(name) else "is not a name"


class _Definitions(Mapping[str, Expression]):
    """The expressions of `audiences:`, each made when it is first asked for, which may be by another."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.found: dict[str, Expression] = {}
        self.wrong: dict[str, FlawedExpression] = {}
        self._texts = texts
        self._begun: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, name: object) -> bool:
        return name in self._texts

    def __getitem__(self, name: str) -> Expression:
        if name in self._begun:
            round_about = " -> ".join([*self._begun[self._begun.index(name) :], name])
            raise UnusableNameError(f"{name!r} is made of itself: {round_about}")
        if name in self.found:
            return self.found[name]
        if name in self.wrong or len(self._begun) >= MAX_DEPTH:
            raise UnusableNameError("" if name in self.wrong else f"{name!r} is too deep inside of other names")
        self._begun.append(name)
        try:
            self.found[name] = asked(self._texts[name], self)
        except FlawedExpression as flaw:
            self.wrong[name] = flaw
            raise UnusableNameError("") from flaw
        finally:
            self._begun.pop()
        return self.found[name]


def _columns(character: str) -> int:
    """Return how many columns of a terminal a character takes (Unicode Standard Annex 11)."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1

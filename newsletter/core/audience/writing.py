"""An audience expression as text, so that parsing the text gives the expression again."""

from __future__ import annotations

from typing import assert_never

from newsletter.core.audience.spelling import quoted
from newsletter.core.audience.terms import (
    AllOf,
    AnyOf,
    Did,
    Everybody,
    Expression,
    Got,
    Known,
    Lately,
    Not,
    Says,
    Stands,
    Tag,
    When,
)


def written(expression: Expression) -> str:  # noqa: C901, PLR0911, PLR0912 - a table, one line per row
    """Return the text of an expression."""
    match expression:
        case Everybody():
            return "everybody"
        case Tag(name):
            return f"tag:{quoted(name)}"
        case Says(subject, how, words):
            return f"{subject} {how} {quoted(words)}"
        case Known(subject, known):
            return f"{subject} is {'set' if known else 'missing'}"
        case When(subject, since, day):
            return f"{subject} {'since' if since else 'before'} {day.isoformat()}"
        case Lately(subject, days):
            return f"{subject} in last {days} day{'s' if days != 1 else ''}"
        case Stands(standing, so):
            return f"standing {'=' if so else '!='} {standing.value}"
        case Got(issue):
            return f"got {issue}"
        case Did(what, issue):
            return f"{what} {issue}"
        case Not(of):
            return f"not {_inside(of, AllOf | AnyOf)}"
        case AllOf(of):
            return " and ".join(_inside(each, AnyOf) for each in of)
        case AnyOf(of):
            return " or ".join(map(written, of))
        case _:
            assert_never(expression)


def alike(one: Expression, other: Expression) -> bool:
    """Tell whether two expressions say the same but for the order of what `and` and `or` join."""
    return _sorted(one) == _sorted(other)


def _sorted(expression: Expression) -> str:
    match expression:
        case Not(of):
            return f"not ({_sorted(of)})"
        case AllOf(of):
            return "(" + " and ".join(sorted(set(map(_sorted, of)))) + ")"
        case AnyOf(of):
            return "(" + " or ".join(sorted(set(map(_sorted, of)))) + ")"
        case _:
            return written(expression)


def _inside(expression: Expression, looser: object) -> str:
    text = written(expression)
    return f"({text})" if isinstance(expression, looser) else text  # type: ignore[arg-type]  # classes, or one

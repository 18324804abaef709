"""An audience: an expression that means the same on every day, as a mailing remembers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from newsletter.core.audience.terms import AllOf, AnyOf, Everybody, Expression, Lately, Not, When
from newsletter.core.audience.writing import written

ALL: Expression = Everybody()


@dataclass(frozen=True, slots=True)
class Audience:
    """Who belongs to a resolved expression; by default everybody on the list.

    Somebody whose standing forbids mail may still belong to it: they are accounted for as suppressed. Only
    `Standing.REMOVED` is off the list altogether. What readers got is what they got through the transport `through`.
    """

    expression: Expression = ALL
    through: str = ""

    def __str__(self) -> str:
        return "everybody on the list" if self.expression == ALL else written(self.expression)

    @classmethod
    def at(cls, expression: Expression, now: datetime, through: str) -> Audience:
        """Return who belongs at a moment; `in last 30 days` reaches back to where that day began, UTC."""
        return cls(_resolved(expression, now.astimezone(UTC)), through)


EVERYBODY = Audience()


def _resolved(expression: Expression, now: datetime) -> Expression:
    match expression:
        case Lately(subject, days):
            return When(subject, since=True, day=(now - timedelta(days=days)).date())
        case Not(of):
            return Not(_resolved(of, now))
        case AllOf(of):
            return AllOf(tuple(_resolved(each, now) for each in of))
        case AnyOf(of):
            return AnyOf(tuple(_resolved(each, now) for each in of))
        case _:
            return expression

"""Shares of one mailing, and how those that SES and Gmail watch stand against their limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from newsletter.core.report import Report
from newsletter.core.reputation import (
    BOUNCES_PAUSED_AT,
    BOUNCES_REVIEWED_AT,
    COMPLAINTS_PAUSED_AT,
    COMPLAINTS_REVIEWED_AT,
    FEWEST_BOUNCES,
    FEWEST_COMPLAINTS,
    GMAIL_SPAM_NEVER,
    GMAIL_SPAM_TO_STAY_BELOW,
)


class Level(StrEnum):
    """How a rate stands against its limits."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    FEW = "too few to judge"


@dataclass(frozen=True, slots=True)
class Rate:
    """A share that somebody watches. It is a warning from `warns_at`, an error from `fails_at`; both are shares."""

    name: str
    count: int
    of: int
    warns_at: float
    fails_at: float
    fewest: int
    rule: str

    @property
    def level(self) -> Level:
        """Return how it stands; few say nothing, as in `core.reputation`, and nobody says nothing."""
        part = share(self.count, self.of)
        if part is None:
            return Level.FEW
        if part < self.warns_at:
            return Level.OK
        if self.count < self.fewest:
            return Level.FEW
        return Level.ERROR if part >= self.fails_at else Level.WARNING


def share(count: int, of: int) -> float | None:
    """Return a share, or None of nobody."""
    return count / of if of else None


def rates(report: Report) -> Sequence[Rate]:
    """Return the rates that SES and Gmail watch, for this mailing alone; they judge by what an account sends lately."""
    accepted, tally = report.outcome.accepted, report.tally
    return (
        Rate(
            "hard bounces",
            tally.bounced,
            accepted,
            BOUNCES_REVIEWED_AT,
            BOUNCES_PAUSED_AT,
            FEWEST_BOUNCES,
            f"SES reviews at {BOUNCES_REVIEWED_AT:.0%}, may pause at {BOUNCES_PAUSED_AT:.0%}",
        ),
        Rate(
            "complaints",
            tally.complained,
            accepted,
            COMPLAINTS_REVIEWED_AT,
            COMPLAINTS_PAUSED_AT,
            FEWEST_COMPLAINTS,
            f"SES reviews at {COMPLAINTS_REVIEWED_AT:.1%}, may pause at {COMPLAINTS_PAUSED_AT:.1%}",
        ),
        Rate(
            "complaints of delivered",
            tally.complained,
            report.outcome.delivered,
            GMAIL_SPAM_TO_STAY_BELOW,
            GMAIL_SPAM_NEVER,
            FEWEST_COMPLAINTS,
            f"Gmail: stay below {GMAIL_SPAM_TO_STAY_BELOW:.1%}, never {GMAIL_SPAM_NEVER:.1%}",
        ),
    )

"""The account of an import: what became of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from newsletter.core.ports.readers import Change, Intake
from newsletter.core.source import Problem
from newsletter.core.subscriber import Standing

MOST_NAMED: Final = 100_000  # problems; there is memory for these, and nobody reads more


@dataclass(slots=True)
class Named:
    """Problems, all of them counted and the first ones kept."""

    count: int = 0
    first: list[Problem] = field(default_factory=list)

    def add(self, problem: Problem) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < MOST_NAMED:
            self.first.append(problem)


@dataclass(slots=True)
class Read:
    """How a file was read, and how many rows it has."""

    name: str
    format: str
    encoding: str
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every row of an import: people, duplicates and refused together are the rows.

    `noted` is what was taken though a part of it could not be understood; `passed_over` are files of a ZIP file that
    are no lists, each with the reason.
    """

    files: Sequence[Read]
    passed_over: Sequence[tuple[str, str]]
    intake: Intake
    refused: Named
    noted: Named

    @property
    def rows(self) -> int:
        """Return how many rows were read."""
        return sum(each.rows for each in self.files)

    def changes(self) -> Mapping[Change, int]:
        """Return how many people there are by what was done to them."""
        counts = Counter[Change]()
        for effect, count in self.intake.people.items():
            counts[effect.change] += count
        return {change: counts[change] for change in Change}

    def suppressed(self) -> Mapping[Standing, int]:
        """Return who of those taken in may not be mailed, by standing; not those whom the list itself kept out."""
        counts = Counter[Standing]()
        for effect, count in self.intake.people.items():
            if not effect.standing.mailable and effect.change is not Change.KEPT_OUT:
                counts[effect.standing] += count
        return {standing: counts[standing] for standing in Standing if counts[standing]}

"""Everything that a report is made from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from newsletter.core.publication import Publication
from newsletter.errors import NewsletterError
from newsletter.wiring.project import Here, clock, store

if TYPE_CHECKING:
    from newsletter.flows.report import Desk, Source


@contextmanager
def reporting(where: Here, publication: Publication) -> Iterator[Desk]:
    """Open everything that a report is made from."""
    from newsletter.flows.report import Desk

    with store(where, publication) as opened:
        yield Desk(
            mailings=opened.mailings,
            ledger=opened.ledger,
            events=opened.events,
            reports=opened.reports,
            statistics=opened.statistics,
            clock=clock(),
            publication=publication,
            source=lambda name: _source(where, name),
        )


def _source(where: Here, name: str) -> Source | None:
    from newsletter.flows.build import edition
    from newsletter.flows.report import Source

    try:
        made = edition(where.project, name, where.environment)
    except NewsletterError:  # a report must not fail for what became of the files since
        return None
    return Source(made.issue.blocks, made.build)

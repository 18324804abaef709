"""The store: subscribers, mailings and the ledger in SQLite (one machine) or PostgreSQL (beyond one)."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from newsletter.core.ports import (
    Audiences,
    Events,
    Ledger,
    Mailings,
    Readers,
    Reports,
    Senders,
    Statistics,
    Subscribers,
    Suppressions,
    TestSends,
)
from newsletter.edges.store.audiences import StoredAudiences
from newsletter.edges.store.database import Database
from newsletter.edges.store.events import StoredEvents
from newsletter.edges.store.figures import StoredStatistics
from newsletter.edges.store.ledger import StoredLedger
from newsletter.edges.store.mailings import StoredMailings
from newsletter.edges.store.opening import open_database
from newsletter.edges.store.readers import StoredReaders
from newsletter.edges.store.reports import StoredReports
from newsletter.edges.store.senders import StoredSenders
from newsletter.edges.store.subscribers import StoredSubscribers
from newsletter.edges.store.suppressions import StoredSuppressions
from newsletter.edges.store.test_sends import StoredTestSends

__all__ = ["Store", "open_store"]


@dataclass(frozen=True, slots=True)
class Store:
    """One database as the ports it implements; close it, or use it as a context manager."""

    subscribers: Subscribers
    readers: Readers
    suppressions: Suppressions
    statistics: Statistics
    audiences: Audiences
    mailings: Mailings
    senders: Senders
    ledger: Ledger
    events: Events
    reports: Reports
    test_sends: TestSends
    _database: Database

    def close(self) -> None:
        """Close every connection."""
        self._database.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str) -> Store:
    """Open the store at a URL: `sqlite:///path` or `postgresql+psycopg://...`; make or migrate its tables if needed.

    Raises:
        NotConfigured: the URL cannot be used, or PostgreSQL's driver is not installed.
        StoreError: the database cannot be reached or used, or is newer than this program.
    """
    database = open_database(url)
    return Store(
        subscribers=StoredSubscribers(database),
        readers=StoredReaders(database),
        suppressions=StoredSuppressions(database),
        statistics=StoredStatistics(database),
        audiences=StoredAudiences(database),
        mailings=StoredMailings(database),
        senders=StoredSenders(database),
        ledger=StoredLedger(database),
        events=StoredEvents(database),
        reports=StoredReports(database),
        test_sends=StoredTestSends(database),
        _database=database,
    )

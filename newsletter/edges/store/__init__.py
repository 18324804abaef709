"""The store: subscribers, mailings and the ledger in SQLite (one machine) or PostgreSQL (beyond one)."""

from __future__ import annotations

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from newsletter.edges.store.opening import open_database

if TYPE_CHECKING:
    from newsletter.core.ports.feedback import Events, Reports
    from newsletter.core.ports.readers import Audiences, Readers, Statistics, Subscribers, Suppressions
    from newsletter.core.ports.sending import Ledger, Mailings, Senders, TestSends
    from newsletter.edges.store.database import Database

__all__ = ["Store", "open_store"]


class Store:
    """One database as the ports it implements; close it, or use it as a context manager.

    Each port is loaded when it is first asked for: most commands need a few of them.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def subscribers(self) -> Subscribers:
        """Return who is on the list."""
        from newsletter.edges.store.subscribers import StoredSubscribers

        return StoredSubscribers(self._database)

    @cached_property
    def readers(self) -> Readers:
        """Return what readers and the editor change about one person."""
        from newsletter.edges.store.readers import StoredReaders

        return StoredReaders(self._database)

    @cached_property
    def suppressions(self) -> Suppressions:
        """Return who is blocked."""
        from newsletter.edges.store.suppressions import StoredSuppressions

        return StoredSuppressions(self._database)

    @cached_property
    def statistics(self) -> Statistics:
        """Return how the list grew."""
        from newsletter.edges.store.figures import StoredStatistics

        return StoredStatistics(self._database)

    @cached_property
    def audiences(self) -> Audiences:
        """Return who belongs to an expression."""
        from newsletter.edges.store.audiences import StoredAudiences

        return StoredAudiences(self._database)

    @cached_property
    def mailings(self) -> Mailings:
        """Return the mailings."""
        from newsletter.edges.store.mailings import StoredMailings

        return StoredMailings(self._database)

    @cached_property
    def senders(self) -> Senders:
        """Return who sends them."""
        from newsletter.edges.store.senders import StoredSenders

        return StoredSenders(self._database)

    @cached_property
    def ledger(self) -> Ledger:
        """Return the account of every recipient."""
        from newsletter.edges.store.ledger import StoredLedger

        return StoredLedger(self._database)

    @cached_property
    def events(self) -> Events:
        """Return what came back of mailings."""
        from newsletter.edges.store.events import StoredEvents

        return StoredEvents(self._database)

    @cached_property
    def reports(self) -> Reports:
        """Return the figures of what came back."""
        from newsletter.edges.store.reports import StoredReports

        return StoredReports(self._database)

    @cached_property
    def test_sends(self) -> TestSends:
        """Return which builds were test-sent."""
        from newsletter.edges.store.test_sends import StoredTestSends

        return StoredTestSends(self._database)

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
    return Store(open_database(url))

"""Which builds were test-sent, in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from newsletter.edges.store.database import Database
from newsletter.edges.store.tables import test_sends


@dataclass(frozen=True, slots=True)
class StoredTestSends:
    """Implements `core.ports.TestSends`."""

    _database: Database

    def remember(self, issue: str, digest: str, recipients: int, at: datetime) -> None:
        """Write that a build was test-sent to so many."""
        statement = insert(test_sends).values(issue=issue, digest=digest, recipients=recipients, at=at)
        with self._database.writing() as connection:
            connection.execute(statement)

    def last(self, digest: str) -> datetime | None:
        """Return when this build was last test-sent, UTC."""
        query = select(func.max(test_sends.c.at)).where(test_sends.c.digest == digest)
        with self._database.reading() as connection:
            last: datetime | None = connection.scalar(query)
        return last

"""Read a text or bytes as an import does, without a store."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from newsletter.core.arrivals.account import Account
from newsletter.core.arrivals.columns import Wish
from newsletter.core.arrivals.text import Sheet
from newsletter.core.ports.readers import Intake
from newsletter.core.standing import Entry
from newsletter.core.subscriber import Subscriber
from newsletter.flows.move_in import move_in

AT = datetime(2026, 2, 3, 12, tzinfo=UTC)


@dataclass
class Listening:
    """A list that keeps what comes in, row by row."""

    rows: list[Subscriber] = field(default_factory=list)

    def take_in(
        self, subscribers: Iterable[Subscriber], at: datetime, came: Entry | None = None, *, rehearsal: bool = False
    ) -> Intake:
        self.rows.extend(subscribers)
        return Intake({}, 0, 0)


def sheet(data: str | bytes, name: str = "list.csv") -> Sheet:
    content = data if isinstance(data, bytes) else data.encode()
    return Sheet(name, lambda: io.BytesIO(content))


def read(
    data: str | bytes, wish: Wish | None = None, *, tags: tuple[str, ...] = ()
) -> tuple[list[Subscriber], Account]:
    listening = Listening()
    account = move_in(listening, [sheet(data)], replace(wish or Wish(), tags=tags), at=AT)
    return listening.rows, account


def people(data: str | bytes, wish: Wish | None = None, *, tags: tuple[str, ...] = ()) -> list[Subscriber]:
    """Return who is in a list without anything wrong."""
    found, account = read(data, wish, tags=tags)
    assert (account.refused.first, account.noted.first) == ([], [])
    return found


def refused(data: str | bytes, wish: Wish | None = None) -> list[str]:
    return [str(problem) for problem in read(data, wish)[1].refused.first]

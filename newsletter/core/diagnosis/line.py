"""One line of a diagnosis: what was looked at, how it stands, what was seen, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How something stands."""

    OK = "ok"
    UNSEEN = "not looked at"
    WARNING = "warning"
    ERROR = "error"


_GRAVITY = list(Status)


class Group(StrEnum):
    """What lines are about, in the order they are shown."""

    HERE = "The publication"
    MAIL = "The message"
    ACCOUNT = "Amazon SES: the account"
    DOMAIN = "The domain: identity, DKIM, SPF, DMARC"
    EVENTS = "Events: what comes back"
    DOOR = "The unsubscribe link"
    RULES = "What Gmail, Yahoo and Microsoft ask of bulk senders"


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record to add: its full name, its type, and its value as one pastes it."""

    name: str
    type: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}  {self.type}  {self.value}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `check` is its name for programs, and stays the same."""

    group: Group
    check: str
    status: Status
    seen: str
    remedy: str = ""
    records: tuple[Record, ...] = ()
    source: str = ""


def worst(statuses: Iterable[Status]) -> Status:
    """Return the gravest of some; ok where there are none."""
    return max(statuses, key=_GRAVITY.index, default=Status.OK)


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as a sentence has them."""
    every: Sequence[str] = list(names)
    return f" {last} ".join([", ".join(every[:-1]), every[-1]]) if len(every) > 1 else "".join(every)

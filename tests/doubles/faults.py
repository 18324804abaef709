"""Scripted faults: which one strikes which call."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from tests.doubles.errors import (
    Refusal,
    bad_request,
    internal_failure,
    quota_exceeded,
    rate_exceeded,
    unavailable,
)
from tests.doubles.rules import When
from tests.doubles.settings import Settings
from tests.doubles.wire import Manner


class FaultKind(StrEnum):
    """What can go wrong; `before`: nothing was accepted, `after`: everything acceptable was."""

    THROTTLE = "throttle"
    QUOTA = "quota"
    BAD_REQUEST = "bad_request"
    MESSAGE_REJECTED = "message_rejected"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_503_BEFORE = "error_503_before"
    RESET_BEFORE = "reset_before"
    CLOSE_BEFORE = "close_before"
    TIMEOUT_BEFORE = "timeout_before"
    KILL_BEFORE = "kill_before"
    ERROR_500_AFTER = "error_500_after"
    ERROR_503_AFTER = "error_503_after"
    RESET_AFTER = "reset_after"
    CLOSE_AFTER = "close_after"
    TIMEOUT_AFTER = "timeout_after"
    GARBAGE_AFTER = "garbage_after"
    HALF_ANSWER_AFTER = "half_answer_after"
    KILL_AFTER = "kill_after"
    KILL_AFTER_ANSWER = "kill_after_answer"
    SLOW = "slow"
    ENTRY_STATUS = "entry_status"


MANNERS: Final = {
    FaultKind.RESET_BEFORE: Manner.RESET,
    FaultKind.CLOSE_BEFORE: Manner.CLOSE,
    FaultKind.TIMEOUT_BEFORE: Manner.NEVER,
    FaultKind.KILL_BEFORE: Manner.CLOSE,
    FaultKind.RESET_AFTER: Manner.RESET,
    FaultKind.CLOSE_AFTER: Manner.CLOSE,
    FaultKind.TIMEOUT_AFTER: Manner.NEVER,
    FaultKind.HALF_ANSWER_AFTER: Manner.HALF,
    FaultKind.KILL_AFTER: Manner.CLOSE,
}
_KILLS: Final = frozenset({FaultKind.KILL_BEFORE, FaultKind.KILL_AFTER, FaultKind.KILL_AFTER_ANSWER})
_NOTHING_ACCEPTED: Final = frozenset(
    {FaultKind.THROTTLE, FaultKind.QUOTA, FaultKind.BAD_REQUEST, FaultKind.MESSAGE_REJECTED}
    | {kind for kind in FaultKind if kind.endswith("_before")}
)


_REFUSALS: Final[Mapping[FaultKind, Callable[[], Refusal]]] = {
    FaultKind.THROTTLE: rate_exceeded,
    FaultKind.BAD_REQUEST: lambda: bad_request("Missing final '@domain'"),
    FaultKind.MESSAGE_REJECTED: lambda: Refusal("MessageRejected", "Message was rejected."),
    FaultKind.ERROR_500_BEFORE: internal_failure,
    FaultKind.ERROR_500_AFTER: internal_failure,
    FaultKind.ERROR_503_BEFORE: unavailable,
    FaultKind.ERROR_503_AFTER: unavailable,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault with its argument: seconds, a process id or an entry's status."""

    kind: FaultKind
    written: str
    seconds: float = 0.0
    pid: int = 0
    status: str = ""

    @classmethod
    def read(cls, written: str) -> "Fault":
        word, _, argument = written.partition(":")
        if word not in set(FaultKind):
            raise bad_request(f"There is no fault {word}.")
        kind = FaultKind(word)
        if kind in _KILLS:
            # 0 and below name whole groups of processes, 1 is the system's.
            if not argument.isdigit() or int(argument) <= 1 or int(argument) == os.getpid():
                raise bad_request(f"{written}: this is no process to kill.")
            return cls(kind, written, pid=int(argument))
        if kind is FaultKind.SLOW:
            return cls(kind, written, seconds=float(argument))
        if kind is FaultKind.ENTRY_STATUS:
            return cls(kind, written, status=argument or "TRANSIENT_FAILURE")
        return cls(kind, written)

    @property
    def nothing_accepted(self) -> bool:
        return self.kind in _NOTHING_ACCEPTED

    def refusal(self, settings: Settings) -> Refusal | None:
        """Return the error this fault answers with, if it is one."""
        if self.kind is FaultKind.QUOTA:
            return quota_exceeded(settings.quota_error)
        make = _REFUSALS.get(self.kind)
        return make() if make else None


@dataclass(slots=True)
class _Rule:
    when: When
    fault: Fault
    entry: int
    left: float


@dataclass(frozen=True, slots=True)
class Strike:
    """What the script has for one call: at most one fault for the whole of it, and statuses for entries."""

    fault: Fault | None
    entries: Mapping[int, Fault]


class Script:
    """The rules, in order; of several for the whole call the first wins."""

    def __init__(self, rules: Iterable[Mapping[str, Any]] = ()) -> None:
        self._rules = [self._read(rule) for rule in rules]

    @staticmethod
    def _read(rule: Mapping[str, Any]) -> _Rule:
        if unknown := sorted(set(rule) - {"when", "do", "times", "entry"}):
            raise bad_request(f"A rule has no {unknown[0]}.")
        fault = Fault.read(rule["do"])
        return _Rule(When(rule.get("when", {})), fault, rule.get("entry", 0), rule.get("times", float("inf")))

    def strike(self, operation: str, recipients: Sequence[Sequence[str]]) -> Strike:
        """Ask every rule about a call; `recipients` are the addresses of each of its messages."""
        everyone = [address for message in recipients for address in message]
        fault: Fault | None = None
        entries: dict[int, Fault] = {}
        for rule in self._rules:
            of_entry = rule.fault.kind is FaultKind.ENTRY_STATUS
            if (of_entry and operation != "SendBulkEmail") or not rule.when.fires(operation, everyone):
                continue
            if rule.left < 1 or (fault and not of_entry):
                continue
            rule.left -= 1
            if of_entry:
                entries.update((index, rule.fault) for index in _struck(rule, recipients))
            else:
                fault = rule.fault
        return Strike(fault, entries)


def _struck(rule: _Rule, recipients: Sequence[Sequence[str]]) -> list[int]:
    if not rule.when.names_recipient:
        return [rule.entry]
    return [index for index, message in enumerate(recipients) if any(map(rule.when.concerns, message))]

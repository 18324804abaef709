"""When a scripted rule fires: on the nth, every so many, by chance, for one recipient."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any, Final

from tests.doubles.errors import bad_request

_CONDITIONS: Final = frozenset({"nth", "every", "probability", "seed", "recipient", "operation"})
SENDS: Final = frozenset({"SendEmail", "SendBulkEmail"})


class When:
    """The condition of one rule, with its own count of what it was asked about.

    `operation` (else: both sends; "any": all calls) and `recipient` choose what is counted; `nth`, `every` or
    `probability` (with `seed`) choose among those; with none of the three each one fires.
    """

    def __init__(self, condition: Mapping[str, Any]) -> None:
        if unknown := sorted(set(condition) - _CONDITIONS):
            raise bad_request(f"A rule's `when` has no {unknown[0]}.")
        self._nth: int | None = _whole(condition, "nth")
        self._every: int | None = _whole(condition, "every")
        self._probability: float | None = condition.get("probability")
        self._chance = Random(condition.get("seed", 1))  # noqa: S311 - the same faults every time are the point
        self._recipient = str(condition.get("recipient", "")).lower()
        self._operation = str(condition.get("operation", ""))
        self._seen = 0

    def concerns(self, address: str) -> bool:
        return not self._recipient or address.lower() == self._recipient

    @property
    def names_recipient(self) -> bool:
        return bool(self._recipient)

    def fires(self, operation: str, recipients: Iterable[str]) -> bool:
        """Count this one if it is concerned, and tell whether it is its turn."""
        if self._operation != "any" and operation not in ({self._operation} if self._operation else SENDS):
            return False
        if self._recipient and not any(map(self.concerns, recipients)):
            return False
        self._seen += 1
        if self._nth is not None:
            return self._seen == self._nth
        if self._every is not None:
            return self._seen % self._every == 0
        return self._probability is None or self._chance.random() < self._probability


def _whole(condition: Mapping[str, Any], name: str) -> int | None:
    value = condition.get(name)
    if value is not None and (type(value) is not int or value < 1):
        raise bad_request(f"A rule's `{name}` is a whole number from 1, not {value!r}.")
    return value

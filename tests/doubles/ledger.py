"""What was accepted, for whom and when: the truth a client's own books are held against."""

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Keep = Literal["counts", "ids", "messages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message a call asks for, checked and ready to be accepted."""

    addresses: list[str]
    source: str
    subject: str
    configuration_set: str
    tags: dict[str, str]
    headers: list[tuple[str, str]]
    sha256: str
    """Of the raw bytes; of a bulk entry: of the template, its data and its headers."""
    missing: list[str] = field(default_factory=list)
    content: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """One recipient of one accepted message."""

    number: int
    call: int
    at: float
    operation: str
    address: str
    message_id: str
    source: str
    subject: str
    configuration_set: str
    tags: dict[str, str]
    delivery_header: str
    """The value of X-Newsletter-Delivery, if the message has one."""
    sha256: str
    missing: list[str]
    """Template variables without a value: accepted, but never sent."""
    suppressed: str
    headers: list[tuple[str, str]] | None = None
    content: dict[str, Any] | None = None
    """With `keep="messages"`: Raw in base64; or Subject, Text and Html as filled, and the merged Data."""

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> "Accepted":
        """Read a record back from JSON, which has no tuples."""
        headers = item["headers"]
        return cls(**{**item, "headers": headers and [(name, value) for name, value in headers]})

    @property
    def raw(self) -> bytes:
        """The raw bytes, if they were kept."""
        return base64.b64decode((self.content or {}).get("Raw", ""))


@dataclass(slots=True, kw_only=True)
class Call:
    """One request and what became of it; status 0: nothing (or nothing readable) was answered."""

    number: int
    at: float
    operation: str = ""
    recipients: list[str] = field(default_factory=list)
    status: int = 0
    error: str = ""
    message: str = ""
    fault: str = ""
    accepted: int = 0
    """Recipients accepted, whatever was answered."""
    entries: list[str] = field(default_factory=list)
    """The statuses of a bulk call's entries."""


class Ledger:
    """Grows by a record per accepted recipient and per call, or by counts alone."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep
        self.accepted: list[Accepted] = []
        self.calls: list[Call] = []
        self.counts: Counter[str] = Counter()
        self._begun = 0

    def begin(self, at: float) -> Call:
        self._begun += 1
        return Call(number=self._begun, at=at)

    def accept(self, outgoing: Outgoing, call: Call, suppressed: dict[str, str]) -> str:
        """Record one message for each of its recipients and return its id."""
        message_id = _message_id(call.at)
        call.accepted += len(outgoing.addresses)
        self.counts["accepted"] += len(outgoing.addresses)
        self.counts["messages"] += 1
        if self.keep == "counts":
            return message_id
        delivery = next((value for name, value in outgoing.headers if name.lower() == "x-newsletter-delivery"), "")
        whole = self.keep == "messages"
        for address in outgoing.addresses:
            entry = Accepted(
                number=len(self.accepted) + 1,
                call=call.number,
                at=call.at,
                operation=call.operation,
                address=address,
                message_id=message_id,
                source=outgoing.source,
                subject=outgoing.subject,
                configuration_set=outgoing.configuration_set,
                tags=outgoing.tags,
                delivery_header=delivery,
                sha256=outgoing.sha256,
                missing=outgoing.missing,
                suppressed=suppressed.get(address.lower(), ""),
                headers=outgoing.headers if whole else None,
                content=outgoing.content if whole else None,
            )
            self.accepted.append(entry)
        return message_id

    def end(self, call: Call) -> None:
        self.counts["calls"] += 1
        self.counts[call.operation or "unknown"] += 1
        for label in (call.error, call.fault):
            if label:
                self.counts[label] += 1
        if self.keep != "counts":
            self.calls.append(call)


def digest(*parts: bytes) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part)
    return sha.hexdigest()


def _message_id(at: float) -> str:
    """Make an id of the shape SES gives: 16 hex digits of time, a UUID, six zeros."""
    tail = os.urandom(16).hex()
    uuid = f"{tail[:8]}-{tail[8:12]}-{tail[12:16]}-{tail[16:20]}-{tail[20:]}"
    return f"0107{int(at * 1000):012x}-{uuid}-000000"

"""What taking in feedback costs per event: reading it, applying it, and the floor under both; SQLite.

The floor reads the same bytes with `json` alone and writes as many rows of the same width with one `executemany` for
each portion, in the same safety. CPU is that of this process.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from newsletter.core.audience import Audience
from newsletter.core.delivery import Accepted, NewMailing, Settlement
from newsletter.core.feedback import Event
from newsletter.core.ses_events import read_event
from newsletter.core.subscriber import Subscriber
from newsletter.edges.store import Store, open_store

EVENTS = 1_000_000
PORTION = 1_000  # as many as `flows.feedback` applies in one transaction
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
STAMP = "2026-03-02T12:00:06.104Z"
# Of a thousand readers: each message is sent and delivered, but for these.
BOUNCES, COMPLAINTS = 15, 1


def main(size: int = EVENTS) -> None:
    """Print events per second, microseconds of CPU per event, and peak memory."""
    with (
        tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder,
        open_store(f"sqlite:///{folder}/store.db") as store,
        closing(_table(Path(folder))) as floor,
    ):
        deliveries = _sent(store, size // 2)
        _measure(
            deliveries,
            {
                "floor: json and executemany": lambda portion: _floor(floor, portion),
                "read alone": _read,
                "read and applied": lambda portion: _apply(store, portion),
            },
        )
        _measure(deliveries, {"the same events again": lambda portion: _apply(store, portion)})
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"peak memory {peak:.1f} MB")


def _measure(deliveries: str, works: Mapping[str, Callable[[list[str]], object]]) -> None:
    """Do each work with each portion in turn: what slows the machine down slows all; to make them up is not counted."""
    walls, cpus = Counter[str](), Counter[str]()  # nanoseconds
    count = 0
    for portion in _portions(_bodies(deliveries)):
        count += len(portion)
        for name, work in works.items():
            began, used = time.perf_counter_ns(), time.process_time_ns()
            work(portion)
            walls[name] += time.perf_counter_ns() - began
            cpus[name] += time.process_time_ns() - used
    for name in works:
        rate, cpu = count / walls[name] * 1e9, cpus[name] / count / 1e3
        print(f"{name:<28} {rate:10,.0f} events per second {cpu:8.1f} us of CPU an event")


def _sent(store: Store, readers: int) -> str:
    """Send a mailing to so many; return what its deliveries are called, up to their number."""
    store.subscribers.put((Subscriber(address=f"reader{number}@example.org") for number in range(readers)), AT)
    mailing = store.mailings.freeze(NewMailing("may", "abc", "Hello", "ses"), Audience(), AT)
    sender = store.senders.join(mailing, AT, alone=True)
    while claims := store.ledger.claim(sender, 5_000, AT, rate=None).claims:
        store.ledger.settle(sender, [Settlement(claim.delivery_id, Accepted("m")) for claim in claims], AT)
    return f"{mailing.uid}-{readers}"


def _bodies(deliveries: str) -> Iterator[str]:
    """Yield messages as SNS wraps them: a sending and what came of it, for each delivery."""
    prefix, _, readers = deliveries.rpartition("-")
    for number in range(1, int(readers) + 1):
        name = f"{prefix}-{number}"
        yield _wrapped(name, "Send", "send", {})
        if number % 1_000 < BOUNCES:
            bounce = {"bounceType": "Permanent", "bounceSubType": "General", "feedbackId": f"b-{number}"}
            recipient = {"emailAddress": "reader@example.org", "status": "5.1.1", "action": "failed"}
            yield _wrapped(name, "Bounce", "bounce", {**bounce, "timestamp": STAMP, "bouncedRecipients": [recipient]})
        elif number % 1_000 < BOUNCES + COMPLAINTS:
            complaint = {"complaintFeedbackType": "abuse", "feedbackId": f"c-{number}", "timestamp": STAMP}
            yield _wrapped(name, "Complaint", "complaint", complaint)
        else:
            told = {"timestamp": STAMP, "processingTimeMillis": 1592, "smtpResponse": "250 2.0.0 OK"}
            yield _wrapped(name, "Delivery", "delivery", told)


def _wrapped(name: str, kind: str, place: str, block: object) -> str:
    headers = [{"name": f"X-Header-{number}", "value": "v" * 40} for number in range(12)]
    tags = {"ses:operation": ["SendBulkEmail"], "ses:configuration-set": ["newsletter"], "delivery": [name]}
    mail = {
        "timestamp": "2026-03-02T12:00:04.512Z",
        "messageId": f"0107018e0c5d21a0-7c1f5b0e-4a37-4f0b-9a52-{name}",
        "destination": ["reader@example.org"],
        "headers": headers,
        "tags": tags,
    }
    event = json.dumps({"eventType": kind, "mail": mail, place: block})
    return json.dumps({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:x", "Message": event})


def _portions(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while portion := list(islice(rest, PORTION)):
        yield portion


def _table(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "floor.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (delivery TEXT, kind TEXT, at TEXT, PRIMARY KEY (delivery, kind))")
    return connection


def _floor(connection: sqlite3.Connection, portion: list[str]) -> None:
    told = [json.loads(json.loads(body)["Message"]) for body in portion]
    rows = [(each["mail"]["tags"]["delivery"][0], each["eventType"], STAMP) for each in told]
    with connection:
        connection.executemany("INSERT OR IGNORE INTO events VALUES (?, ?, ?)", rows)


def _read(portion: list[str]) -> list[Event]:
    return [event for body in portion if (event := read_event(body))]


def _apply(store: Store, portion: list[str]) -> None:
    store.events.apply(_read(portion), AT, track=())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS)

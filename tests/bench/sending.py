"""`newsletter send` to the hostile double over HTTP against a plain loop: `make bench-send`.

A loop of `email.message` and boto3's SendEmail, one by one; then the tool in single and in bulk mode, on SQLite and on
PostgreSQL, by one process and by two. All of them mail the same issue of 60 kB of HTML in one run; each is a whole
process from its start to its end, the ledger and the start included. The double enforces no rate, so the CPU is the
limit; recipients per CPU second are what is compared, since the double takes its share of the same machine. The loop
is so slow that it mails only some of the list; a run for one recipient tells what is its start, of which each of a
longer list would bear less, and it is charged as if it had mailed them all. A machine may change its speed within a
minute: each way is compared to a loop just before it, and of quick ways the medians of several rounds are shown.

`python -m tests.bench.sending 1000000` does the same with a million, for the memory and the time to freeze them.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median as middle
from time import monotonic, monotonic_ns, sleep

from newsletter.edges.files import Project
from newsletter.flows.build import edition
from tests.bench.measuring import Cost, median, process
from tests.bench.publication import ISSUE, environment, newsletter, publication, write_list
from tests.doubles import SesDouble, running_ses
from tests.postgresql import databases

RECIPIENTS, OF_THE_LOOP = 100_000, 1_000
ROUNDS = {"single": 1, "bulk": 5}
HTML = 60_000  # bytes
NO_LIMIT = 1_000_000.0
SOON = timedelta(seconds=15)  # until when a process has begun to freeze a mailing, however busy the machine is


@dataclass(frozen=True, slots=True)
class Way:
    """One way to send."""

    store: str
    mode: str
    processes: int

    def __str__(self) -> str:
        return f"{self.mode}, {self.store}, {self.processes} at work"


WAYS = [
    Way(store, mode, processes)
    for mode in ("single", "bulk")
    for store in ("SQLite", "PostgreSQL")
    for processes in (1, 2)
]


def main(recipients: int = RECIPIENTS) -> None:
    """Print rate, CPU per recipient, its ratio to the loop's, and peak memory."""
    with (
        publication() as root,
        databases() as new_postgresql,
        running_ses(max_send_rate=NO_LIMIT, max_24_hour_send=1e9, keep="counts", check_messages=False) as ses,
    ):
        size = lengthen(root)
        roster = root / "list.csv"
        print(f"{recipients:,} recipients, {size:,} bytes of HTML; the loop mails {OF_THE_LOOP:,}")
        print(f"{'':<34}{'wall s':>9}{'per s':>9}{'CPU us each':>13}{'than loop':>11}{'peak MB':>9}")
        write_list(roster, recipients)
        start, loop = (_loop(root, ses, count) for count in (1, OF_THE_LOOP))
        each = _each(loop, start, recipients)
        _show("email.message and boto3", OF_THE_LOOP, replace(loop, cpu=each * OF_THE_LOOP), 1.0)
        for way in WAYS:
            rounds = []
            for _ in range(ROUNDS[way.mode]):
                each = _each(_loop(root, ses, OF_THE_LOOP), start, recipients)
                url = f"sqlite:///{root}/{monotonic_ns()}.db" if way.store == "SQLite" else new_postgresql()
                cost = _send(root, roster, ses, way, url)
                rounds.append((each * recipients / cost.cpu, cost))
            _show(str(way), recipients, median([cost for _, cost in rounds]), middle(ratio for ratio, _ in rounds))


def _each(loop: Cost, start: Cost, recipients: int) -> float:
    """Return the CPU seconds that each recipient of a loop through so many would cost."""
    return (loop.cpu - start.cpu) / (OF_THE_LOOP - 1) + start.cpu / recipients


def _loop(root: Path, ses: SesDouble, count: int) -> Cost:
    """Return what the loop costs for so many."""
    roster = root / "few.csv"
    write_list(roster, count)
    command = [sys.executable, "-m", "tests.bench.naive_loop", str(root), str(roster), ses.endpoint]
    return process(command, cwd=root, env=environment(root, ses.endpoint))


def lengthen(root: Path) -> int:
    """Append features to the measured issue until its HTML has 60 kB; return how many bytes it has."""
    file = root / "issues" / f"{ISSUE}.yaml"
    text, more = file.read_text(encoding="utf-8"), 0
    while True:
        size = len(edition(Project(root), ISSUE, {}).build.html.encode())
        if size >= HTML:
            return size
        more += 1
        words = " ".join(["What stands still most of the day can be of use to the grid."] * 25)
        text += f"  - kind: feature\n    department: More\n    title: Another piece {more}\n    text: {words}\n"
        file.write_text(text, encoding="utf-8")


def _send(root: Path, roster: Path, ses: SesDouble, way: Way, url: str) -> Cost:
    """Import the list, freeze the mailing, then let all processes begin at once; return what they cost together."""
    env = {**environment(root, ses.endpoint), "NEWSLETTER_STORE": url, "NEWSLETTER_SES_MODE": way.mode}
    process(newsletter("subscribers", "import", str(roster)), cwd=root, env=env)
    if way.processes == 1:
        return process(newsletter("send", ISSUE, "--yes"), cwd=root, env=env)
    soon = datetime.now(UTC) + SOON
    process(newsletter("send", ISSUE, "--yes", "--at", soon.isoformat()), cwd=root, env=env)
    sleep(max(0.0, (soon - datetime.now(UTC)).total_seconds()))
    command = newsletter("send", ISSUE, "--yes", "--join")
    began = monotonic()
    with ThreadPoolExecutor(way.processes) as hands:
        costs = list(hands.map(lambda _: process(command, cwd=root, env=env), range(way.processes)))
    return Cost(monotonic() - began, sum(cost.cpu for cost in costs), max(cost.peak for cost in costs))


def _show(name: str, count: int, cost: Cost, ratio: float) -> None:
    each, times = cost.cpu / count * 1e6, f"{ratio:.1f}x"
    print(f"{name:<34}{cost.wall:9.1f}{count / cost.wall:9,.0f}{each:13.1f}{times:>11}{cost.peak:9.1f}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

"""How near the account's rate a mailing comes: `python -m tests.bench.pacing`.

The double enforces the rate as SES does, and says when it accepted whom. What is held is what it accepted after the
first moment, by the seconds from the first acceptance to the last; a throttle would be one of its refusals. Each row
is a whole mailing, by one process, or by two that begin at once on one store and share the rate.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measuring import process
from tests.bench.publication import ISSUE, environment, freeze, newsletter, publication, write_list
from tests.doubles import SesDouble, running_ses
from tests.postgresql import databases

SECONDS = 15


@dataclass(frozen=True, slots=True)
class Row:
    """A rate in recipients per second, the mode, the store, and how many processes send."""

    rate: int
    mode: str
    store: str
    processes: int = 1


ROWS = [
    Row(14, "single", "SQLite"),
    Row(200, "single", "SQLite"),
    Row(2_000, "bulk", "SQLite"),
    Row(200, "single", "SQLite", 2),
    Row(200, "single", "PostgreSQL", 2),
    Row(2_000, "bulk", "PostgreSQL", 2),
]


def main() -> None:
    """Print for each row the rate that was held, as a share of the account's, and the calls that were throttled."""
    with publication() as root, databases() as new_postgresql, running_ses(max_24_hour_send=1e9) as ses:
        print(f"{'rate':>6}  {'mode':<8}{'store':<12}{'at work':>8}{'held':>9}{'share':>9}{'throttles':>11}")
        for number, row in enumerate(ROWS):
            url = f"sqlite:///{root}/{number}.db" if row.store == "SQLite" else new_postgresql()
            held = _send(root, ses, row, url)
            where = f"{row.rate:6,}  {row.mode:<8}{row.store:<12}{row.processes:8}"
            print(f"{where}{held:9,.1f}{held / row.rate:9.1%}{_throttles(ses):11}", flush=True)


def _send(root: Path, ses: SesDouble, row: Row, url: str) -> float:
    """Send for about `SECONDS`; return the rate held in recipients per second."""
    ses.reset()
    ses.configure(max_send_rate=row.rate, keep="ids")
    roster = root / "list.csv"
    write_list(roster, row.rate * SECONDS)
    env = {**environment(root, ses.endpoint), "NEWSLETTER_STORE": url, "NEWSLETTER_SES_MODE": row.mode}
    process(newsletter("subscribers", "import", str(roster)), cwd=root, env=env)
    freeze(root, env)
    command = newsletter("send", ISSUE, "--yes", *(["--join"] if row.processes > 1 else []))
    with ThreadPoolExecutor(row.processes) as hands:
        list(hands.map(lambda _: process(command, cwd=root, env=env), range(row.processes)))
    times = [each.at for each in ses.accepted()]
    first, last = min(times), max(times)
    return sum(moment > first for moment in times) / (last - first)


def _throttles(ses: SesDouble) -> int:
    """Count the calls to send that were refused, as a whole or for one of their recipients."""
    calls = [call for call in ses.calls() if call.operation.startswith("Send")]
    return sum(bool(call.error) or not set(call.entries) <= {"SUCCESS"} for call in calls)


if __name__ == "__main__":
    main()

"""Moving in: `newsletter subscribers import` of a million rows against two floors, whole processes in one run.

The floors are Python's csv module that reads the same file and does nothing else, and `.import` of the sqlite3 program
(the module's executemany where there is no such program), which puts the cells into a table without an index. Each is
a process from its start to its end; ratios are of CPU seconds, which other work on the machine disturbs the least.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.ledger import _postgresql
from tests.bench.measuring import Cost, process
from tests.bench.publication import environment, newsletter, publication, write_json, write_list

ROWS = 1_000_000
ON_A_SERVER = 100_000  # at most: what is measured there is mostly the server
READING = "import csv, sys; sum(1 for _ in csv.reader(open(sys.argv[1], newline='')))"
FILLING = """\
import csv, sqlite3, sys
rows = csv.reader(open(sys.argv[1], newline=""))
database = sqlite3.connect(sys.argv[2])
names = next(rows)
database.execute(f"CREATE TABLE list ({', '.join(names)})")
database.executemany(f"INSERT INTO list VALUES ({', '.join('?' * len(names))})", rows)
database.commit()
"""


def main(rows: int = ROWS) -> None:
    """Print seconds, peak memory, and the ratios to both floors."""
    with publication() as root:
        write_list(root / "list.csv", rows)
        size = (root / "list.csv").stat().st_size / 1e6
        print(f"{rows:,} rows, {size:.0f} MB")
        print(f"{'':<34}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'x csv':>8}{'x .import':>11}")
        reading = _run(root, [sys.executable, "-c", READING, "list.csv"])
        name, filling = _filling()
        floor = _run(root, filling)
        for what, cost in (("csv module, reading alone", reading), (name, floor)):
            _show(what, cost, reading, floor)
        write_json(root / "list.json", rows)
        for what, arguments in (
            ("subscribers import --dry-run", ["list.csv", "--dry-run"]),
            ("the same as JSON", ["list.json", "--dry-run"]),
            ("subscribers import", ["list.csv"]),
            ("subscribers import, again", ["list.csv"]),
            ("the same again as JSON", ["list.json"]),
        ):
            cost = _run(root, newsletter("subscribers", "import", *arguments))
            _show(f"{what}", cost, reading, floor)
        with _postgresql() as url:
            if url:
                _on_a_server(root, url, min(rows, ON_A_SERVER))


def _on_a_server(root: Path, url: str, rows: int) -> None:
    write_list(root / "list.csv", rows)
    for what in ("import", "import, again"):
        cost = _run(root, newsletter("subscribers", "import", "list.csv"), NEWSLETTER_STORE=url)
        print(f"PostgreSQL, {rows:,} rows, {what:<14}{cost.wall:9.1f}{cost.cpu:9.1f}{cost.peak:9.1f}")


def _filling() -> tuple[str, Sequence[str]]:
    if program := shutil.which("sqlite3"):
        return ".import of the sqlite3 program", [program, "floor.db", ".import --csv list.csv list"]
    return "executemany of the sqlite3 module", [sys.executable, "-c", FILLING, "list.csv", "floor.db"]


def _run(root: Path, command: Sequence[str], **settings: str) -> Cost:
    return process(command, cwd=root, env={**environment(root), **settings})


def _show(what: str, cost: Cost, reading: Cost, floor: Cost) -> None:
    ratios = f"{cost.cpu / reading.cpu:8.1f}{cost.cpu / floor.cpu:11.1f}"
    print(f"{what:<34}{cost.wall:9.1f}{cost.cpu:9.1f}{cost.peak:9.1f}{ratios}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)

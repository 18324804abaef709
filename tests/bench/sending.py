"""`newsletter send` to the hostile double over HTTP, against a plain boto3 loop; and its memory as the list grows.

The double stands at a rate that neither side reaches. Both sides run as whole processes, one after the other, on the
same list; the ledger is part of what is measured.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.bench.measuring import Cost, process
from tests.bench.publication import ISSUE, environment, newsletter, publication, write_list
from tests.doubles import running_ses

SMALL, LARGE = 10_000, 100_000
NO_LIMIT = 1_000_000.0


def main() -> None:
    """Print rate, CPU per recipient and peak memory."""
    print("sending                     recipients   wall s   per s   CPU ms each   peak MB")
    with (
        publication() as root,
        running_ses(max_send_rate=NO_LIMIT, max_24_hour_send=1e9, keep="counts", check_messages=False) as ses,
    ):
        roster = root / "list.csv"
        write_list(roster, SMALL)
        loop = [sys.executable, "-m", "tests.bench.naive_loop", str(root), str(roster), ses.endpoint]
        naive = process(loop, cwd=root, env=environment(root, ses.endpoint))
        _show("plain boto3 loop", SMALL, naive)
        small = _send(root, roster, ses.endpoint, SMALL)
        _show("newsletter send", SMALL, small)
        write_list(roster, LARGE)
        large = _send(root, roster, ses.endpoint, LARGE)
        _show("newsletter send", LARGE, large)
    print(f"CPU of the loop / CPU of send: {naive.cpu / small.cpu:.1f}")
    print(f"memory from {SMALL:,} to {LARGE:,}: {large.peak - small.peak:+.1f} MB")


def _send(root: Path, roster: Path, endpoint: str, count: int) -> Cost:
    env = {**environment(root, endpoint), "NEWSLETTER_STORE": f"sqlite:///{root}/{count}.db"}
    importing = newsletter("subscribers", "import", str(roster))
    subprocess.run(importing, cwd=root, env=env, check=True, stdout=subprocess.DEVNULL)
    return process(newsletter("send", ISSUE, "--yes"), cwd=root, env=env)


def _show(name: str, count: int, cost: Cost) -> None:
    each = cost.cpu / count * 1000
    print(f"{name:<26}{count:12,}{cost.wall:9.1f}{count / cost.wall:8,.0f}{each:14.2f}{cost.peak:10.1f}")


if __name__ == "__main__":
    main()

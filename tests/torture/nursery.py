"""A process that has loaded the program and forks senders of it, several at a time.

One order a line, as JSON: `spawn` answers with the new process's id, `reap` with how one ended, or null while it lives.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.e2e.killing import carry_out, warm_up

ROOT = Path(__file__).parents[2]


class Nursery:
    """The other end of the orders."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._orders: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout

    def spawn(self, arguments: tuple[str, ...], folder: Path, said: Path, environment: Mapping[str, str]) -> int:
        """Start a command of the program; return its process id."""
        said.mkdir(parents=True, exist_ok=True)
        order = {"arguments": arguments, "step": None, "patience": None, "folder": str(folder), "said": str(said)}
        return int(self._ask({"do": "spawn", **order, "environment": dict(environment)}))

    def ended(self, pid: int) -> int | None:
        """Return the exit code of a process, negative for a signal, or None while it lives."""
        code = self._ask({"do": "reap", "pid": pid})
        return None if code is None else int(code)

    def wait(self, pid: int, seconds: float) -> int:
        """Return the exit code of a process, once it has ended."""
        until = time.monotonic() + seconds
        while (code := self.ended(pid)) is None:
            assert time.monotonic() < until, "a sender does not end"
            time.sleep(0.01)
        return code

    def _ask(self, order: Mapping[str, Any]) -> Any:
        self._orders.write(json.dumps(order) + "\n")
        self._orders.flush()
        return json.loads(self._answers.readline())


@contextmanager
def nursery() -> Iterator[Nursery]:
    """Run the process."""
    command = [sys.executable, "-m", "tests.torture.nursery"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Nursery(process)


def _spawn(order: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = carry_out(order)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    return pid


def _reap(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        answer = _spawn(order) if order["do"] == "spawn" else _reap(order["pid"])
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    warm_up(ROOT)
    _serve()

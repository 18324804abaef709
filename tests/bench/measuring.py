"""What a process cost, as the operating system accounts for it."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds, and peak memory in megabytes (10^6 bytes)."""

    wall: float
    cpu: float
    peak: float


def process(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> Cost:
    """Run a command to its end and return what it cost.

    Raises:
        CalledProcessError: it failed; a benchmark of a failure is worth nothing.
    """
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, env=dict(env), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert child.stderr is not None
    said = child.stderr.read()
    child.stderr.close()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, list(command), stderr=said)
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6)  # ru_maxrss is in KiB on Linux


def paired(one: Callable[[], object], other: Callable[[], object], *, rounds: int) -> list[tuple[float, float]]:
    """Return the CPU seconds of both, round by round in turn: what slows the machine down slows both."""
    return [(_seconds(one), _seconds(other)) for _ in range(rounds)]


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(*(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "cpu", "peak")))

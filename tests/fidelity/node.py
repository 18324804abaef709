"""Node.js programs of the tests: JSON in, JSON out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Never

import pytest

INSTALLED = Path(__file__).parents[1] / "npm/node_modules"


def run(program: str, given: object) -> Any:
    """Run one of the programs beside this module and return its answer."""
    require()
    done = subprocess.run(
        ["node", Path(__file__).with_name(program)],
        input=json.dumps(given),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def talking_to(program: str) -> Iterator[Callable[[object], Any]]:
    """Start a program that answers line by line; yield what asks it."""
    require()
    pipe = subprocess.PIPE
    command = ["node", str(Path(__file__).with_name(program))]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin
        assert stdout

        def ask(given: object) -> Any:
            stdin.write(json.dumps(given) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        try:
            yield ask
        finally:
            process.kill()


def require() -> None:
    """Skip the test where Node.js or its packages are missing, or fail it where CI promises them."""
    if shutil.which("node") is None:
        _missing("no node on the PATH: install Node.js 18 or later, then run `make setup`")
    if not (INSTALLED / ".installed").exists():
        _missing(f"no packages in {INSTALLED}: run `make setup`")


def _missing(reason: str) -> Never:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)

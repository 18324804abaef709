"""Stand-ins for Amazon that others wrote: moto (SendEmail, S3), ministack (both sends), aws-ses-v2-local (bulk)."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fidelity import node

_ROOT = Path(__file__).parents[1]
_MINISTACK = _ROOT / ".venv-ministack" / "bin" / "python"
_STARTS_WITHIN = 60.0  # seconds, on a machine that is busy


@contextmanager
def running_moto() -> Iterator[str]:
    """Run moto's server; yield its endpoint."""
    port = _free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port, path="/moto-api/data.json", environment={}):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def running_ministack(folder: Path, services: str = "ses,sqs,sns") -> Iterator[str]:
    """Run ministack, which has an environment of its own (`make setup`); yield its endpoint."""
    if not _MINISTACK.exists():
        if os.environ.get("CI"):
            pytest.fail("ministack is not installed; make setup installs it")
        pytest.skip("ministack is not installed; make setup installs it")
    port = _free_port()
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": services, "HOME": str(folder)}
    with _running([str(_MINISTACK), "-m", "ministack"], port, path="/_ministack/health", environment=settings):
        yield f"http://127.0.0.1:{port}"


def ministack_messages(endpoint: str) -> list[dict[str, Any]]:
    """Return the messages that ministack took."""
    by_account = json.loads(_get(endpoint.rpartition(":")[2], "/_ministack/ses/messages"))["messages"]
    return [message for messages in by_account.values() for message in messages]


@contextmanager
def running_ses_local() -> Iterator[str]:
    """Run aws-ses-v2-local, which renders the templates of SendBulkEmail with Handlebars; yield its endpoint."""
    node.require()
    port = _free_port()
    program = node.INSTALLED / "aws-ses-v2-local" / "dist" / "cli.js"
    command = ["node", str(program), "--host", "127.0.0.1", "--port", str(port)]
    with _running(command, port, path="/health-check", environment={}):
        yield f"http://127.0.0.1:{port}"


def ses_local_messages(endpoint: str) -> list[dict[str, Any]]:
    """Return the messages that aws-ses-v2-local took, as it rendered them."""
    stored: list[dict[str, Any]] = json.loads(_get(endpoint.rpartition(":")[2], "/store"))["emails"]
    return stored


@contextmanager
def _running(command: Sequence[str], port: int, *, path: str, environment: Mapping[str, str]) -> Iterator[None]:
    quiet = subprocess.DEVNULL
    everything = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env=everything) as process:
        try:
            _wait_until_it_answers(process, port, path)
            yield
        finally:
            process.kill()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    for _ in range(int(_STARTS_WITHIN / 0.02)):
        if process.poll() is not None:
            pytest.fail(f"{process.args!r} ended with {process.returncode}")
        try:
            _get(str(port), path)
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail(f"{process.args!r} does not answer")


def _get(port: str, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port

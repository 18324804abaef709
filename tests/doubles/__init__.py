"""Doubles of the services the tool talks to: a hostile Amazon SES, started with `running_ses()`."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.doubles.ledger import Accepted, Call
from tests.doubles.signature import ACCESS_KEY, SECRET_KEY

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

__all__ = ["ACCESS_KEY", "REGION", "SECRET_KEY", "Accepted", "Call", "DoubleRefused", "SesDouble", "running_ses"]

REGION: Final = "eu-central-1"
_ROOT: Final = Path(__file__).parents[2]
_PAGE: Final = 5000


class DoubleRefused(Exception):
    """A control request, such as a script with an unknown fault, was refused."""


class SesDouble:
    """A running double, driven over its control paths."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid
        self.endpoint = f"http://127.0.0.1:{port}"

    def script(self, *rules: Mapping[str, Any]) -> None:
        """Replace the faults to come, for example `{"when": {"nth": 3}, "do": "reset_after"}`."""
        self._control("POST", "script", rules)

    def configure(self, **changes: Any) -> None:
        """Change settings while it runs."""
        self._control("POST", "configure", changes)

    def reset(self) -> None:
        """Forget everything and return to the settings of the start."""
        self._control("POST", "reset", {})

    def accepted(self) -> list[Accepted]:
        """Return what was accepted, one record per recipient and message."""
        return [Accepted.read(item) for item in self._pages("accepted")]

    def calls(self) -> list[Call]:
        """Return every call with its outcome."""
        return [Call(**item) for item in self._pages("calls")]

    def counts(self) -> dict[str, int]:
        """Return the tallies, which are there with every `keep`."""
        counts = self._control("GET", "counts")
        return {str(name): int(count) for name, count in counts.items()}

    def events(self) -> list[dict[str, Any]]:
        """Return the events published so far, bare or each in its SNS envelope."""
        return list(self._pages("events"))

    def client(self, *, read_timeout: float = 5.0, attempts: int = 1, **arguments: Any) -> "SESV2Client":
        """Return a boto3 client, which sends every request once unless told otherwise."""
        import boto3  # noqa: PLC0415 - takes a quarter of a second, and not every user needs it
        from botocore.config import Config  # noqa: PLC0415

        retries: Any = {"mode": "standard", "total_max_attempts": attempts}
        config = Config(retries=retries, connect_timeout=5, read_timeout=read_timeout)
        keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY, "region_name": REGION}
        return boto3.client("sesv2", endpoint_url=self.endpoint, config=config, **{**keys, **arguments})

    def _pages(self, what: str) -> Iterator[dict[str, Any]]:
        offset: int | None = 0
        while offset is not None:
            page = self._control("GET", f"{what}?offset={offset}&limit={_PAGE}")
            yield from page["items"]
            offset = page["next"]

    def _control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, f"/_double/{path}", json.dumps(body) if body is not None else None)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise DoubleRefused(answer["message"])
        return answer


@contextmanager
def running_ses(**settings: Any) -> Iterator[SesDouble]:
    """Run the double in a process of its own; it also ends when this process does."""
    command = [sys.executable, "-m", "tests.doubles.ses", "--until-stdin-ends", "--settings", json.dumps(settings)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise DoubleRefused("The double did not start; its error is on stderr.")
            yield SesDouble(json.loads(line)["port"], process.pid)
        finally:
            process.terminate()

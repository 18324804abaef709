"""A publication in a folder of its own, with readers, sent by processes that may be killed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from newsletter.core.delivery import Mailing, State
from newsletter.core.subscriber import Subscriber
from newsletter.edges.store import open_store
from tests.e2e.killing import Step
from tests.stores import empty_store

ROOT = Path(__file__).parents[2]
ISSUE = "vol-1-issue-6"
SEND = ("send", ISSUE, "--yes")


@dataclass(frozen=True)
class Ended:
    """How a process ended; killed by SIGKILL is -9."""

    code: int
    stdout: str
    stderr: str


class Forks:
    """The process that forks sending processes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._orders: IO[str] = process.stdin
        self._answers: IO[str] = process.stdout

    def prepare(self, order: dict[str, Any]) -> int:
        """Make a process that waits; return its id."""
        self._say(json.dumps(order))
        return int(self._answers.readline())

    def start(self) -> int:
        """Let it start; return how it ended."""
        self._say("go")
        return int(self._answers.readline())

    def _say(self, line: str) -> None:
        self._orders.write(line + "\n")
        self._orders.flush()


@contextmanager
def forks() -> Iterator[Forks]:
    command = [sys.executable, "-m", "tests.e2e.killing"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield Forks(process)


@dataclass
class Publication:
    folder: Path
    environment: dict[str, str]
    fork: Forks
    readers: list[str] = field(default_factory=list)

    @classmethod
    def make(cls, folder: Path, fork: Forks, *, readers: int, **environment: str) -> Publication:
        copy_publication(folder)
        empty_store(folder / ".newsletter")
        made = cls(folder, {**bare_environment(folder), **environment}, fork)
        made.add(readers)
        return made

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder}/.newsletter/newsletter.db"

    def add(self, count: int) -> None:
        self.readers += [f"reader{number}@example.net" for number in range(count)]
        people = [Subscriber(address=address) for address in self.readers]
        with open_store(self.url) as store:
            store.subscribers.put(people, datetime.now(UTC))

    def prepare(self, *arguments: str, step: Step | None = None, nth: int = 1, patience: float | None = None) -> int:
        """Let a process wait for its start; `patience`: seconds that it waits for each answer of SES."""
        order = {"arguments": arguments, "step": step, "nth": nth, "patience": patience, "folder": str(self.folder)}
        return self.fork.prepare({**order, "environment": self.environment, "said": str(self.folder)})

    def start(self) -> Ended:
        code = self.fork.start()
        return Ended(code, (self.folder / "stdout").read_text(), (self.folder / "stderr").read_text())

    def run(self, *arguments: str, step: Step | None = None, nth: int = 1, patience: float | None = None) -> Ended:
        self.prepare(*arguments, step=step, nth=nth, patience=patience)
        return self.start()

    @contextmanager
    def program(self, *arguments: str, stderr: int = subprocess.PIPE) -> Iterator[subprocess.Popen[str]]:
        """Start the program itself, from nothing; it does not outlive a test that fails."""
        command = [sys.executable, "-m", "newsletter", *arguments]
        pipe = subprocess.PIPE
        ours = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # inherited; tests that run under nohup ignore it
        try:
            process = subprocess.Popen(
                command, stdout=pipe, stderr=stderr, text=True, cwd=self.folder, env=self.environment
            )
        finally:
            signal.signal(signal.SIGHUP, ours)
        with process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise

    def status(self) -> list[dict[str, Any]]:
        """Return what `newsletter status --json` says."""
        ended = self.run("status", "--json")
        assert ended.code == 0, ended.stderr
        found: list[dict[str, Any]] = json.loads(ended.stdout)
        return found

    def finished(self) -> bool:
        with open_store(self.url) as store:
            return bool(store.mailings.of(ISSUE)) and all(each.finished_at for each in store.mailings.of(ISSUE))

    def where(self) -> dict[str, State]:
        """Return the state of everybody in the newest mailing, as the ledger has it."""
        with open_store(self.url) as store:
            mailing = self._newest(store.mailings.of(ISSUE))
            return {each.address: state for state in State for each in store.ledger.named(mailing, state)}

    def delivery_ids(self) -> dict[str, str]:
        with open_store(self.url) as store:
            mailing = self._newest(store.mailings.of(ISSUE))
            return {each.address: each.delivery_id for state in State for each in store.ledger.named(mailing, state)}

    @staticmethod
    def _newest(mailings: Any) -> Mailing:
        newest: Mailing = mailings[-1]
        return newest


def copy_publication(folder: Path) -> None:
    """Put the publication with one issue into a folder."""
    shutil.copy(ROOT / "publication.yaml", folder)
    shutil.copytree(ROOT / "layouts", folder / "layouts")
    (folder / "issues").mkdir()
    shutil.copy(ROOT / "issues" / f"{ISSUE}.yaml", folder / "issues")


def bare_environment(home: Path) -> dict[str, str]:
    """Return an environment that knows no settings of this machine."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "NEWSLETTER_SECRET": "s" * 32,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def through_ses(endpoint: str) -> dict[str, str]:
    return {
        "NEWSLETTER_TRANSPORT": "ses",
        "NEWSLETTER_SES_ENDPOINT_URL": endpoint,
        "NEWSLETTER_SES_REGION": "us-east-1",
    }

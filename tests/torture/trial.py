"""One trial: a mailing whose senders are killed at random moments, and whose books are then held against each other."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from newsletter.core.delivery import State
from newsletter.core.subscriber import Subscriber
from newsletter.edges.store import open_store
from tests.doubles import SesDouble
from tests.e2e.publications import ISSUE, bare_environment, copy_publication, through_ses
from tests.fakes import NOON
from tests.torture.nursery import Nursery

SEND = ("send", ISSUE, "--yes")
RATE = 150  # recipients per second
SECONDS = 1.0  # how long a sender lives at most before it is killed
PATIENCE = 120.0  # seconds for the senders that are left alone to end
GOES_ON = {0, 3}  # the exit codes of a sender that nobody killed: done, or stopped and to be continued
DEFECT = 70

# By chance, and again and again: whatever SES and the network between do.
FAULTS: Sequence[Mapping[str, Any]] = [
    {"when": {"probability": 0.05, "seed": 1}, "do": "throttle"},
    {"when": {"probability": 0.02, "seed": 2}, "do": "error_500_before"},
    {"when": {"probability": 0.02, "seed": 3}, "do": "error_503_after"},
    {"when": {"probability": 0.02, "seed": 4}, "do": "reset_before"},
    {"when": {"probability": 0.02, "seed": 5}, "do": "reset_after"},
    {"when": {"probability": 0.01, "seed": 6}, "do": "half_answer_after"},
    {"when": {"probability": 0.01, "seed": 7}, "do": "timeout_after"},
    {"when": {"probability": 0.02, "seed": 8}, "do": "slow:0.3"},
]
IN_BULK: Sequence[Mapping[str, Any]] = [
    {"when": {"every": 3}, "do": "entry_status:TRANSIENT_FAILURE", "entry": 2},
    {"when": {"every": 4}, "do": "entry_status:MESSAGE_REJECTED", "entry": 1},
    {"when": {"every": 5}, "do": "entry_status:ACCOUNT_THROTTLED", "entry": 3},
]


@dataclass
class Trial:
    """One mailing to so many readers, through one double, in one mode."""

    folder: Path
    store: str
    mode: str
    workers: int
    nursery: Nursery
    ses: SesDouble
    chance: Random
    readers: list[str] = field(default_factory=list)
    killed: int = 0

    def prepare(self, readers: int) -> None:
        """Make the publication and its list."""
        copy_publication(self.folder)
        self.readers = [f"reader{number}@example.net" for number in range(readers)]
        with open_store(self.store) as store:
            store.subscribers.put([Subscriber(address=address) for address in self.readers], NOON)
        self.ses.reset()
        self.ses.configure(max_send_rate=RATE)

    def run(self, kills: int) -> Counter[State]:
        """Kill senders at random, let the last ones end, and check the books; return how the readers stand."""
        self.ses.script(*FAULTS, *(IN_BULK if self.mode == "bulk" else ()))
        if self.chance.random() < 0.3:
            self.ses.configure(max_24_hour_send=len(self.readers) // 2)
        crew = [self._start(number) for number in range(self.workers)]
        while self.killed < kills and not self._done():
            time.sleep(self.chance.uniform(0.02, SECONDS))
            place = self.chance.randrange(len(crew))
            crew[place] = self._replace(crew[place], place)
        for pid in crew:
            self._end(pid)
        self.ses.configure(max_24_hour_send=-1)
        self.ses.script()
        self._finish()
        return self._check()

    def _start(self, number: int) -> int:
        extra = ("--join",) if number and self._begun() else ()
        environment = {
            **bare_environment(self.folder),
            **through_ses(self.ses.endpoint),
            "NEWSLETTER_STORE": self.store,
            "NEWSLETTER_SES_MODE": self.mode,
        }
        return self.nursery.spawn((*SEND, *extra), self.folder, self.folder / f"said-{number}", environment)

    def _begun(self) -> bool:
        with open_store(self.store) as store:
            return store.mailings.unfinished(ISSUE, "ses") is not None

    def _replace(self, pid: int, number: int) -> int:
        """Kill a sender, if it still lives, and start another in its place."""
        self._end(pid)
        return self._start(number)

    def _done(self) -> bool:
        with open_store(self.store) as store:
            found = store.mailings.of(ISSUE)
            return bool(found) and all(each.finished_at for each in found)

    def _end(self, pid: int) -> None:
        """Kill whoever is still there, so that the books are closed by new senders alone."""
        code = self.nursery.ended(pid)
        assert code != DEFECT, "a sender broke"
        if code is None:
            os.kill(pid, signal.SIGKILL)
            self.nursery.wait(pid, 10)
            self.killed += 1

    def _finish(self) -> None:
        until = time.monotonic() + PATIENCE
        while not self._done():
            assert time.monotonic() < until, f"the mailing does not end: {self._said()}"
            code = self.nursery.wait(self._start(0), PATIENCE)
            assert code in GOES_ON, self._said()

    def _said(self) -> str:
        return (self.folder / "said-0" / "stderr").read_text(encoding="utf-8")

    def _check(self) -> Counter[State]:
        """Hold the ledger against what the other side accepted."""
        arrived = Counter(each.address for each in self.ses.accepted())
        with open_store(self.store) as store:
            mailings = store.mailings.of(ISSUE)
            assert len(mailings) == 1, "the issue became more than one mailing"
            account = store.ledger.account(mailings[0])
            where = {each.address: state for state in State for each in store.ledger.named(mailings[0], state)}
        assert account.intended == account.settled == len(self.readers), f"the account does not add up: {account}"
        assert where.keys() == set(self.readers), "somebody was lost, or invented"
        assert not [address for address, count in arrived.items() if count > 1], "somebody was mailed twice"
        accepted = {address for address, state in where.items() if state is State.ACCEPTED}
        assert accepted <= arrived.keys(), "accepted in the ledger, and nothing came"
        unknown = {address for address in arrived if where[address] not in {State.ACCEPTED, State.IN_DOUBT}}
        assert not unknown, "came, and the ledger says it did not"
        return Counter(where.values())

"""The crash table: the sending process is killed at every step, run again until it ends, and nobody is lost or doubled.

What the other side accepted is its truth; the ledger is held against it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsletter.core.delivery import State
from tests.doubles import SesDouble
from tests.e2e.books import arrived_at, check_books, printed_sum
from tests.e2e.killing import Step
from tests.e2e.publications import SEND, Forks, Publication, through_ses

pytestmark = pytest.mark.slow

READERS = 16
RATE = 40  # a second: 10 are claimed at a time, and 12 may fly
CHUNK = 10
FLYING = 12


@dataclass(frozen=True)
class Kill:
    """One death. `step`: by itself; `fault`: by the double, when this is what the nth call meets."""

    step: Step | None = None
    nth: int = 1
    fault: str = ""

    def __str__(self) -> str:
        return f"{self.step or self.fault} {self.nth}"


@dataclass(frozen=True)
class Row:
    """How often it dies and where, what else goes wrong, and how many may be in doubt in the end."""

    kills: tuple[Kill, ...]
    in_doubt: range
    faults: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        return ", ".join(map(str, self.kills)) + (" and faults" if self.faults else "")


NOBODY = range(1)
CLAIMED = range(CHUNK, CHUNK + 1)
SOME = range(1, FLYING + 1)
MIXED = (
    {"when": {"every": 5}, "do": "throttle"},
    {"when": {"every": 7}, "do": "error_500_after"},
    {"when": {"every": 6}, "do": "reset_before"},
    {"when": {"nth": 9}, "do": "bad_request"},
)

TABLE = [
    Row((Kill(Step.BEFORE_FREEZE),), NOBODY),
    Row((Kill(Step.IN_FREEZE),), NOBODY),
    Row((Kill(Step.AFTER_FREEZE),), NOBODY),
    Row((Kill(Step.BEFORE_JOIN),), NOBODY),
    Row((Kill(Step.IN_JOIN),), NOBODY),
    Row((Kill(Step.AFTER_JOIN),), NOBODY),
    Row((Kill(Step.AFTER_RENEW),), NOBODY),
    Row((Kill(Step.BEFORE_CLAIM),), NOBODY),
    Row((Kill(Step.IN_CLAIM),), NOBODY),
    Row((Kill(Step.AFTER_CLAIM),), CLAIMED),
    Row((Kill(Step.BEFORE_CLAIM, 2),), range(FLYING)),
    Row((Kill(Step.AFTER_CLAIM, 2),), SOME),
    Row((Kill(Step.BEFORE_SEND),), CLAIMED),
    Row((Kill(Step.BEFORE_SEND, 8),), SOME),
    Row((Kill(fault="kill_before"),), CLAIMED),
    Row((Kill(fault="kill_before", nth=7),), SOME),
    Row((Kill(fault="kill_after"),), CLAIMED),
    Row((Kill(fault="kill_after", nth=12),), SOME),
    Row((Kill(fault="kill_after_answer"),), SOME),
    Row((Kill(fault="kill_after_answer", nth=16),), range(FLYING + 1)),  # the answer may be written before it dies
    Row((Kill(Step.AFTER_SEND),), CLAIMED),
    Row((Kill(Step.AFTER_SEND, 16),), SOME),
    Row((Kill(Step.BEFORE_SETTLE),), SOME),
    Row((Kill(Step.IN_SETTLE),), SOME),
    Row((Kill(Step.AFTER_SETTLE),), range(FLYING)),
    Row((Kill(Step.BEFORE_LEAVE),), NOBODY),
    Row((Kill(Step.IN_LEAVE),), NOBODY),
    Row((Kill(Step.AFTER_LEAVE),), NOBODY),
    Row((Kill(Step.BEFORE_FINISH),), NOBODY),
    Row((Kill(Step.IN_FINISH),), NOBODY),
    Row((Kill(Step.AFTER_FINISH),), NOBODY),
    Row((Kill(Step.AFTER_CLAIM), Kill(Step.BEFORE_RENEW), Kill(Step.IN_RENEW), Kill(Step.AFTER_RENEW)), CLAIMED),
    Row((Kill(Step.IN_FREEZE), Kill(Step.AFTER_FREEZE), Kill(Step.IN_CLAIM), Kill(Step.BEFORE_FINISH)), NOBODY),
    Row((Kill(fault="kill_after", nth=2), Kill(Step.AFTER_SEND, 2)), range(2, READERS + 1)),
    Row((Kill(Step.AFTER_CLAIM), Kill(Step.AFTER_CLAIM)), range(READERS, READERS + 1)),
    Row((Kill(Step.BEFORE_SETTLE, 3),), range(1, READERS + 1), MIXED),
    Row((Kill(fault="kill_before", nth=4), Kill(Step.IN_SETTLE, 2)), range(1, READERS + 1), MIXED),
]


@pytest.fixture
def ses(running: SesDouble) -> SesDouble:
    running.reset()
    running.configure(max_send_rate=RATE)
    return running


@pytest.fixture
def publication(tmp_path: Path, fork: Forks, ses: SesDouble) -> Publication:
    return Publication.make(tmp_path, fork, readers=READERS, **through_ses(ses.endpoint))


def die(publication: Publication, ses: SesDouble, kill: Kill, faults: tuple[Mapping[str, Any], ...]) -> None:
    """Send until the process is killed."""
    pid = publication.prepare(*SEND, step=kill.step, nth=kill.nth)
    struck = {"when": {"nth": kill.nth}, "do": f"{kill.fault}:{pid}"}
    ses.script(*([struck] if kill.fault else []), *faults)
    assert publication.start().code == -9


def send_to_the_end(publication: Publication) -> str:
    """Run again and again until the mailing is finished; return what the last run printed."""
    for _ in range(8):
        ended = publication.run(*SEND)
        assert ended.code in {0, 3}, ended.stderr
        if publication.finished():
            return ended.stdout
    pytest.fail(f"the mailing does not end: {ended}")


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_whatever_kills_the_sender_nobody_is_lost_and_nobody_is_doubled(
    publication: Publication, ses: SesDouble, row: Row
) -> None:
    for kill in row.kills:
        die(publication, ses, kill, row.faults)
    ses.script(*row.faults)

    stdout = send_to_the_end(publication)

    where = check_books(publication, arrived_at(ses))
    assert Counter(where.values())[State.IN_DOUBT] in row.in_doubt
    ids = publication.delivery_ids()
    assert all(each.tags["delivery"] == each.delivery_header == ids[each.address] for each in ses.accepted())
    if Step.AFTER_FINISH not in {kill.step for kill in row.kills}:
        intended, parts = printed_sum(stdout)
        assert intended == READERS == sum(parts.values())


def test_no_step_is_left_out() -> None:
    assert {kill.step for row in TABLE for kill in row.kills} - {None} == set(Step)

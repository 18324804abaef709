"""Real processes: pausing, cancelling, scheduling, bulk calls that go wrong, and events that end every doubt."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsletter.core.delivery import State
from tests.doubles import SesDouble
from tests.e2e.books import arrived_at, check_books, printed_sum
from tests.e2e.publications import ISSUE, SEND, Forks, Publication, through_ses

pytestmark = pytest.mark.slow

READERS = 30
SOON = 2.0  # seconds in which what the editor tells takes effect
BUSY = 5  # on a busy machine it takes longer, by so many times what it takes there to tell it
ENOUGH = 60.0  # seconds in which a process ends that is going to


@pytest.fixture
def ses(running: SesDouble) -> SesDouble:
    running.reset()
    return running


@pytest.fixture
def publication(tmp_path: Path, fork: Forks, ses: SesDouble) -> Publication:
    return Publication.make(
        tmp_path, fork, readers=READERS, NEWSLETTER_SES_CONFIGURATION_SET="news", **through_ses(ses.endpoint)
    )


@pytest.fixture
def sending(publication: Publication, ses: SesDouble) -> Iterator[subprocess.Popen[str]]:
    """The program, some messages on its way."""
    ses.configure(max_send_rate=6)
    with publication.program(*SEND) as process:
        until(lambda: ses.counts().get("accepted", 0) >= 3, process)
        yield process
        process.kill()


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


def tell(publication: Publication, wish: str) -> float:
    """Tell a wish from another process; return until when it is to take effect."""
    began = time.time()
    ended = publication.run(wish, ISSUE)
    assert ended.code == 0, ended.stderr
    told = time.time()
    return told + SOON + BUSY * (told - began)


def test_a_pause_and_its_end_take_effect_within_two_seconds(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str]
) -> None:
    paused_by = tell(publication, "pause")
    time.sleep(max(0.0, paused_by - time.time()) + 1)
    while_paused = ses.accepted()
    resumed_by = tell(publication, "resume")
    until(lambda: ses.counts()["accepted"] > len(while_paused), sending)
    going_at = time.time()
    stdout, _ = sending.communicate(timeout=ENOUGH)

    assert max(each.at for each in while_paused) <= paused_by
    assert len(while_paused) < READERS
    assert going_at <= resumed_by
    assert sending.returncode == 0
    assert printed_sum(stdout)[1]["accepted"] == READERS
    assert set(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED}


def test_a_cancelling_takes_effect_within_two_seconds_and_the_rest_can_be_sent_to(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str]
) -> None:
    cancelled_by = tell(publication, "cancel")
    stdout, stderr = sending.communicate(timeout=ENOUGH)
    ended_at = time.time()
    first = ses.accepted()
    where = check_books(publication, arrived_at(ses))
    rest = publication.run(*SEND, "--only-missing")

    assert sending.returncode == 0, stderr
    assert ended_at <= cancelled_by + 1
    assert max(each.at for each in first) <= cancelled_by
    assert Counter(where.values()) == {State.ACCEPTED: len(first), State.SUPPRESSED: READERS - len(first)}
    assert printed_sum(stdout)[0] == READERS
    assert rest.code == 0
    assert printed_sum(rest.stdout)[0] == READERS - len(first)
    assert arrived_at(ses) == dict.fromkeys(publication.readers, 1)


def test_a_paused_sender_that_is_told_to_end_leaves_nothing_in_doubt(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str]
) -> None:
    time.sleep(max(0.0, tell(publication, "pause") - time.time()))
    sending.send_signal(signal.SIGTERM)
    stdout, stderr = sending.communicate(timeout=ENOUGH)
    refused = publication.run(*SEND)
    tell(publication, "resume")
    ended = publication.run(*SEND)

    assert sending.returncode == 130, stderr
    assert printed_sum(stdout)[1]["in doubt"] == 0
    assert (refused.code, ended.code) == (3, 0)
    assert set(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED}


def test_status_watch_follows_a_mailing_to_its_end(publication: Publication, sending: subprocess.Popen[str]) -> None:
    tell(publication, "pause")  # the rest is to be there when the watching begins, however late that is
    with publication.program("status", "--watch") as watching:
        assert watching.stdout
        first = next(line for line in watching.stdout if f" {ISSUE} (paused): {READERS} intended = " in line)
        tell(publication, "resume")
        sending.communicate(timeout=ENOUGH)
        later = [line for line in watching.stdout if f" {ISSUE}: {READERS} intended = " in line]

    assert watching.returncode == 0
    assert len(later) >= 1
    assert len({first, *later}) == len(later) + 1


def test_a_scheduled_mailing_goes_out_when_its_time_has_come(publication: Publication, ses: SesDouble) -> None:
    began = time.monotonic()
    publication.status()
    ahead = 3 + 2 * BUSY * (time.monotonic() - began)  # seconds, in which two commands have to be through
    when = datetime.now(UTC) + timedelta(seconds=ahead)
    frozen = publication.run(*SEND, "--at", when.isoformat())
    publication.add(READERS + 5)  # who joins now is not in it
    early = publication.run("outbox", "run")
    nothing = ses.accepted()
    time.sleep(max(0.0, (when - datetime.now(UTC)).total_seconds()))
    due = publication.run("outbox", "run")

    assert (frozen.code, early.code, due.code) == (0, 0, 0), frozen.stderr
    assert nothing == []
    assert printed_sum(due.stdout)[1]["accepted"] == READERS
    assert arrived_at(ses).total() == READERS
    assert min(each.at for each in ses.accepted()) >= when.timestamp()


@pytest.fixture
def bulk(publication: Publication, ses: SesDouble) -> Publication:
    publication.environment["NEWSLETTER_SES_MODE"] = "bulk"
    ses.configure(max_send_rate=20)
    return publication


def test_in_bulk_each_entry_that_fails_concerns_its_reader_alone(bulk: Publication, ses: SesDouble) -> None:
    ses.script(
        {"when": {"nth": 1}, "do": "entry_status:TRANSIENT_FAILURE", "entry": 1},
        {"when": {"nth": 1}, "do": "entry_status:INVALID_PARAMETER", "entry": 2},
        {"when": {"nth": 1}, "do": "entry_status:MESSAGE_REJECTED", "entry": 3},
    )
    ended = bulk.run(*SEND)
    again = bulk.run(*SEND)

    where = check_books(bulk, arrived_at(ses))
    calls = [call for call in ses.calls() if call.operation == "SendBulkEmail"]
    assert (ended.code, again.code) == (0, 0), ended.stderr
    assert where["reader1@example.net"] is not State.REFUSED, "it was tried again, or nobody knows"
    assert where["reader2@example.net"] is where["reader3@example.net"] is State.REFUSED
    assert Counter(where.values())[State.ACCEPTED] >= READERS - 3
    assert 3 <= len(calls) <= 8


@pytest.mark.parametrize("fault", ["reset_after", "half_answer_after", "error_500_after"])
def test_in_bulk_a_call_without_an_answer_is_in_doubt_as_a_whole(bulk: Publication, ses: SesDouble, fault: str) -> None:
    ses.script({"when": {"operation": "SendBulkEmail", "nth": 2}, "do": fault})

    ended = bulk.run(*SEND)

    in_doubt = Counter(check_books(bulk, arrived_at(ses)).values())[State.IN_DOUBT]
    assert ended.code == 0, ended.stderr
    assert in_doubt in range(1, 11)
    # On a busy machine calls can come so close together that the rate is over for the last entries of this one.
    lost = [call for call in ses.calls() if call.operation == "SendBulkEmail"][1]
    assert arrived_at(ses).total() == READERS - in_doubt + lost.accepted, "nobody is mailed twice"


def test_in_bulk_a_call_that_times_out_after_it_was_accepted_is_proved_by_events(
    bulk: Publication, ses: SesDouble
) -> None:
    ses.configure(max_24_hour_send=20)
    ses.script({"when": {"operation": "SendBulkEmail", "nth": 2}, "do": "timeout_after"})
    today = bulk.run(*SEND, patience=0.5)
    lost = [call for call in ses.calls() if call.operation == "SendBulkEmail"][1]
    unheard = {each.address for each in ses.accepted() if each.call == lost.number}
    doubtful = {address for address, state in bulk.where().items() if state is State.IN_DOUBT}
    ses.configure(max_24_hour_send=-1)
    later = bulk.run(*SEND)
    arrived = arrived_at(ses)
    still_doubtful = {address for address, state in check_books(bulk, arrived).items() if state is State.IN_DOUBT}
    events = bulk.folder / "events.jsonl"
    events.write_text("".join(f"{json.dumps(event)}\n" for event in ses.events()))
    resolved = bulk.run("resolve", ISSUE, "--events", str(events))

    assert (today.code, later.code, resolved.code) == (3, 0, 0), later.stderr
    assert (lost.status, lost.accepted) == (0, len(unheard))
    assert len(unheard) > 1
    assert unheard <= doubtful
    assert still_doubtful == doubtful
    assert {address: arrived[address] for address in unheard} == dict.fromkeys(unheard, 1)
    assert set(check_books(bulk, arrived).values()) == {State.ACCEPTED}
    assert arrived_at(ses) == dict.fromkeys(bulk.readers, 1)


@pytest.mark.parametrize("mode", ["single", "bulk"])
@pytest.mark.parametrize("fault", ["kill_before", "kill_after"])
@pytest.mark.parametrize("envelope", [False, True])
def test_events_prove_every_doubt_of_a_crash(
    publication: Publication, ses: SesDouble, mode: str, fault: str, *, envelope: bool
) -> None:
    publication.environment["NEWSLETTER_SES_MODE"] = mode
    ses.configure(max_send_rate=20, sns_envelope=envelope, event_duplicates=0.3, event_reorder=True)
    pid = publication.prepare(*SEND)
    ses.script({"when": {"nth": 2}, "do": f"{fault}:{pid}"})
    killed = publication.start()
    ses.script({"when": {"every": 4}, "do": "reset_after"})
    for _ in range(8):
        publication.run(*SEND)
        if publication.finished():
            break
    doubtful = Counter(publication.where().values())[State.IN_DOUBT]
    events = publication.folder / "events.jsonl"
    events.write_text("".join(f"{json.dumps(event)}\n" for event in ses.events()))

    resolved = publication.run("resolve", ISSUE, "--events", str(events))

    where = check_books(publication, arrived_at(ses))
    assert (killed.code, resolved.code) == (-9, 0), resolved.stderr
    assert doubtful > 0
    assert {address for address, state in where.items() if state is State.ACCEPTED} == arrived_at(ses).keys()
    ses.script()
    publication.run("resolve", ISSUE, "--again", "all")
    ended = publication.run(*SEND)
    assert ended.code == 0, ended.stderr
    assert arrived_at(ses) == dict.fromkeys(publication.readers, 1)
    assert set(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED}

"""Sending that is asked to stop, runs out of quota, or meets a second sender: nothing in doubt that need not be."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from newsletter.core.delivery import State
from tests.doubles import SesDouble
from tests.e2e.books import arrived_at, check_books, printed_sum
from tests.e2e.killing import Step
from tests.e2e.publications import SEND, Forks, Publication, through_ses

pytestmark = pytest.mark.slow

READERS = 16
HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"
SLOW = {"do": "slow:0.5"}


@pytest.fixture
def ses(running: SesDouble) -> SesDouble:
    running.reset()
    running.configure(max_send_rate=40)
    return running


@pytest.fixture
def publication(tmp_path: Path, fork: Forks, ses: SesDouble) -> Publication:
    return Publication.make(tmp_path, fork, readers=READERS, **through_ses(ses.endpoint))


@pytest.fixture
def sending(publication: Publication, ses: SesDouble) -> Iterator[subprocess.Popen[str]]:
    """The program itself, with a message in flight and, at one a second, many to come."""
    ses.configure(max_send_rate=1)
    ses.script(SLOW)
    with publication.program(*SEND) as process:
        until(lambda: ses.counts().get("accepted", 0) >= 2, process)
        ses.configure(max_send_rate=100)
        yield process
        process.kill()


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    while not condition():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_finishes_what_is_in_flight(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str], number: signal.Signals
) -> None:
    sending.send_signal(number)
    stdout, stderr = sending.communicate(timeout=20)
    intended, parts = printed_sum(stdout)
    in_between = arrived_at(ses)

    ses.script()
    ended = publication.run(*SEND)

    assert sending.returncode == 130, stderr
    assert "goes on where this stopped" in stderr
    assert intended == READERS == sum(parts.values())
    assert parts["accepted"] == in_between.total() < READERS
    assert (parts["in doubt"], parts["pending"]) == (0, READERS - in_between.total())
    assert ended.code == 0
    assert Counter(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED: READERS}


def test_the_second_signal_ends_it_at_once_and_what_was_in_flight_is_in_doubt(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str]
) -> None:
    ses.script({"do": "slow:9"})
    before = ses.counts()["accepted"]
    until(lambda: ses.counts()["accepted"] > before, sending)
    sending.send_signal(signal.SIGINT)
    assert sending.stderr
    while "press Ctrl-C again" not in (line := sending.stderr.readline()):
        assert line
    sending.send_signal(signal.SIGINT)
    code = sending.wait(timeout=5)

    ses.script()
    ended = publication.run(*SEND)

    assert code == 130
    assert ended.code == 0, ended.stderr
    assert "more in doubt; settle them: newsletter resolve" in ended.stderr
    assert 1 <= Counter(check_books(publication, arrived_at(ses)).values())[State.IN_DOUBT] <= 3


def test_the_second_signal_gives_the_terminal_its_cursor_back(publication: Publication, ses: SesDouble) -> None:
    ses.script({"do": "slow:9"})
    terminal, slave = pty.openpty()
    with publication.program(*SEND, stderr=slave) as process:
        os.close(slave)
        until(lambda: ses.counts().get("accepted", 0) >= 1, process)
        process.send_signal(signal.SIGINT)
        shown = _shown_until("press Ctrl-C again", terminal)
        process.send_signal(signal.SIGINT)
        shown += _shown_until("", terminal)
    os.close(terminal)

    assert process.returncode == 130
    assert HIDE_CURSOR in shown
    assert shown.rindex(SHOW_CURSOR) > shown.rindex(HIDE_CURSOR)


def _shown_until(words: str, terminal: int) -> str:
    """Return what the terminal shows until it has shown these words, or, without any, until its program has ended."""
    shown = ""
    while not words or words not in shown:
        try:
            shown += os.read(terminal, 65_536).decode()
        except OSError:  # the other side is closed
            break
    return shown


def test_a_second_sender_is_turned_away_and_the_first_is_not_disturbed(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str]
) -> None:
    second = publication.run(*SEND)
    undisturbed = sending.poll() is None
    sending.send_signal(signal.SIGTERM)
    sending.communicate(timeout=20)
    ses.script()
    ended = publication.run(*SEND)

    assert (second.code, undisturbed, ended.code) == (3, True, 0)
    assert "another process is sending" in second.stderr
    assert Counter(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED: READERS}


def test_the_quota_of_the_day_stops_it_and_the_next_day_goes_on(publication: Publication, ses: SesDouble) -> None:
    ses.configure(max_24_hour_send=6)

    today = publication.run(*SEND)
    later = publication.run(*SEND)
    ses.configure(clock_offset_seconds=90_000)
    tomorrow = publication.run(*SEND)
    ses.configure(max_24_hour_send=-1)
    at_last = publication.run(*SEND)

    assert [ended.code for ended in (today, later, tomorrow, at_last)] == [3, 3, 3, 0]
    assert "quota" in today.stderr
    assert [printed_sum(ended.stdout)[1]["accepted"] for ended in (today, later, tomorrow)] == [6, 6, 12]
    assert all(call.status == 200 for call in ses.calls())
    assert Counter(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED: READERS}


def test_a_quota_that_others_used_up_meanwhile_is_no_doubt(publication: Publication, ses: SesDouble) -> None:
    ses.script({"when": {"nth": 5}, "do": "quota"})

    stopped = publication.run(*SEND)
    ended = publication.run(*SEND)

    assert (stopped.code, ended.code) == (3, 0)
    assert "Daily message quota exceeded" in stopped.stderr
    assert "goes on where it stopped" in stopped.stderr
    assert Counter(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED: READERS}


def test_throttles_are_waited_out(publication: Publication, ses: SesDouble) -> None:
    ses.script({"when": {"every": 3}, "do": "throttle"})

    ended = publication.run(*SEND)

    assert ended.code == 0
    assert Counter(call.status for call in ses.calls() if call.operation == "SendEmail")[429] >= READERS // 3
    assert Counter(check_books(publication, arrived_at(ses)).values()) == {State.ACCEPTED: READERS}


def test_ses_that_only_fails_stops_the_mailing_before_many_are_in_doubt(
    publication: Publication, ses: SesDouble
) -> None:
    ses.configure(max_send_rate=4)
    ses.script({"do": "error_500_after"})

    stopped = publication.run(*SEND)
    ses.script()
    ses.configure(max_send_rate=100)
    ended = publication.run(*SEND)

    assert (stopped.code, ended.code) == (3, 0)
    assert "in a row in doubt" in stopped.stderr
    where = check_books(publication, arrived_at(ses))
    assert 5 <= Counter(where.values())[State.IN_DOUBT] <= 6
    assert arrived_at(ses).total() == READERS


@pytest.mark.parametrize(
    ("step", "nth", "in_doubt"),
    [
        (Step.AFTER_FREEZE, 1, range(1)),
        (Step.AFTER_CLAIM, 1, range(16, 17)),
        (Step.AFTER_SEND, 3, range(1, 17)),
        (Step.BEFORE_SETTLE, 1, range(1, 17)),
        (Step.AFTER_SETTLE, 2, range(16)),
        (Step.BEFORE_FINISH, 1, range(1)),
    ],
)
def test_the_outbox_loses_and_doubles_nobody_either(
    tmp_path: Path, fork: Forks, step: Step, nth: int, in_doubt: range
) -> None:
    publication = Publication.make(tmp_path, fork, readers=20, NEWSLETTER_TRANSPORT="outbox")

    killed = publication.run(*SEND, step=step, nth=nth)
    ended = publication.run(*SEND)

    files = tmp_path.glob(".newsletter/outbox/*/*.eml")
    arrived = Counter(str(message_from_bytes(file.read_bytes(), policy=policy.SMTP)["To"]) for file in files)
    assert (killed.code, ended.code) == (-9, 0)
    assert Counter(check_books(publication, arrived).values())[State.IN_DOUBT] in in_doubt
    assert printed_sum(ended.stdout)[0] == 20


def test_the_program_itself_is_killed_and_run_again(
    publication: Publication, ses: SesDouble, sending: subprocess.Popen[str]
) -> None:
    sending.kill()
    sending.communicate()
    ses.script()
    with publication.program(*SEND) as process:
        stdout, _ = process.communicate(timeout=20)

    assert (sending.returncode, process.returncode) == (-9, 0)
    assert printed_sum(stdout)[0] == READERS
    assert Counter(check_books(publication, arrived_at(ses)).values())[State.IN_DOUBT] <= 2

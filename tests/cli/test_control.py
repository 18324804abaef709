"""Pausing, cancelling, running what is due, settling doubts and watching, from the command line."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from newsletter.core.delivery import InDoubt, Settlement
from newsletter.core.orders import AT_ONCE, Wish
from newsletter.edges.store import open_store
from tests.cli.running import Terminal

ISSUE = "vol-2-issue-3"


def begin(newsletter: Terminal, issue: str) -> None:
    """Send an issue to the first reader, as a process does that is interrupted then."""
    assert newsletter("send", issue, "--yes", "--canary", "1").code == 3
    with open_store(f"sqlite:///{newsletter.folder}/.newsletter/newsletter.db") as store:
        (mailing,) = store.mailings.of(issue)
        store.mailings.order(mailing, Wish.GO, AT_ONCE, datetime.now(UTC))


@pytest.fixture
def open_mailing(three_readers: Terminal) -> Terminal:
    """Three readers, of whom one has got the issue."""
    begin(three_readers, ISSUE)
    return three_readers


@pytest.fixture
def doubtful(open_mailing: Terminal) -> Terminal:
    """As before, and one delivery is in doubt."""
    with open_store(f"sqlite:///{open_mailing.folder}/.newsletter/newsletter.db") as store:
        (mailing,) = store.mailings.of()
        now = datetime.now(UTC)
        sender = store.senders.join(mailing, now, alone=True)
        batch = store.ledger.claim(sender, 1, now, rate=None)
        store.ledger.settle(sender, [Settlement(each.delivery_id, InDoubt("lost")) for each in batch.claims], now)
        store.senders.leave(sender, now)
    return open_mailing


def test_a_paused_mailing_is_sent_by_nobody_until_it_is_resumed(open_mailing: Terminal) -> None:
    paused = open_mailing("pause", ISSUE)
    send, run = open_mailing("send", ISSUE, "--yes"), open_mailing("outbox", "run")
    status = open_mailing("status")
    resumed = open_mailing("resume", ISSUE)

    assert [answer.code for answer in (paused, send, run, resumed)] == [0, 3, 0, 0]
    assert f"newsletter resume {ISSUE}" in paused.out
    assert f"error: the mailing of {ISSUE} is paused\nhint: newsletter resume {ISSUE} lets it go on\n" in send.err
    assert run.out == ""
    assert "not finished, paused" in status.out
    assert open_mailing("status", "--json").data[0]["wish"] == "go"
    assert open_mailing("send", ISSUE, "--yes").code == 0


def test_to_resume_what_is_not_paused_is_nothing_to_do(open_mailing: Terminal) -> None:
    answer = open_mailing("resume", ISSUE)

    assert answer.code == 0
    assert answer.out == f"unchanged: {ISSUE} is not paused; if its sender has ended, run: newsletter send {ISSUE}\n"


def test_cancelling_accounts_for_the_rest_and_they_can_be_sent_to_later(open_mailing: Terminal) -> None:
    cancelled = open_mailing("cancel", ISSUE)
    again = open_mailing("cancel", ISSUE)
    rest = open_mailing("send", ISSUE, "--only-missing", "--yes", "--json")

    assert cancelled.code == 0
    assert "3 intended = 1 accepted + 0 refused + 2 suppressed + 0 in doubt\n" in cancelled.out
    assert (again.code, rest.code) == (2, 0)
    assert rest.data["account"]["accepted"] == 2
    receipts = [
        json.loads(each.read_bytes()) for each in (open_mailing.folder / "build" / ISSUE).glob("receipt-*.json")
    ]
    assert sorted((each["intended"], each["accepted"], each["suppressed"]) for each in receipts) == [
        (2, 2, 0),
        (3, 1, 2),
    ]


@pytest.mark.parametrize("command", ["pause", "resume", "cancel"])
def test_without_an_open_mailing_there_is_nothing_to_tell(three_readers: Terminal, command: str) -> None:
    answer = three_readers(command, ISSUE)
    assert answer.code == 2
    assert f"error: no mailing of {ISSUE} is open\nhint: see: newsletter status {ISSUE}\n" in answer.err


def test_outbox_run_goes_on_with_what_was_interrupted_and_is_silent_when_nothing_is_due(open_mailing: Terminal) -> None:
    run = open_mailing("outbox", "run")
    silent = open_mailing("outbox", "run")

    assert run.code == 0
    assert "3 intended = 3 accepted" in run.out
    assert (silent.code, silent.out, silent.err) == (0, "", "")


def test_outbox_run_leaves_a_canary_alone_that_the_editor_has_to_look_at(three_readers: Terminal) -> None:
    three_readers("send", ISSUE, "--yes", "--canary", "1")
    run = three_readers("outbox", "run")

    assert (run.code, run.out, run.err) == (0, "", "")
    assert three_readers("send", ISSUE, "--yes").code == 0


def test_outbox_run_tells_of_one_that_cannot_go_on_and_sends_the_others(open_mailing: Terminal) -> None:
    begin(open_mailing, "vol-1-issue-6")
    file = open_mailing.folder / "issues" / f"{ISSUE}.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("signature: Steve", "signature: S."), encoding="utf-8")

    run = open_mailing("outbox", "run")

    assert run.code == 2
    assert "with other contents" in run.err
    assert "3 intended = 3 accepted" in run.out


def test_outbox_run_leaves_alone_what_another_process_is_sending(open_mailing: Terminal) -> None:
    with open_store(f"sqlite:///{open_mailing.folder}/.newsletter/newsletter.db") as store:
        store.senders.join(store.mailings.of()[0], datetime.now(UTC), alone=True)
        run = open_mailing("outbox", "run")

    assert run.code == 0
    assert "is being sent already" in run.err
    assert run.out == ""


def test_doubts_are_listed_with_what_may_be_done(doubtful: Terminal) -> None:
    answer = doubtful("resolve", ISSUE)
    assert answer.code == 0
    assert "1 in doubt\n" in answer.out
    assert "bob@example.com  (lost)\n" in answer.out
    assert f"newsletter resolve {ISSUE} --accepted all " in answer.err
    assert f"newsletter resolve {ISSUE} --again all " in answer.err


def test_it_is_said_when_nothing_is_in_doubt_and_what_may_yet_be(open_mailing: Terminal) -> None:
    nothing = open_mailing("resolve", ISSUE)
    with open_store(f"sqlite:///{open_mailing.folder}/.newsletter/newsletter.db") as store:
        sender = store.senders.join(store.mailings.of()[0], datetime.now(UTC), alone=True)
        store.ledger.claim(sender, 1, datetime.now(UTC), rate=None)
    perhaps = open_mailing("resolve", ISSUE)

    assert (nothing.code, nothing.out, nothing.err) == (0, "", "nothing is in doubt\n")
    assert perhaps.err.startswith("nothing is in doubt\n1 with a sender")
    assert f"newsletter send {ISSUE} " in perhaps.err


def test_events_settle_what_they_prove(doubtful: Terminal) -> None:
    (named,) = doubtful("status", "--json").data[0]["named"]
    event = {"eventType": "Send", "mail": {"messageId": "m-1", "tags": {"delivery": [named["delivery"]]}}}
    (doubtful.folder / "events.jsonl").write_text(json.dumps(event) + "\n", encoding="utf-8")
    (doubtful.folder / "bad.jsonl").write_text(json.dumps(event) + "\nnothing\n", encoding="utf-8")

    wrong = doubtful("resolve", ISSUE, "--events", "bad.jsonl")
    proved = doubtful("resolve", ISSUE, "--events", "events.jsonl")

    assert wrong.code == 2
    assert "bad.jsonl:2:1: is no event of SES; give one JSON event a line\n" in wrong.err
    assert "events.jsonl: 1 are settled\n" in proved.out
    assert doubtful("status", "--json").data[0]["account"]["accepted"] == 2


def test_events_may_come_through_a_pipe(doubtful: Terminal) -> None:
    (named,) = doubtful("status", "--json").data[0]["named"]
    event = {"eventType": "Send", "mail": {"messageId": "m-1", "tags": {"delivery": [named["delivery"]]}}}
    pipe = doubtful.folder / "events.pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(pipe.write_text, json.dumps(event) + "\n", encoding="utf-8")
        assert "events.pipe: 1 are settled\n" in doubtful("resolve", ISSUE, "--events", "events.pipe").out


@pytest.mark.parametrize(("option", "copies"), [("--accepted", 2), ("--again", 3)])
def test_the_editor_decides_on_the_rest(doubtful: Terminal, option: str, copies: int) -> None:
    decided = doubtful("resolve", ISSUE, option, "all")
    doubtful("send", ISSUE, "--yes")

    assert decided.code == 0
    assert decided.out.startswith("1 are ")
    assert len(list((doubtful.folder / ".newsletter/outbox").rglob("*.eml"))) == copies
    assert doubtful("status", "--json").data[0]["account"]["accepted"] == 3


def test_a_doubt_that_is_settled_later_is_settled_in_the_receipt_too(doubtful: Terminal) -> None:
    doubtful("send", ISSUE, "--yes")
    (receipt,) = (doubtful.folder / "build" / ISSUE).glob("receipt-*.json")
    before = json.loads(receipt.read_bytes())
    doubtful("resolve", ISSUE, "--accepted", "all")
    after = json.loads(receipt.read_bytes())

    assert (before["accepted"], before["in doubt"]) == (2, 1)
    assert (after["accepted"], after["in doubt"]) == (3, 0)
    assert receipt.with_suffix(".eml").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--accepted", "x-1"), "not in doubt: x-1"),
        (("--again", "all", "--again", "x-1"), "not in doubt: all, x-1"),
        (("--events", "missing.jsonl"), "missing.jsonl"),
    ],
)
def test_what_cannot_be_resolved_is_said(doubtful: Terminal, options: tuple[str, ...], message: str) -> None:
    answer = doubtful("resolve", ISSUE, *options)
    assert answer.code == 2
    assert message in answer.err


def test_an_issue_that_was_never_sent_has_nothing_to_resolve(three_readers: Terminal) -> None:
    assert three_readers("resolve", ISSUE).code == 2


def test_watching_ends_when_everything_is_finished(open_mailing: Terminal) -> None:
    open_mailing("send", ISSUE, "--yes")
    answer = open_mailing("status", "--watch")
    assert answer.code == 0
    assert "finished" in answer.out

"""What an editor may ask of a send: each option's plan, and one clear message for each value that cannot be used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.core.audience import Audience
from newsletter.core.delivery import NewMailing
from newsletter.core.orders import Orders
from newsletter.edges.store import open_store
from tests.cli.running import Terminal

ISSUE = "vol-2-issue-3"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--rate", "0"), "0 is not a rate"),
        (("--rate", "nan"), "nan is not a rate"),
        (("--rate", "inf"), "inf is not a rate"),
        (("--rate", "fast"), "--rate"),
        (("--keep-free", "100"), "'100' is not a percentage below 100"),
        (("--keep-free", "-5"), "'-5' is not a percentage"),
        (("--keep-free", "some"), "'some' is not a percentage"),
        (("--between", "8-20"), "'8-20' is not a window"),
        (("--between", "08:00-08:00"), "is not a window"),
        (("--between", "08:00-25:00"), "is not a window"),
        (("--between", "08:61-20:00"), "is not a window"),
        (("--at", "tomorrow"), "'tomorrow' is not a time"),
        (("--at", "2026-13-01 09:00"), "is not a time"),
        (("--at", "2020-01-01 09:00"), "is past"),
        (("--at", "0001-01-01T00:00+14:00"), "is past"),
        (("--canary", "0"), "'0' is not a canary"),
        (("--canary", "0%"), "'0%' is not a canary"),
        (("--canary", "1.5"), "'1.5' is not a canary"),
        (("--canary", "100%"), "not a percentage below 100"),
        (("--canary", "few"), "'few' is not a canary"),
        (("--canary", ""), "'' is not a canary"),
        (("--canary", "1", "--canary-minutes", "-1"), "--canary-minutes"),
        (("--canary", "1", "--canary-minutes", "1e12"), "--canary-minutes"),
        (("--warm-up", "0"), "'0' is not a warm-up"),
        (("--warm-up", "200x0.5"), "'200x0.5' is not a warm-up"),
        (("--warm-up", "many"), "'many' is not a warm-up"),
    ],
    ids=" ".join,
)
def test_a_value_that_cannot_be_used_is_one_clear_message(
    three_readers: Terminal, options: tuple[str, ...], message: str
) -> None:
    answer = three_readers("send", ISSUE, "--yes", *options)

    assert answer.code == 2
    assert message in " ".join(answer.err.split())
    assert "Traceback" not in answer.err
    assert three_readers("status", "--json").data == []


@pytest.mark.parametrize(
    ("options", "hint"),
    [(("--join",), "leave --join out"), (("--only-missing",), "leave --only-missing out")],
    ids=" ".join,
)
def test_there_must_be_something_to_join_and_somebody_to_be_missing(
    three_readers: Terminal, options: tuple[str, ...], hint: str
) -> None:
    answer = three_readers("send", ISSUE, "--yes", *options)
    assert answer.code == 2
    assert hint in answer.err


def test_the_plan_says_how_fast_in_which_hours_and_what_goes_first(three_readers: Terminal) -> None:
    said = three_readers(
        "send", ISSUE, "--dry-run", "--rate", "0.5", "--between", "00:00-23:59", "--canary", "34%", "--warm-up", "2x2"
    ).out
    assert "rate       0.5 a second, so about 6 s of sending" in said
    assert "canary     the first 2, then it stops for you to look: no feedback is read\n" in said
    assert ": 2; then the warm-up's day is full" in said
    assert "when       it waits in between; stopped with Ctrl-C, the same command goes on later\n" in said
    assert said.count("when  ") == 3


def test_the_timetable_says_where_it_stops_for_a_canary_that_nobody_listens_to(three_readers: Terminal) -> None:
    said = three_readers("send", ISSUE, "--dry-run", "--canary", "1").out
    assert " UTC: 1; then the canary is out\n" in said
    assert " UTC: 2\n" in said
    assert (
        "when       it stops where the canary is out; once you have looked, the same command sends the rest\n" in said
    )
    assert "it waits in between" not in said


def test_a_continued_warm_up_whose_day_is_full_says_that_nothing_goes_out_today(three_readers: Terminal) -> None:
    three_readers("send", ISSUE, "--yes", "--canary", "1")
    said = three_readers("send", ISSUE, "--dry-run", "--warm-up", "1").out
    assert " UTC: nothing, the warm-up's day is full\n" in said


def test_the_plan_writes_large_rates_in_full_and_what_takes_no_time_as_such(three_readers: Terminal) -> None:
    said = three_readers("send", ISSUE, "--dry-run", "--rate", "2000000", "--at", "2099-12-01 09:00").out
    assert "rate       2,000,000 a second, so less than a second\n" in said
    assert "when       2099-12-01 09:00 UTC: 3\n" in said


def test_a_stretch_names_its_day_once(three_readers: Terminal) -> None:
    said = three_readers("send", ISSUE, "--dry-run", "--rate", "0.01", "--at", "2099-12-01 09:00").out
    assert "when       2099-12-01 09:00 to 09:05 UTC: 3\n" in said
    said = three_readers("send", ISSUE, "--dry-run", "--rate", "0.01", "--at", "2099-12-01 23:59").out
    assert "when       2099-12-01 23:59 to 2099-12-02 00:04 UTC: 3\n" in said


def test_the_plan_for_scripts_has_its_stretches(three_readers: Terminal) -> None:
    data = three_readers("send", ISSUE, "--dry-run", "--json", "--warm-up", "1x1").data

    assert [leg["recipients"] for leg in data["legs"]] == [1, 1, 1]
    assert [leg["why"] for leg in data["legs"]] == ["the warm-up's day is full"] * 2 + [""]
    assert (data["to_send"], data["cost_in_usd"], data["per_day"]) == (3, None, None)


def test_a_canary_of_the_outbox_stops_and_goes_on_when_run_again(three_readers: Terminal) -> None:
    stopped = three_readers("send", ISSUE, "--yes", "--canary", "1")
    ended = three_readers("send", ISSUE, "--yes")

    assert stopped.code == 3
    assert "the canary of 1 is out, and no feedback is read" in stopped.err
    assert "3 intended = 1 accepted + 0 refused + 0 suppressed + 0 in doubt + 2 pending" in stopped.out
    assert ended.code == 0


def test_a_receipt_is_written_at_the_end_and_not_before(three_readers: Terminal) -> None:
    three_readers("send", ISSUE, "--yes", "--canary", "1")
    folder = three_readers.folder / "build" / ISSUE
    before = list(folder.glob("receipt-*"))
    answer = three_readers("send", ISSUE, "--yes")

    assert before == []
    (text,) = folder.glob("receipt-*.txt")
    assert f"receipt in {text}\n" in answer.out
    assert text.read_text(encoding="utf-8").startswith("3 intended = 3 accepted")
    assert {each.suffix for each in folder.glob("receipt-*")} == {".txt", ".json", ".eml"}


def scheduled(newsletter: Terminal, hours: int = 1) -> str:
    return f"{datetime.now(UTC) + timedelta(hours=hours):%Y-%m-%d %H:%M}"


def test_a_scheduled_mailing_is_frozen_and_waits_for_its_time(three_readers: Terminal) -> None:
    when = scheduled(three_readers)
    answer = three_readers("send", ISSUE, "--yes", "--at", when)
    early = three_readers("outbox", "run")
    (told,) = three_readers("status", "--json").data

    assert answer.code == 0
    assert f"goes out at {when} UTC" in answer.out
    assert f"*/5 * * * * newsletter --project {three_readers.folder} outbox run" in answer.out
    assert (early.code, early.out, early.err) == (0, "", "")
    assert told["account"]["pending"] == 3
    assert told["begins_at"].startswith(when.replace(" ", "T"))
    assert f"not finished, to begin {when} UTC" in three_readers("status").out
    assert three_readers("cancel", ISSUE).code == 0
    assert three_readers("send", ISSUE, "--yes", "--json").data["account"]["accepted"] == 3


def test_a_scheduled_mailing_that_nobody_began_is_due(three_readers: Terminal) -> None:
    with open_store(f"sqlite:///{three_readers.folder}/.newsletter/newsletter.db") as store:
        past = Orders(begin=datetime(2026, 1, 2, 9, tzinfo=UTC))
        store.mailings.freeze(NewMailing(ISSUE, "abc", "Hello", "outbox", past), Audience(), datetime.now(UTC))

    assert "not finished, due since 2026-01-02 09:00 UTC" in three_readers("status").out


def test_a_schedule_can_be_read_by_scripts_and_given_with_an_offset(three_readers: Terminal) -> None:
    data = three_readers("send", ISSUE, "--yes", "--json", "--at", "2099-12-01T09:00+02:00").data
    assert data["begins_at"] == "2099-12-01T07:00:00+00:00"


def test_a_folder_with_a_space_stays_one_word_in_the_crontab(three_readers: Terminal) -> None:
    folder = three_readers.folder.rename(three_readers.folder.parent / "my letter")
    moved = Terminal(folder, three_readers.capture, three_readers.patch)
    said = moved("send", ISSUE, "--yes", "--at", scheduled(moved)).out
    assert f"newsletter --project '{folder}' outbox run" in said

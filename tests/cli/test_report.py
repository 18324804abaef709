from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from newsletter.core.acts import Unsubscribe
from newsletter.core.audience import Audience
from newsletter.core.delivery import NewMailing
from newsletter.core.orders import Orders
from newsletter.core.ports.readers import Whom
from newsletter.edges.files import Project
from newsletter.edges.store import Store, open_store
from newsletter.flows.build import edition
from tests.cli.running import Terminal
from tests.mailed import FIRST, SECOND, accepted, event, made_up, mailed, readers, tell
from tests.stores import empty_store

QUEUE = "ses: {region: eu-west-1, feedback_queue: 'https://sqs.eu-west-1.amazonaws.com/1/queue'}\n"
TRACKED = "track: {opens: true, clicks: true}\n"
FILES = Path(__file__).parent / "reports"

Fill = Callable[[Store], object]


def filled(newsletter: Terminal, fill: Fill, settings: str = QUEUE + TRACKED) -> Terminal:
    """Put a made-up store into the publication, which sends through SES."""
    file = newsletter.folder / "publication.yaml"
    file.write_text(file.read_text("utf-8").replace("transport: outbox\n", f"transport: ses\n{settings}"), "utf-8")
    with open_store(empty_store(newsletter.folder / ".newsletter")) as store:
        fill(store)
    newsletter.patch.setenv("COLUMNS", "80")
    return newsletter


def as_built(newsletter: Terminal) -> Fill:
    """Make up a store in which the very build of the issue was sent."""
    return lambda store: made_up(store, edition(Project(newsletter.folder), "vol-2-issue-3", {}).build.digest)


def one_mailing(store: Store) -> None:
    store.subscribers.put(readers(6), FIRST)
    mailed(store, "vol-2-issue-3", FIRST)


def heard(store: Store) -> None:
    one_mailing(store)
    (mailing,) = store.mailings.of()
    tell(store, event(accepted(store, mailing)[0].delivery_id, FIRST))


def rehearsed(store: Store) -> None:
    store.subscribers.put(readers(6), FIRST)
    mailed(store, "vol-2-issue-3", FIRST, transport="outbox")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_report_reads_so_in_the_terminal(newsletter: Terminal, columns: int) -> None:
    filled(newsletter, as_built(newsletter)).patch.setenv("COLUMNS", str(columns))
    answer = newsletter("report")
    assert answer.out == (FILES / f"terminal-{columns}.txt").read_text("utf-8")
    assert max(map(len, answer.out.splitlines())) <= columns


def test_a_report_for_a_sponsor_tells_clicks_on_their_links_and_no_bounces(newsletter: Terminal) -> None:
    issue = newsletter.folder / "issues/vol-2-issue-3.yaml"
    sponsor = (
        "\n  - kind: sponsor\n    name: Acme | Sons\n    text: Hello.\n    label: Go\n"
        "    url: https://finds.example.com/2026/massachusetts-v2x-participants\n"
    )
    text = issue.read_text("utf-8")
    head, blocks = text.split("blocks:\n", 1)
    issue.write_text(f"{head}blocks:{sponsor}{blocks}", "utf-8")
    assert filled(newsletter, made_up)("report", "--markdown").out == (FILES / "sponsor.md").read_text("utf-8")


def test_no_answer_holds_an_address_or_what_a_link_says_of_a_reader(newsletter: Terminal) -> None:
    filled(newsletter, made_up)
    page = Path(newsletter("report", "--html").out.strip()).read_text("utf-8")
    answers = [newsletter("report", *option).out for option in ((), ("--json",), ("--markdown",))]
    for answer in [*answers, page]:
        assert "vol-2-issue-3" in answer
        assert not re.search(r"[\w.]+@(mail|post|lovelace)\.example|lovelace|who=", answer)


def test_json_has_the_same_figures(newsletter: Terminal) -> None:
    (found,) = filled(newsletter, as_built(newsletter))("report", "vol-2-issue-3", "--json").data["mailings"]
    assert found["account"] == {"intended": 40, "accepted": 39, "refused": 1}
    outcome = found["outcome"]
    parts = [outcome[part] for part in ("delivered", "bounced", "nothing_heard")]
    assert (sum(parts), parts, outcome["unsubscribed"]) == (39, [35, 3, 1], 2)
    assert found["clicks"] == {"people": 2, "only_machines": 1, "totals": {"by_people": 5, "by_machines": 3}}
    assert [each["place"]["position"] for each in found["links"] if each["place"] and each["clicks"] == 3] == [1]
    assert [each["issue"] for each in found["earlier"]] == ["vol-1-issue-6"]
    assert (found["growth"][-1]["total"], found["source_changed"]) == (34, False)


def test_a_publication_that_sent_nothing_has_nothing_to_report(newsletter: Terminal) -> None:
    answer = newsletter("report")
    assert (answer.code, answer.out) == (0, "")
    assert "nothing was sent yet" in answer.err
    assert newsletter("report", "--json").data == {"mailings": []}
    named = newsletter("report", "vol-2-issue-3")
    assert (named.code, "vol-2-issue-3 was never sent" in named.err) == (2, True)


def test_what_went_to_the_outbox_has_an_account_and_no_figures(newsletter: Terminal) -> None:
    filled(newsletter, rehearsed)
    assert newsletter("report").out == ""  # nothing went through SES
    shown = newsletter("report", "vol-2-issue-3").out
    assert "6 intended" in shown
    assert "went to the outbox" in shown
    assert not re.search("delivered|Bounces|opened", shown)
    assert "not known" in newsletter("report", "vol-2-issue-3", "--markdown").out
    assert newsletter("report", "vol-2-issue-3", "--json").data["mailings"][0]["outcome"] is None


def test_without_a_queue_a_report_says_that_nothing_is_known(newsletter: Terminal) -> None:
    shown = filled(newsletter, one_mailing, "ses: {region: eu-west-1}\n")("report").out
    assert "ses.feedback_queue is not set" in shown
    assert not re.search("delivered|Bounces|opened", shown)


def test_without_a_queue_events_that_were_taken_in_still_count(newsletter: Terminal) -> None:
    shown = filled(newsletter, made_up, "ses: {region: eu-west-1}\n")("report").out
    assert re.search(r"delivered +35", shown)


def test_tracking_that_is_off_is_off_and_not_zero(newsletter: Terminal) -> None:
    shown = filled(newsletter, one_mailing, QUEUE)("report").out
    assert re.search(r"^  opened +off$", shown, re.MULTILINE)
    assert "Clicks are not tracked (track.clicks in publication.yaml)." in shown
    assert "Links" not in shown
    assert newsletter("report", "--json").data["mailings"][0]["clicks"] is None


def test_a_mailing_from_before_there_was_tracking_is_not_said_to_have_been_opened_by_nobody(
    newsletter: Terminal,
) -> None:
    def untracked_before(store: Store) -> None:
        store.subscribers.put(readers(6), FIRST)
        old = mailed(store, "vol-1-issue-6", FIRST)
        new = mailed(store, "vol-2-issue-3", SECOND)
        tell(store, event(accepted(store, old)[0].delivery_id, FIRST))
        tell(store, event(accepted(store, new)[0].delivery_id, SECOND))

    (found,) = filled(newsletter, untracked_before)("report", "--json").data["mailings"]
    (earlier,) = found["earlier"]
    assert (found["outcome"]["opened"], found["outcome"]["clicked"]) == (0, 0)
    assert (earlier["opened"], earlier["clicked"]) == (None, None)


def test_a_sponsor_is_told_that_tracking_is_off(newsletter: Terminal) -> None:
    assert "| clicked | not tracked | |" in filled(newsletter, heard, QUEUE)("report", "--markdown").out


def test_until_something_comes_back_a_report_says_what_to_do(newsletter: Terminal) -> None:
    shown = filled(newsletter, one_mailing)("report").out
    assert "Nothing has come back yet. newsletter feedback takes in" in shown
    assert re.search("^  complaints of delivered +– +too few ", shown, re.MULTILINE)
    assert "| delivered | not known yet | |" in newsletter("report", "--markdown").out


def test_a_list_with_one_reader_names_no_domain(newsletter: Terminal) -> None:
    def alone(store: Store) -> None:
        store.subscribers.put(readers(1), FIRST)
        mailing = mailed(store, "vol-2-issue-3", FIRST)
        tell(store, event(accepted(store, mailing)[0].delivery_id, FIRST))

    shown = filled(newsletter, alone)("report").out
    assert re.search("^  all +1 +0 +0.0% +0$", shown, re.MULTILINE)
    assert "A domain with fewer than 5 readers is not named." in shown
    assert "Nothing has come back yet" not in shown


def test_a_mailing_under_way_says_so(newsletter: Terminal) -> None:
    def begun(store: Store) -> None:
        store.subscribers.put(readers(6), FIRST)
        store.mailings.freeze(NewMailing("vol-2-issue-3", "abc", "Hello", "ses"), Audience(), SECOND)

    shown = filled(newsletter, begun)("report").out
    assert "still under way" in shown
    assert re.search(r"still to be sent +6 +100.0%", shown)


def test_the_last_finished_mailing_is_taken_before_one_under_way(newsletter: Terminal) -> None:
    def begun(store: Store) -> None:
        made_up(store)
        store.mailings.freeze(NewMailing("vol-2-issue-4", "abc", "Hello", "ses"), Audience(), SECOND)

    assert filled(newsletter, begun)("report").out.startswith("vol-2-issue-3,")
    assert newsletter("report", "vol-1-issue-6").out.startswith("vol-1-issue-6,")


def test_a_mailing_that_was_scheduled_counts_from_when_it_goes_out(newsletter: Terminal) -> None:
    def waits(store: Store) -> None:
        heard(store)
        (mailing,) = store.mailings.of()
        new = NewMailing("vol-2-issue-4", "abc", "Hello", "ses", Orders(begin=SECOND))
        store.mailings.freeze(new, Audience(), FIRST + timedelta(days=1))
        leaver = Whom(accepted(store, mailing)[0].address)
        store.readers.change(leaver, Unsubscribe("through the public pages"), FIRST + timedelta(days=2))

    shown = filled(newsletter, waits)("report", "vol-2-issue-3").out
    assert re.search("^  unsubscribed +1 ", shown, re.MULTILINE)  # the next issue has not gone out yet
    assert f"vol-2-issue-4, sent {SECOND:%Y-%m-%d}" in newsletter("report", "vol-2-issue-4", "--markdown").out


def test_mailings_stand_in_the_order_in_which_they_went_out(newsletter: Terminal) -> None:
    def overtaken(store: Store) -> None:
        store.subscribers.put(readers(6), FIRST)
        mailed(store, "vol-2-issue-3", FIRST, orders=Orders(begin=SECOND))
        other = mailed(store, "vol-1-issue-6", FIRST + timedelta(days=1))
        leaver = Whom(accepted(store, other)[0].address)
        store.readers.change(leaver, Unsubscribe("through the public pages"), FIRST + timedelta(days=2))

    last = filled(newsletter, overtaken)("report", "--json").data["mailings"][0]
    assert last["issue"] == "vol-2-issue-3"
    assert [(each["issue"], each["unsubscribed"]) for each in last["earlier"]] == [("vol-1-issue-6", 1)]


def test_the_growth_of_the_list_is_shown_once_however_many_mailings_an_issue_had(newsletter: Terminal) -> None:
    def twice(store: Store) -> None:
        one_mailing(store)
        store.subscribers.put(readers(8), SECOND)
        mailed(store, "vol-2-issue-3", SECOND)

    shown = filled(newsletter, twice)("report").out
    page = Path(newsletter("report", "--html").out.strip()).read_text("utf-8")

    assert shown.count(" intended") == page.count(" intended</h3>") == 2
    assert shown.count("Growth of the list") == page.count("<h3>Growth of the list") == 1
    assert shown.rindex(" intended") < shown.index("Growth of the list")
    assert all(each["growth"] for each in newsletter("report", "--json").data["mailings"])


def test_an_issue_whose_file_is_gone_still_has_a_report(newsletter: Terminal) -> None:
    filled(newsletter, made_up)
    (newsletter.folder / "issues/vol-2-issue-3.yaml").unlink()
    shown = newsletter("report").out
    assert re.search(r"other +finds.example.com +2 +3", shown)
    assert "The issue's file is not what was sent" in shown


def test_one_answer_at_a_time(newsletter: Terminal) -> None:
    answer = newsletter("report", "--html", "--json")
    assert (answer.code, "ask for one of them" in answer.err) == (2, True)


def test_a_sponsor_is_not_told_of_a_mailing_that_was_cancelled_before_it_reached_anybody(newsletter: Terminal) -> None:
    def cancelled(store: Store) -> None:
        one_mailing(store)
        new = NewMailing(issue="vol-2-issue-3", digest="abc", subject="Taken back", transport="ses")
        mailing = store.mailings.freeze(new, Audience(), SECOND)
        store.mailings.finish(mailing, SECOND)

    told = filled(newsletter, cancelled, QUEUE)("report", "vol-2-issue-3", "--markdown").out
    assert told.count("| recipients |") == 1
    assert "Taken back" not in told

"""From a send to its events, over HTTP: a hostile Amazon SES, SNS and SQS of ministack, and the program itself."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from newsletter.core.delivery import Return, State
from newsletter.core.subscriber import Standing
from newsletter.edges.store import open_store
from tests.doubles import Accepted, SesDouble
from tests.e2e.books import printed_sum
from tests.e2e.publications import ISSUE, SEND, Forks, Publication, through_ses
from tests.queues import Queue, queue
from tests.standins import running_ministack

pytestmark = pytest.mark.slow

READERS = 12
NEXT = "vol-1-issue-7"
WITHIN = 60.0  # seconds, on a machine that is busy


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        with running_ministack(tmp_path_factory.mktemp("ministack")) as endpoint:
            yield endpoint


@pytest.fixture
def waiting(ministack: str, request: pytest.FixtureRequest) -> Iterator[Queue]:
    with queue(ministack, request.node.name.replace("[", "-").replace("]", "")[:70]) as made:
        yield made


@pytest.fixture
def ses(running: SesDouble) -> SesDouble:
    running.reset()
    running.configure(
        identities=["v2gnews.example.com"], check_signature=False, event_duplicates=0.4, event_reorder=True
    )
    return running


@pytest.fixture
def publication(tmp_path: Path, fork: Forks, ses: SesDouble, waiting: Queue) -> Publication:
    settings = {"NEWSLETTER_SES_CONFIGURATION_SET": "main", "NEWSLETTER_SES_FEEDBACK_QUEUE": waiting.url}
    made = Publication.make(tmp_path, fork, readers=READERS, **through_ses(ses.endpoint), **settings)
    text = (tmp_path / "issues" / f"{ISSUE}.yaml").read_text(encoding="utf-8").replace("number: 6", "number: 7")
    (tmp_path / "issues" / f"{NEXT}.yaml").write_text(text, encoding="utf-8")
    return made


def rule(number: int, outcome: str) -> dict[str, Any]:
    return {"when": {"recipient": f"reader{number}@example.net"}, "do": outcome}


def fed(publication: Publication) -> dict[str, Any]:
    """Run `newsletter feedback --json`; return its document."""
    ended = publication.run("feedback", "--json")
    assert ended.code == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def test_who_bounced_or_complained_is_not_mailed_by_the_next_send(
    publication: Publication, ses: SesDouble, waiting: Queue
) -> None:
    ses.configure(event_rules=[rule(1, "bounce"), rule(2, "complaint"), rule(3, "bounce_transient"), rule(4, "reject")])
    assert publication.run(*SEND).code == 0
    events = ses.events()
    waiting.publish(*events, "not an event", *events[:5])

    told = fed(publication)
    sent = publication.run("send", NEXT, "--yes")

    assert told["messages"] == len(events) + 6
    assert told["suppressed"] == {"bounced": 1, "complained": 1}
    assert told["known_already"] > 0
    assert len(told["set_aside"]) == 1
    assert waiting.depth() == 0
    assert sent.code == 0, sent.stderr
    assert printed_sum(sent.stdout) == (
        READERS,
        {"accepted": READERS - 2, "refused": 0, "suppressed": 2, "in doubt": 0},
    )
    first = [each.address for each in ses.accepted()][:READERS]
    second = [each.address for each in ses.accepted()][READERS:]
    assert set(first) - set(second) == {"reader1@example.net", "reader2@example.net"}
    with open_store(publication.url) as store:
        (mailing,) = store.mailings.of(ISSUE)
        assert store.events.returns(mailing) == {Return.DELIVERED: 8, Return.BOUNCED: 2, Return.COMPLAINED: 1}
        assert store.ledger.account(mailing).counts == {State.ACCEPTED: READERS - 1, State.REFUSED: 1}


def test_what_was_set_aside_is_kept_for_its_owner_alone(publication: Publication, waiting: Queue) -> None:
    waiting.publish("who wrote this? reader1@example.net")

    ended = publication.run("feedback")

    (name,) = [
        line.removeprefix("set aside, see .newsletter/feedback-set-aside.jsonl: ") for line in ended.stderr.splitlines()
    ]
    file = publication.folder / ".newsletter" / "feedback-set-aside.jsonl"
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert ended.stdout == "1 message: none of them an event; 1 set aside\n"
    assert (kept["message"], kept["why"]) == (name, "is no event of SES")
    assert "reader1@example.net" in kept["body"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert publication.run("feedback").stdout == "no messages\n"


def test_deliveries_in_doubt_are_settled_by_proof(publication: Publication, ses: SesDouble, waiting: Queue) -> None:
    publication.environment["NEWSLETTER_SES_MODE"] = "single"
    ses.script({"when": {"every": 3}, "do": "error_500_after"})
    publication.run(*SEND)
    doubts = sum(state is State.IN_DOUBT for state in publication.where().values())
    waiting.publish(*ses.events())

    told = fed(publication)

    assert doubts == told["settled"] > 0
    assert set(publication.where().values()) == {State.ACCEPTED}


def test_a_send_takes_in_what_waits_while_it_runs(publication: Publication, ses: SesDouble, waiting: Queue) -> None:
    publication.run(*SEND)
    ses.configure(event_rules=[rule(5, "complaint")], max_send_rate=4)
    waiting.publish(*ses.events())

    ended = publication.run("send", NEXT, "--yes")

    assert ended.code == 0, ended.stderr
    assert waiting.depth() == 0
    with open_store(publication.url) as store:
        assert sum(store.events.returns(store.mailings.of(ISSUE)[0]).values()) == READERS


def test_a_send_whose_queue_is_gone_says_so_once_and_goes_on(publication: Publication, waiting: Queue) -> None:
    publication.environment["NEWSLETTER_SES_FEEDBACK_QUEUE"] = waiting.url + "-gone"
    ended = publication.run(*SEND)
    assert ended.code == 0
    assert ended.stderr.count("warning: bounces and complaints are not seen while this goes out") == 1


def test_a_wish_to_leave_from_pages_without_a_database_is_granted(publication: Publication, waiting: Queue) -> None:
    with open_store(publication.url) as store:
        leaver = store.subscribers.get("reader7@example.net")
    assert leaver
    wish = {"kind": "unsubscribe", "subscriber": leaver.uid, "mailing": "", "at": "2026-11-22T12:00:00+00:00"}
    waiting.put([json.dumps(wish)] * 2)

    ended = publication.run("feedback")

    assert ended.stdout == "2 messages: 2 unsubscribe; 1 suppressed\n"
    with open_store(publication.url) as store:
        left = store.subscribers.get("reader7@example.net")
    assert left
    assert left.standing is Standing.UNSUBSCRIBED


def test_watching_goes_on_until_ctrl_c(publication: Publication, ses: SesDouble, waiting: Queue) -> None:
    publication.run(*SEND)
    with publication.program("feedback", "--watch") as process:
        assert process.stdout
        first = process.stdout.readline()
        waiting.publish(*ses.events())
        said = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=WITHIN)
    assert process.returncode == 130, stderr
    assert first == "no messages\n"
    assert stderr.startswith("watching the queue; end with Ctrl-C\n")
    assert " send" in said


def test_without_a_queue_there_is_nothing_to_read(publication: Publication) -> None:
    del publication.environment["NEWSLETTER_SES_FEEDBACK_QUEUE"]
    ended = publication.run("feedback")
    assert (ended.code, ended.stdout) == (2, "")
    assert "ses.feedback_queue is not set" in ended.stderr


def clicks(message: Accepted) -> Iterator[dict[str, Any]]:
    """Yield what SES tells when a reader clicks each link of their message, hours apart."""
    html = (message.content or {})["Html"]
    for hour, (tags, link) in enumerate(re.findall(r'<a ses:tags="([^"]*)"[^>]* href="([^"]*)"', html), 1):
        pairs = (each.split(":") for each in tags.split(";"))
        moment = datetime.fromtimestamp(message.at, UTC)
        yield {
            "eventType": "Click",
            "mail": {
                "messageId": message.message_id,
                "timestamp": moment.isoformat(),
                "tags": {"delivery": [message.tags["delivery"]]},
            },
            "click": {
                "timestamp": (moment + timedelta(hours=hour)).isoformat(),
                "link": unescape(link),
                "linkTags": {key: [value] for key, value in pairs},
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            },
        }


def test_clicks_are_reported_where_they_were_made(publication: Publication, ses: SesDouble, waiting: Queue) -> None:
    ses.configure(keep="messages")
    publication.environment["NEWSLETTER_SES_MODE"] = "bulk"
    settings = publication.folder / "publication.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "track: {clicks: true}\n", encoding="utf-8")
    issue = publication.folder / "issues" / f"{ISSUE}.yaml"
    link = "https://acme.example/"
    sponsor = f"  - {{kind: sponsor, name: Acme, text: '[Us]({link})', label: Go, url: '{link}'}}\n"
    issue.write_text(issue.read_text(encoding="utf-8").rstrip() + "\n" + sponsor * 2, encoding="utf-8")
    assert publication.run(*SEND).code == 0
    made = list(clicks(ses.accepted()[0]))
    waiting.publish(*made)

    fed(publication)
    (report,) = json.loads(publication.run("report", "--json").stdout)["mailings"]

    places = [each["place"] for each in report["links"]]
    assert all(each["clicks"] for each in report["links"] if each["place"]["kind"] != "sponsor")
    assert [each["url"] for each in places[-2:]] == [link] * 2
    assert places[-2]["block"] + 1 == places[-1]["block"]
    assert [each["clicks"] for each in report["links"][-2:]] == [2, 2]
    assert sum(each["clicks"] for each in report["links"]) == len(made) == report["clicks"]["totals"]["by_people"]

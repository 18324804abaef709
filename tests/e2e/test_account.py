"""Real processes: what the plan of a send says of the live account, and that nothing begins where that may not send."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.doubles import SesDouble
from tests.e2e.publications import ISSUE, Forks, Publication, through_ses

pytestmark = pytest.mark.slow

QUEUE = "https://sqs.eu-central-1.amazonaws.com/1/queue"


@pytest.fixture
def ses(running: SesDouble) -> SesDouble:
    running.reset()
    running.configure(max_send_rate=14, max_24_hour_send=50_000)
    return running


@pytest.fixture
def publication(tmp_path: Path, fork: Forks, ses: SesDouble) -> Publication:
    return Publication.make(tmp_path, fork, readers=3, NEWSLETTER_SES_FEEDBACK_QUEUE=QUEUE, **through_ses(ses.endpoint))


@pytest.mark.parametrize(
    ("account", "said", "hint"),
    [
        ({"sending_enabled": False}, "SES has paused sending for this account", "resume it in the SES console"),
        ({"enforcement_status": "SHUTDOWN"}, "SES has shut down sending for this account", "write to AWS Support"),
    ],
    ids=["paused", "shut down"],
)
def test_of_an_account_that_may_not_send_a_dry_run_shows_the_plan_and_a_send_stops(
    publication: Publication, ses: SesDouble, account: dict[str, object], said: str, hint: str
) -> None:
    ses.configure(**account)
    dry = publication.run("send", ISSUE, "--dry-run")
    scripted = json.loads(publication.run("send", ISSUE, "--dry-run", "--json").stdout)
    sends = [publication.run("send", ISSUE, *more) for more in ((), ("--yes",), ("--yes", "--at", "2099-12-01 09:00"))]

    assert (dry.code, dry.stderr) == (0, "")
    for part in ("14 a second", "50,000 of 50,000 in these 24 hours", "less than 0.01 USD", said, hint):
        assert part in dry.stdout
    assert (scripted["per_second"], scripted["stopped"]) == (14, said)
    for answer in sends:
        assert answer.code == 3
        assert f"error: {said}\nhint: " in answer.stderr
        assert hint in answer.stdout, "the confirmation shows the plan as well"
        assert "Type " not in answer.stderr
    assert publication.status() == []
    assert {call.operation for call in ses.calls()} == {"GetAccount"}


def test_the_timetable_has_the_wait_for_a_canary_that_is_listened_to(publication: Publication) -> None:
    said = publication.run("send", ISSUE, "--dry-run", "--canary", "1").stdout

    assert "canary      the first 1, then 15 min of waiting\n" in said
    assert " UTC: 1; then the canary's feedback is waited for\n" in said
    assert " UTC: 2\n" in said
    assert "when        it waits in between; stopped with Ctrl-C, the same command goes on later\n" in said

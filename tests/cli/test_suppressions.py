from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.running import Terminal
from tests.doubles import ACCESS_KEY, SECRET_KEY, SesDouble, running_ses

ANA = "ana@example.org"


@pytest.fixture(scope="module")
def running() -> Iterator[SesDouble]:
    with running_ses() as double:
        yield double


@pytest.fixture
def double(running: SesDouble, newsletter: Terminal) -> SesDouble:
    running.reset()
    newsletter.patch.setenv("NEWSLETTER_SES_ENDPOINT_URL", running.endpoint)
    newsletter.patch.setenv("NEWSLETTER_SES_REGION", "eu-central-1")
    newsletter.patch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    newsletter.patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
    newsletter.patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return running


def suppressed(terminal: Terminal) -> dict[str, str]:
    found = map(json.loads, terminal("suppressions", "list", "--json").out.splitlines())
    return {each["email"]: f"{each['standing']} {each['reason']}".strip() for each in found}


def test_an_address_is_blocked_listed_and_released(three_readers: Terminal) -> None:
    assert three_readers("suppressions", "add", ANA, "--reason", "bounce").out == f"{ANA} is bounced\n"
    assert three_readers("suppressions", "add", "eve@example.org", "--reason", "rude").out.endswith(" is disabled\n")
    assert three_readers("suppressions", "add", "EVE@example.org").out.startswith("unchanged: eve@example.org is ")
    assert suppressed(three_readers) == {ANA: "bounced", "eve@example.org": "disabled rude"}
    listed = three_readers("suppressions", "list")
    assert listed.out.splitlines()[0].startswith("bounced ")
    assert listed.err == "2 suppressed\n"
    freed = three_readers("suppressions", "remove", ANA, typed="they wrote to us\n")
    assert (freed.code, freed.out) == (0, f"{ANA} is active\n")
    history = three_readers("subscribers", "show", ANA, "--json").data["history"]
    assert history[-1]["detail"] == "by the editor: they wrote to us, was bounced"


def test_nobody_is_released_without_a_reason_or_who_left(three_readers: Terminal) -> None:
    three_readers("suppressions", "add", ANA)
    assert three_readers("suppressions", "remove", ANA).code == 2
    three_readers("subscribers", "remove", "bob@example.com")
    answer = three_readers("suppressions", "remove", "bob@example.com", "--reason", "please")
    assert answer.code == 2
    assert "only by signing up again" in answer.err
    assert three_readers("suppressions", "remove", "cy@example.net", "--reason", "x").out.startswith("unchanged: ")


@pytest.mark.slow
def test_sync_says_what_it_would_do_asks_and_does_it(three_readers: Terminal, double: SesDouble) -> None:
    double.client().put_suppressed_destination(EmailAddress=ANA, Reason="COMPLAINT")
    three_readers("suppressions", "add", "bob@example.com", "--reason", "bounce")
    plan = "1 on the list of SES: 1 to be blocked here, 0 to be taken off there, 1 to be put there\n"
    assert three_readers("suppressions", "sync", "--dry-run").out == plan
    declined = three_readers("suppressions", "sync", typed="no\n")
    assert (declined.code, declined.out) == (1, "")
    assert plan in declined.err
    assert suppressed(three_readers) == {"bob@example.com": "bounced"}
    done = three_readers("suppressions", "sync", "--yes", "--json").data
    assert done == {"listed": 1, "blocked": 1, "put": 1, "lifted": 0, "refused": 0}
    assert set(suppressed(three_readers)) == {ANA, "bob@example.com"}
    assert three_readers("suppressions", "sync").out.startswith("2 on the list of SES: 0 to be blocked")


def test_sync_without_a_region_says_what_is_missing(newsletter: Terminal) -> None:
    answer = newsletter("suppressions", "sync", "--dry-run")
    assert answer.code == 2
    assert "README" in answer.err

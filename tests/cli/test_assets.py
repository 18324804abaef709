from __future__ import annotations

import socket

import pytest

from tests.cli.running import Terminal

ISSUE = "vol-2-issue-4"
WITH_A_CHART = """\
volume: 2
number: 4
date: 2026-02-17
subject: A school bus earns its keep
preheader: In one chart
blocks:
  - kind: chart
    title: A winter
    labels: [December, January]
    values: [3, 5]
    alt: It earned more in January.
"""


@pytest.fixture
def with_a_chart(three_readers: Terminal) -> Terminal:
    (three_readers.folder / f"issues/{ISSUE}.yaml").write_text(WITH_A_CHART, encoding="utf-8")
    three_readers.patch.setenv("NEWSLETTER_TRANSPORT", "ses")
    three_readers.patch.setenv("NEWSLETTER_SES_REGION", "us-east-1")
    three_readers.patch.setenv("NEWSLETTER_SECRET", "s" * 32)
    return three_readers


def test_without_a_place_for_pictures_there_is_nowhere_to_push_to(with_a_chart: Terminal) -> None:
    answer = with_a_chart("assets", "push")
    assert answer.code == 2
    assert "error: assets is not set: pictures have no place to go\nhint: see 'Pictures' in README.md\n" in answer.err


def test_without_a_bucket_pictures_get_to_their_address_in_another_way(with_a_chart: Terminal) -> None:
    with_a_chart.patch.setenv("NEWSLETTER_ASSETS_URL", "https://pictures.example.com")
    answer = with_a_chart("assets", "push", ISSUE)
    assert answer.code == 2
    assert "error: assets.bucket is not set" in answer.err


def test_pictures_without_an_address_are_not_sent(with_a_chart: Terminal) -> None:
    for arguments in (("--yes",), ("--dry-run",)):
        answer = with_a_chart("send", ISSUE, *arguments)
        assert answer.code == 2
        assert f"error: the pictures of {ISSUE} have no address that readers could load\n" in answer.err
    assert with_a_chart("status", "--json").data == []


def test_without_a_bucket_the_addresses_of_pictures_are_asked(with_a_chart: Terminal) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        closed = f"https://127.0.0.1:{listener.getsockname()[1]}"
    with_a_chart.patch.setenv("NEWSLETTER_ASSETS_URL", closed)
    for arguments in (("send", ISSUE, "--dry-run"), ("test-send", ISSUE, "--to", "me@example.org")):
        answer = with_a_chart(*arguments)
        assert answer.code == 4
        assert f"error: {closed}/" in answer.err
        assert ".png cannot be reached: " in answer.err


def test_the_outbox_needs_no_place_for_pictures(with_a_chart: Terminal) -> None:
    with_a_chart.patch.setenv("NEWSLETTER_TRANSPORT", "outbox")
    plan = with_a_chart("send", ISSUE, "--dry-run", "--json").data
    assert (plan["to_send"], plan["pictures"]) == (3, None)


def test_an_issue_without_pictures_has_nothing_to_push(with_a_chart: Terminal) -> None:
    for name, value in (("URL", "https://pictures.example.com"), ("BUCKET", "letter"), ("REGION", "us-east-1")):
        with_a_chart.patch.setenv(f"NEWSLETTER_ASSETS_{name}", value)
    answer = with_a_chart("assets", "push", "vol-1-issue-6")
    assert answer.code == 0
    assert answer.out == "vol-1-issue-6 has no pictures\n"

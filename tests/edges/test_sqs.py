"""The queue: against a stand-in that others wrote, and against answers that nobody should give."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from newsletter.core.feedback import Kind
from newsletter.core.ports.feedback import Received
from newsletter.core.publication import SesSettings
from newsletter.core.ses_events import read_event
from newsletter.edges.sqs import Sqs, place_of
from newsletter.errors import EdgeError, NewsletterError, NotConfigured
from tests.core.test_ses_events import recorded
from tests.edges.answering import Answering, answering
from tests.edges.speaking import SECRET, ok
from tests.queues import queue
from tests.standins import running_ministack

Opener = Callable[..., Sqs]
NO_QUEUE = '{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "The specified queue does not exist."}'
DENIED = '{"__type": "com.amazon.coral.service#AccessDeniedException", "message": "Not yours"}'


@pytest.fixture(scope="module")
def ministack(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_ministack(tmp_path_factory.mktemp("ministack")) as endpoint:
        yield endpoint


@pytest.fixture
def opened(environment: pytest.MonkeyPatch) -> Iterator[Opener]:
    made: list[Sqs] = []

    def make(url: str | None, **settings: Any) -> Sqs:
        made.append(Sqs(SesSettings(region="us-east-1", feedback_queue=url, **settings), patience=0.5, tries=1))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("raw", ["wrapped", "raw"])
def test_what_sns_publishes_is_received_and_deleted(ministack: str, opened: Opener, raw: str) -> None:
    with queue(ministack, f"events-{raw}", raw=raw == "raw") as waiting:
        inbox = opened(waiting.url)
        waiting.publish(recorded("delivery"), recorded("bounce-transient-mailboxfull"))

        received = inbox.receive(1)
        kinds = {event.kind for each in received if (event := read_event(each.body))}
        inbox.delete(received)

        assert kinds == {Kind.DELIVERY, Kind.BOUNCE}
        assert waiting.depth() == 0
        assert inbox.receive(0) == []


@pytest.mark.slow
def test_many_are_received_and_deleted_in_portions(ministack: str, opened: Opener) -> None:
    with queue(ministack, "many") as waiting:
        inbox = opened(waiting.url)
        waiting.put(json.dumps({"number": number}) for number in range(1_205))
        bodies, portions = set[str](), 0

        while received := inbox.receive(1):
            assert len(received) <= 1_080
            bodies |= {each.body for each in received}
            portions += 1
            inbox.delete(received)

        assert len(bodies) == 1_205
        assert portions < 10
        assert waiting.depth() == 0


@pytest.mark.slow
def test_what_is_not_deleted_is_hidden_and_not_gone(ministack: str, opened: Opener) -> None:
    with queue(ministack, "hidden") as waiting:
        inbox = opened(waiting.url)
        waiting.put(["one"])
        assert [each.body for each in inbox.receive(1)] == ["one"]
        assert inbox.receive(0) == []
        assert waiting.depth() == 1


@pytest.mark.slow
def test_an_empty_queue_is_waited_for(ministack: str, opened: Opener) -> None:
    with queue(ministack, "empty") as waiting:
        began = time.monotonic()
        assert opened(waiting.url).receive(1) == []
        assert time.monotonic() - began >= 0.9


@pytest.mark.slow
def test_a_queue_that_is_not_there_is_named(ministack: str, opened: Opener) -> None:
    missing = f"{ministack}/000000000000/no-such-queue"
    with pytest.raises(EdgeError, match=f"the queue {missing} cannot be read") as raised:
        opened(missing).receive(0)
    assert "ses.feedback_queue" in raised.value.hint


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (ok(NO_QUEUE, "400 Bad Request"), "QueueDoesNotExist", "make the queue"),
        (ok(DENIED, "403 Forbidden"), "AccessDeniedException: Not yours", "sqs:ReceiveMessage"),
        (ok("{}", "503 Service Unavailable"), "503", "again"),
        (ok('{"Messages": [{}]}', "200 OK"), "no readable answer", "again"),
        (ok('{"Messages": 7}', "200 OK"), "no readable answer", "again"),
        (ok("<html>", "200 OK"), "no readable answer", "again"),
        (b"", "no readable answer", "again"),
        (b"\x16\x03\x01 not HTTP", "no readable answer", "again"),
    ],
)
def test_whatever_is_answered_is_an_error_that_helps(
    server: Answering, opened: Opener, answer: bytes, message: str, hint: str
) -> None:
    server.answer = answer
    with pytest.raises(NewsletterError) as raised:
        opened(f"http://127.0.0.1:{server.port}/123456789012/newsletter").receive(0)
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert SECRET not in f"{raised.value.message} {raised.value.hint}"


def test_what_cannot_be_deleted_is_an_error_too(server: Answering, opened: Opener) -> None:
    server.answer = ok(DENIED, "403 Forbidden")
    inbox = opened(f"http://127.0.0.1:{server.port}/123456789012/newsletter")
    with pytest.raises(EdgeError, match="AccessDeniedException") as raised:
        inbox.delete([Received(f"n-{number}", f"r-{number}", "") for number in range(25)])
    assert "sqs:DeleteMessage" in raised.value.hint


def test_where_nobody_answers_the_network_is_to_be_checked(opened: Opener, closed_port: str) -> None:
    with pytest.raises(EdgeError, match="cannot be reached: EndpointConnectionError") as raised:
        opened(f"{closed_port}/123456789012/newsletter").receive(0)
    assert "network" in raised.value.hint


def test_without_credentials_it_says_so(opened: Opener, environment: pytest.MonkeyPatch, closed_port: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        with pytest.raises(NotConfigured, match="Unable to locate credentials") as raised:
            opened(f"{closed_port}/123456789012/newsletter").receive(0)
    assert "'Feedback' in README.md" in raised.value.hint


def test_an_unknown_profile_and_no_queue_are_told_before_anything_is_asked(opened: Opener, closed_port: str) -> None:
    with pytest.raises(NotConfigured, match="profile"):
        opened(f"{closed_port}/1/newsletter", profile="nobody")
    with pytest.raises(NotConfigured, match=r"ses\.feedback_queue is not set"):
        opened(None)


@pytest.mark.parametrize(
    ("url", "region", "endpoint"),
    [
        ("https://sqs.eu-central-1.amazonaws.com/123456789012/newsletter", "eu-central-1", None),
        ("https://eu-west-1.queue.amazonaws.com/123456789012/newsletter", "eu-west-1", None),
        ("https://queue.amazonaws.com/123456789012/newsletter", "us-east-1", None),
        ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/letter", "cn-north-1", None),
        ("http://localhost:4566/000000000000/newsletter", "eu-north-1", "http://localhost:4566"),
    ],
)
def test_the_region_of_a_queue_of_amazon_is_that_of_its_url(url: str, region: str, endpoint: str | None) -> None:
    assert place_of(url, "eu-north-1") == (region, endpoint)

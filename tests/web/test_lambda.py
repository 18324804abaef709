"""The door out without a server: tokens checked by the keys alone, wishes put into a real queue's stand-in."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from mangum import Mangum

from newsletter.core.links import Bearer, LinkMaker
from newsletter.edges.files import Project
from newsletter.errors import NotConfigured
from newsletter.web.lambda_ import leaving_app
from newsletter.wiring import Here
from tests.conftest import copy_of_publication
from tests.standins import running_ministack

KEY = "k" * 32
LINKS = LinkMaker("https://v2gnews.example.com", [KEY])
BEARER = Bearer("subscriber-uid", "may")


@dataclass
class Function:
    """The function as Lambda has it, and the queue."""

    here: Here
    queue: Any
    url: str

    def __call__(self, method: str, path: str, body: bytes = b"", kind: str = "") -> dict[str, Any]:
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": {"content-type": kind, "content-length": str(len(body)), "host": "letters.example.com"},
            "requestContext": {
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}
            },
            "body": b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        with ThreadPoolExecutor(1) as place:  # where no loop runs: a browser's may, after other tests
            return place.submit(self._answer, event).result()

    def _answer(self, event: dict[str, Any]) -> dict[str, Any]:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return dict(Mangum(leaving_app(self.here), lifespan="off")(event, None))  # type: ignore[arg-type]
        finally:
            loop.close()

    def waiting(self) -> list[dict[str, Any]]:
        """Return the messages of the queue, and take them out."""
        got = self.queue.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        for each in got:
            self.queue.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return [json.loads(each["Body"]) for each in got]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_ministack(tmp_path_factory.mktemp("ministack")) as running:
        yield running


@pytest.fixture
def function(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    queue: Any = boto3.client("sqs", "us-east-1", endpoint_url=endpoint)
    url = queue.create_queue(QueueName="events")["QueueUrl"]
    environment = {
        "NEWSLETTER_SECRET": KEY,
        "NEWSLETTER_SES_FEEDBACK_QUEUE": url,
        "NEWSLETTER_SES_REGION": "us-east-1",
        "NEWSLETTER_STORE": "postgresql+psycopg://nobody@localhost:1/nothing",
    }
    yield Function(Here(Project(copy_of_publication(tmp_path / "publication")), environment), queue, url)
    queue.delete_queue(QueueUrl=url)
    queue.close()


def path(name: str = "unsubscribe") -> str:
    return LINKS.make(name, BEARER).removeprefix("https://v2gnews.example.com")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
        ),
    ],
)
def test_one_click_puts_the_wish_into_the_queue(function: Function, kind: str, body: bytes) -> None:
    answer = function("POST", path(), body, kind)
    assert answer["statusCode"] == 200
    assert "You have left" in answer["body"]
    (wish,) = function.waiting()
    at = datetime.fromisoformat(wish.pop("at"))
    assert timedelta() <= datetime.now(UTC) - at < timedelta(minutes=1)
    assert wish == {"kind": "unsubscribe", "subscriber": "subscriber-uid", "mailing": "may"}


def test_looking_and_what_was_not_made_here_put_nothing_into_it(function: Function) -> None:
    page = function("GET", path())
    assert page["statusCode"] == 200
    assert "<button" in page["body"]
    assert page["headers"]["content-security-policy"].startswith("default-src 'none'")
    for method, wrong in (("POST", path()[:-1]), ("POST", path("view")), ("GET", "/subscribe"), ("PUT", path())):
        assert function(method, wrong)["statusCode"] in {404, 405}
    assert function.waiting() == []


def test_when_the_queue_fails_nobody_is_told_that_they_left(
    function: Function, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = Here(
        function.here.project, {**function.here.environment, "NEWSLETTER_SES_FEEDBACK_QUEUE": function.url + "x"}
    )
    answer = Function(gone, function.queue, function.url)("POST", path(), b"List-Unsubscribe=One-Click")
    assert answer["statusCode"] == 503
    assert "You have left" not in answer["body"]
    assert BEARER.subscriber_uid not in capsys.readouterr().err


def test_it_does_not_begin_without_a_queue(function: Function) -> None:
    environment = {**function.here.environment, "NEWSLETTER_SES_FEEDBACK_QUEUE": ""}
    with pytest.raises(NotConfigured, match="feedback_queue"):
        leaving_app(Here(function.here.project, environment))

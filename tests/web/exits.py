"""The three ways to run the door out, each asked as readers reach it: `serve`, Mangum's function, the inline one."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Protocol

from mangum import Mangum

from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Standing
from newsletter.web.inline import function_code
from newsletter.web.lambda_ import leaving_app
from newsletter.web.public.guard import SafeHeaders
from newsletter.web.public.pages import pages_of
from newsletter.wiring import Here
from tests.web.public.conftest import Answer, Doors

FORM = "application/x-www-form-urlencoded"


class Exit(Protocol):
    """A door out that is open."""

    def ask(self, method: str, path: str, body: str = "", kind: str = FORM) -> Answer:
        """Send one request."""
        ...

    def left(self) -> Sequence[str]:
        """Return the uids of those who left since this was asked last."""
        ...


@dataclass
class Served:
    """`newsletter serve`, and the uid of one reader on its list."""

    doors: Doors
    uid: str

    def ask(self, method: str, path: str, body: str = "", kind: str = FORM) -> Answer:
        return self.doors.ask(path, body or None, method, kind)

    def left(self) -> Sequence[str]:
        reader = self.doors.store.readers.find(Whom(uid=self.uid))
        assert reader
        return [] if reader.standing is Standing.ACTIVE else [reader.uid]


@dataclass
class Queue:
    """The queue that both functions put wishes into."""

    client: Any
    url: str

    def left(self) -> Sequence[str]:
        """Take out who wishes to leave."""
        return [json.loads(each)["subscriber"] for each in self.wishes()]

    def wishes(self) -> Sequence[str]:
        """Take out what waits."""
        got = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages", [])
        for each in got:
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in got]


@dataclass
class ByMangum:
    """The function that is put together by hand."""

    here: Here
    queue: Queue
    app: SafeHeaders = field(init=False)

    def __post_init__(self) -> None:
        self.app = leaving_app(self.here)

    def ask(self, method: str, path: str, body: str = "", kind: str = FORM) -> Answer:
        return _answer(called(self.app, _event(method, path, body, kind)))

    def left(self) -> Sequence[str]:
        return self.queue.left()


@dataclass
class Inline:
    """The function that stands in the template."""

    here: Here
    queue: Queue
    program: dict[str, Any] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        _, pages = pages_of(self.here.project, self.here.environment)
        exec(compile(function_code(pages), "index.py", "exec"), self.program)  # noqa: S102 - as Lambda does

    def ask(self, method: str, path: str, body: str = "", kind: str = FORM) -> Answer:
        return _answer(self.program["handler"](_event(method, path, body, kind), None))

    def left(self) -> Sequence[str]:
        return self.queue.left()


def called(app: SafeHeaders, event: Mapping[str, Any]) -> dict[str, Any]:
    """Call Mangum's function as Lambda does, which has one loop; where this is called a browser's may run."""

    def answer() -> dict[str, Any]:
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        try:
            return dict(Mangum(app, lifespan="off")(dict(event), None))  # type: ignore[arg-type]
        finally:
            loop.close()

    with ThreadPoolExecutor(1) as place:
        return place.submit(answer).result()


def _event(method: str, path: str, body: str, kind: str) -> Mapping[str, Any]:
    """Return what a function URL hands over (payload format 2.0)."""
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": kind, "content-length": str(len(body)), "host": "letters.example.com"},
        "requestContext": {"http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7"}},
        "body": b64encode(body.encode()).decode(),
        "isBase64Encoded": True,
    }


def _answer(told: Mapping[str, Any]) -> Answer:
    json.dumps(told)  # or Lambda cannot return it
    assert not told.get("isBase64Encoded")
    return Answer(told["statusCode"], {k.lower(): v for k, v in told["headers"].items()}, told.get("body", "").encode())

"""Whether pictures are on the web, asked as lightly as can be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from newsletter.core.diagnosis.facts import Unseen
from newsletter.edges.web import Visitor, Web
from newsletter.errors import EdgeError
from tests.edges.answering import Answering, answering
from tests.edges.speaking import ok


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


def missing(server: Answering, answer: bytes) -> object:
    server.answer = answer
    return Web(f"http://127.0.0.1:{server.port}/letters/").missing(["a.png"])


def test_a_picture_that_is_there_is_not_loaded(server: Answering) -> None:
    assert missing(server, b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n") == []
    assert server.requests[0].startswith(b"HEAD /letters/a.png HTTP/1.1\r\n")


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone"])
def test_a_picture_that_nobody_would_see_is_missing(server: Answering, status: str) -> None:
    assert missing(server, ok("", status)) == ["a.png"]


@pytest.mark.parametrize("answer", [ok("", "503 Slow Down"), b"", b"\x16\x03\x01 not HTTP"])
def test_any_other_answer_leaves_it_open(server: Answering, answer: bytes) -> None:
    with pytest.raises(EdgeError) as raised:
        missing(server, answer)
    assert raised.value.hint


NO_NAME = f"https://{'a' * 64}.example.org/"  # a label has 63 characters at most (RFC 1035 2.3.4)


def test_a_host_that_cannot_be_a_name_is_one_that_is_not_found() -> None:
    with pytest.raises(EdgeError, match="cannot be reached"):
        Web(NO_NAME).missing(["a.png"])
    seen = Visitor().visit("GET", NO_NAME)
    assert isinstance(seen, Unseen)
    assert seen.why == f"the name {'a' * 64}.example.org cannot be found"


def test_where_nobody_answers_the_network_is_to_be_checked(closed_port: str) -> None:
    with pytest.raises(EdgeError, match="cannot be reached") as raised:
        Web(f"{closed_port}/").missing(["a.png"])
    assert "network" in raised.value.hint

"""The stack against answers that CloudFormation gives only now and then; `e2e/test_aws.py` has the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.session import Session

from newsletter.core.publication import SesSettings
from newsletter.edges.cloudformation import CloudFormation
from newsletter.errors import EdgeError, NewsletterError, NotConfigured
from tests.edges.answering import Answering, answering

HEAD = "HTTP/1.1 {status} Whatever\r\ncontent-type: text/xml\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
STACK = """\
<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>
<member><StackName>news</StackName><StackId>arn:news</StackId><StackStatus>{}</StackStatus>
<CreationTime>2026-11-22T12:00:00Z</CreationTime></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
ERROR = """\
<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
<Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"""


def answer(body: str, status: int = 200) -> bytes:
    return (HEAD.format(status=status, length=len(body)) + body).encode()


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.fixture
def stack(environment: pytest.MonkeyPatch, server: Answering) -> Iterator[CloudFormation]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
        made = CloudFormation("news", SesSettings(region="eu-west-1"), patience=1, tries=1)
    yield made
    made.close()


def test_it_waits_for_what_an_earlier_run_began(stack: CloudFormation, server: Answering) -> None:
    server.answer = answer(STACK.format("DELETE_IN_PROGRESS"))
    with ThreadPoolExecutor(1) as threads:
        looking = threads.submit(stack.look)
        while len(server.requests) < 2:
            time.sleep(0.01)
        assert not looking.done()
        server.answer = answer(STACK.format("DELETE_COMPLETE"))
        assert looking.result(timeout=10) is None


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "DELETE_COMPLETE"])
def test_a_stack_of_which_nothing_was_made_is_none(stack: CloudFormation, server: Answering, status: str) -> None:
    server.answer = answer(STACK.format(status))
    assert stack.look() is None


def test_a_stack_that_is_not_there_is_none(stack: CloudFormation, server: Answering) -> None:
    server.answer = answer(ERROR.format("ValidationError", "Stack with id news does not exist"), 400)
    assert stack.look() is None


def test_who_asks_for_what_was_left_hangs_up(
    stack: CloudFormation, server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Any] = []  # what nobody holds hangs up by itself
    create_client = Session.create_client

    def create_and_hold(*given: Any, **named: Any) -> Any:
        held.append(create_client(*given, **named))
        return held[-1]

    monkeypatch.setattr(Session, "create_client", create_and_hold)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.port}")
    server.lingers = True
    server.answer = b"HTTP/1.1 204 No Content\r\n\r\n"
    assert stack.remove_bucket("pictures")
    assert server.closed.acquire(timeout=3)
    told = '{"Attributes": {"ApproximateNumberOfMessages": "2", "ApproximateNumberOfMessagesNotVisible": "1"}}'
    server.answer = answer(told).replace(b"connection: close\r\n", b"")
    assert stack.waiting("https://sqs.eu-west-1.amazonaws.com/1/events") == 3
    assert server.closed.acquire(timeout=3)


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_what_is_left_half_made_is_to_be_removed_first(stack: CloudFormation, server: Answering, status: str) -> None:
    server.answer = answer(STACK.format(status))
    with pytest.raises(EdgeError, match=status) as raised:
        stack.propose("{}", {})
    assert "--undo" in raised.value.hint


def test_a_refusal_names_the_permission(stack: CloudFormation, server: Answering) -> None:
    said = "User: me is not authorized to perform: cloudformation:DescribeStacks on resource: news"
    server.answer = answer(ERROR.format("AccessDenied", said), 403)
    with pytest.raises(EdgeError) as raised:
        stack.look()
    assert "allow cloudformation:DescribeStacks" in raised.value.hint


@pytest.mark.parametrize("garbage", [b"", b"HTTP/1.1 200 OK\r\n\r\n<html>", answer("<html>a proxy</html>")])
def test_what_is_no_answer_is_told(stack: CloudFormation, server: Answering, garbage: bytes) -> None:
    server.answer = garbage
    with pytest.raises(NewsletterError, match="stack news in eu-west-1") as raised:
        stack.look()
    assert raised.value.hint


def test_without_a_region_nothing_is_asked(environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotConfigured, match="no AWS region"):
        CloudFormation("news", SesSettings())

"""The function behind unsubscribe links: it knows real ones, changes nothing on GET, and lets no wish get lost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.feedback import Kind, read_event
from newsletter.core.links import Bearer, LinkMaker, inert_link
from newsletter.web import unsubscribing
from tests.standins import running_moto

BASE = "https://function.example.com"
OLD, NEW = "an old key that is long enough to sign", "a new key that is long enough to sign"
SOMEBODY = Bearer("reader-1", "mailing-1")
LINK = LinkMaker(BASE, [OLD]).make("unsubscribe", SOMEBODY)

uids = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=1, max_size=32)


@pytest.fixture(scope="module")
def queue() -> Iterator[tuple[Any, str]]:
    """A queue at a stand-in, and the function's environment."""
    with running_moto() as endpoint, pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("KEYS", get_client("secretsmanager").create_secret(Name="k", SecretString=f"{OLD}, {NEW}")["ARN"])
        sqs = get_client("sqs")
        url = sqs.create_queue(QueueName="events")["QueueUrl"]
        patch.setenv("QUEUE", url)
        patch.setenv("PUBLICATION", "News & <views>")
        patch.setenv("SITE", "https://news.example.com")
        patch.setenv("ARCHIVE", "https://news.example.com/archive")
        yield sqs, url


def get_client(service: str) -> Any:
    return get_session().create_client(service)


def wishes(queue: tuple[Any, str]) -> list[str]:
    sqs, url = queue
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for each in received:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return [each["Body"] for each in received]


def call(method: str, link: str) -> Mapping[str, Any]:
    event = {"rawPath": link.removeprefix(BASE), "requestContext": {"http": {"method": method}}}
    return unsubscribing.handler(event, None)


@given(uids, uids, st.lists(st.text(min_size=32, max_size=40), min_size=1, max_size=3))
def test_every_link_that_is_made_here_is_known_and_no_other(subscriber: str, mailing: str, keys: list[str]) -> None:
    link = LinkMaker(BASE, keys).make("unsubscribe", Bearer(subscriber, mailing))
    token = link.rpartition("/")[2]
    assert unsubscribing.reader_of(token, keys) == (subscriber, mailing)
    assert unsubscribing.reader_of("x" + token, keys) is None
    assert unsubscribing.reader_of(token, ["another key"]) is None
    other = LinkMaker(BASE, keys).make("preferences", Bearer(subscriber, mailing)).rpartition("/")[2]
    assert unsubscribing.reader_of(other, keys) is None


@given(st.text())
def test_whatever_is_no_link_is_nobody_s(token: str) -> None:
    assert unsubscribing.reader_of(token, [OLD]) is None


@pytest.mark.slow
@pytest.mark.parametrize("keys", [[OLD], [OLD, NEW]], ids=["an old link", "a new link"])
def test_a_post_puts_a_wish_into_the_queue_that_feedback_understands(queue: tuple[Any, str], keys: list[str]) -> None:
    answer = call("POST", LinkMaker(BASE, keys).make("unsubscribe", SOMEBODY))
    assert answer["statusCode"] == 200
    (body,) = wishes(queue)
    wish = read_event(body)
    assert wish
    assert (wish.kind, wish.subscriber, wish.mailing) == (Kind.UNSUBSCRIBE, "reader-1", "mailing-1")
    assert wish.at


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "link", "status", "said"),
    [
        ("GET", LINK, 200, '<form method="post">'),
        ("HEAD", LINK, 200, "One click"),
        ("GET", inert_link(BASE, "unsubscribe"), 200, "a test copy"),
        ("POST", inert_link(BASE, "unsubscribe"), 200, "a test copy"),
        ("POST", LINK + "x", 404, "broken"),
        ("POST", f"{BASE}/unsubscribe/", 404, "broken"),
        ("POST", f"{BASE}/", 404, "nothing here"),
        ("POST", LINK.replace("/unsubscribe/", "/preferences/"), 404, "nothing here"),
    ],
)
def test_whatever_else_comes_changes_nothing(
    queue: tuple[Any, str], method: str, link: str, status: int, said: str
) -> None:
    answer = call(method, link)
    assert answer["statusCode"] == status
    assert said in answer["body"]
    assert "<h1>News &amp; &lt;views&gt;</h1>" in answer["body"]
    assert wishes(queue) == []


@pytest.mark.slow
def test_a_link_to_the_issue_leads_to_the_archive(queue: tuple[Any, str]) -> None:
    answer = call("GET", LINK.replace("/unsubscribe/", "/view/"))
    assert (answer["statusCode"], answer["headers"]["location"]) == (303, "https://news.example.com/archive")


@pytest.mark.slow
def test_a_wish_that_cannot_be_kept_is_not_answered_as_if_it_were(
    queue: tuple[Any, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUE", queue[1] + "-gone")
    with pytest.raises((ClientError, BotoCoreError)):
        call("POST", LINK)


@pytest.mark.slow
def test_a_page_stores_nothing_loads_nothing_and_tells_nobody_where_it_was(queue: tuple[Any, str]) -> None:
    headers = call("GET", LINK)["headers"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    json.dumps(headers)

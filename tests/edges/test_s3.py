"""Pictures in a bucket: against a stand-in that others wrote, and against answers that nobody should give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from newsletter.core.assets import Asset
from newsletter.core.publication import AssetSettings
from newsletter.edges.s3 import S3
from newsletter.errors import EdgeError, NewsletterError, NotConfigured
from tests.edges.answering import Answering, answering
from tests.edges.speaking import SECRET, ok
from tests.standins import running_moto

PNG = Asset("image/png", 2, 1, b"a picture")
JPEG = Asset("image/jpeg", 2, 1, b"another")
Opener = Callable[..., S3]
DENIED = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
ELSEWHERE = (
    "<Error><Code>PermanentRedirect</Code><Message>The bucket must be addressed elsewhere.</Message>"
    "<Endpoint>s3.eu-west-1.amazonaws.com</Endpoint></Error>"
)


@pytest.fixture(scope="module")
def moto(environment: pytest.MonkeyPatch) -> Iterator[str]:
    with running_moto() as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def bucket(moto: str) -> Iterator[Any]:
    client: Any = boto3.client("s3", endpoint_url=moto, region_name="us-east-1")
    client.create_bucket(Bucket="letter-pictures")
    yield client
    client.close()


@pytest.fixture
def opened(environment: pytest.MonkeyPatch) -> Iterator[Opener]:
    made: list[S3] = []

    def make(endpoint: str, **settings: Any) -> S3:
        given = {"bucket": "letter-pictures", "region": "us-east-1", **settings}
        whole = AssetSettings(url="https://pictures.example.com", endpoint_url=endpoint, **given)
        made.append(S3(whole, patience=0.5, tries=1))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def server() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "letters/2026"])
def test_a_picture_is_there_once_it_was_put_there(moto: str, bucket: Any, opened: Opener, prefix: str) -> None:
    store = opened(moto, prefix=prefix)
    names = [PNG.name, JPEG.name]

    before = store.missing(names)
    store.put(PNG)

    assert (before, store.missing(names)) == (names, [JPEG.name])
    kept = bucket.get_object(Bucket="letter-pictures", Key=f"{prefix}/{PNG.name}".lstrip("/"))
    assert kept["Body"].read() == PNG.data
    assert kept["ContentType"] == "image/png"
    assert kept["CacheControl"] == "public, max-age=31536000, immutable"
    assert str(store) == f"s3://letter-pictures/{prefix}".rstrip("/")


@pytest.mark.slow
def test_a_name_that_only_begins_alike_is_another(moto: str, bucket: Any, opened: Opener) -> None:
    bucket.put_object(Bucket="letter-pictures", Key=f"alike/{PNG.name}.old", Body=b"")
    assert opened(moto, prefix="alike").missing([PNG.name]) == [PNG.name]


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_named(moto: str, bucket: Any, opened: Opener) -> None:
    store = opened(moto, bucket="no-such-bucket")
    for act in (lambda: store.missing([PNG.name]), lambda: store.put(PNG)):
        with pytest.raises(EdgeError, match="s3://no-such-bucket cannot be used: NoSuchBucket") as raised:
            act()
        assert "assets.bucket" in raised.value.hint


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        (ok(DENIED, "403 Forbidden"), "AccessDenied: Access Denied", "s3:PutObject"),
        (ok(ELSEWHERE, "301 Moved\r\nx-amz-bucket-region: us-east-1"), "PermanentRedirect", "assets.region"),
        (ok(ELSEWHERE, "301 Moved"), "PermanentRedirect", "assets.region"),
        (ok("<Error><Code>SlowDown</Code></Error>", "503 Slow Down"), "SlowDown", "again"),
        (ok("", "403 Forbidden"), "403", ""),
        (ok("<html>", "200 OK"), "500: Internal Server Error", "again"),
        (b"", "no readable answer", "assets.endpoint_url"),
        (b"\x16\x03\x01 not HTTP", "no readable answer", "assets.endpoint_url"),
    ],
)
def test_whatever_is_answered_is_an_error_that_helps(
    server: Answering, opened: Opener, answer: bytes, message: str, hint: str
) -> None:
    server.answer = answer
    with pytest.raises(NewsletterError) as raised:
        opened(f"http://127.0.0.1:{server.port}").missing([PNG.name])
    assert message in raised.value.message
    assert hint in raised.value.hint
    assert raised.value.hint
    assert SECRET not in f"{raised.value.message} {raised.value.hint}"


def test_where_nobody_answers_the_network_is_to_be_checked(opened: Opener, closed_port: str) -> None:
    with pytest.raises(EdgeError, match="s3://letter-pictures cannot be reached: EndpointConnectionError") as raised:
        opened(closed_port).put(PNG)
    assert "network" in raised.value.hint


def test_without_credentials_it_says_so(opened: Opener, environment: pytest.MonkeyPatch, closed_port: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.delenv(name)
        with pytest.raises(NotConfigured, match="Unable to locate credentials") as raised:
            opened(closed_port).put(PNG)
    assert "'Pictures' in README.md" in raised.value.hint


def test_an_unknown_profile_and_no_bucket_are_told_before_anything_is_asked(opened: Opener, closed_port: str) -> None:
    with pytest.raises(NotConfigured, match="profile"):
        opened(closed_port, profile="nobody")
    with pytest.raises(NotConfigured, match=r"assets\.bucket is not set"):
        opened(closed_port, bucket=None)

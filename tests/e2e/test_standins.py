"""Sending to stand-ins that others wrote, whose idea of Amazon SES and S3 is not ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from newsletter.core.bulk import Entry, Sheet
from newsletter.core.delivery import Accepted
from newsletter.core.publication import SesSettings
from newsletter.core.ways import Parcel
from newsletter.edges.ses import Ses
from newsletter.errors import TransportError
from tests.e2e.books import printed_sum
from tests.e2e.publications import ISSUE, SEND, Forks, Publication, through_ses
from tests.standins import ministack_messages, running_ministack, running_moto

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

pytestmark = pytest.mark.slow

SENDER = "letter@v2gnews.example.com"
MESSAGE = f"From: {SENDER}\r\nTo: reader@example.net\r\nSubject: Hello\r\n\r\nHello\r\n".encode()
READERS = 12


@pytest.fixture(scope="module")
def credentials() -> Iterator[dict[str, str]]:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        yield keys


@pytest.fixture(scope="module")
def moto(credentials: dict[str, str]) -> Iterator[str]:
    with running_moto() as endpoint:
        verify(endpoint)
        yield endpoint


@pytest.fixture(scope="module")
def ministack(credentials: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_ministack(tmp_path_factory.mktemp("ministack")) as endpoint:
        verify(endpoint)
        yield endpoint


def verify(endpoint: str) -> None:
    client: SESV2Client = boto3.client("sesv2", endpoint_url=endpoint, region_name="us-east-1")
    client.create_email_identity(EmailIdentity=SENDER)
    client.close()


def sent_in_24_hours(endpoint: str) -> float:
    client: SESV2Client = boto3.client("sesv2", endpoint_url=endpoint, region_name="us-east-1")
    sent: float = client.get_account()["SendQuota"]["SentLast24Hours"]
    client.close()
    return sent


@pytest.fixture
def through_moto(moto: str) -> Iterator[Ses]:
    ses = Ses(SesSettings(region="us-east-1", endpoint_url=moto))
    yield ses
    ses.close()


def test_moto_takes_a_message_and_gives_it_an_id(moto: str, through_moto: Ses) -> None:
    outcome = through_moto.send(Parcel("d-1", "m-1", "reader@example.net", MESSAGE))

    client: Any = boto3.client("ses", endpoint_url=moto, region_name="us-east-1")
    sent = client.get_send_quota()["SentLast24Hours"]
    client.close()
    assert isinstance(outcome, Accepted)
    assert sent == 2  # moto counts the envelope and the To header


def test_moto_does_not_tell_about_accounts_and_that_is_an_error_that_helps(through_moto: Ses) -> None:
    with pytest.raises(TransportError, match="SES did not tell about the account") as raised:
        through_moto.allowance()
    assert raised.value.hint


def test_ministack_takes_a_bulk_call_and_fills_it_for_each(ministack: str) -> None:
    sheet = Sheet(SENDER, None, "Hello {{name}}", "Dear {{name}}", "<p>Dear {{name}}</p>", {"name": "reader"})
    entries = [Entry(f"d-{n}", f"r{n}@example.net", {"name": f"Zoë {n}"}, ()) for n in range(50)]
    before = len(ministack_messages(ministack))
    ses = Ses(SesSettings(region="us-east-1", endpoint_url=ministack))

    outcomes = ses.send_bulk(sheet, "m-1", entries)

    ses.close()
    arrived = {message["To"][0]: message for message in ministack_messages(ministack)[before:]}
    assert len({outcome.message_id for outcome in outcomes if isinstance(outcome, Accepted)}) == 50
    assert arrived.keys() == {entry.to for entry in entries}
    assert arrived["r7@example.net"]["Subject"] == "Hello Zoë 7"
    assert "Dear Zoë 7" in arrived["r7@example.net"]["BodyText"]


@pytest.fixture
def publication(tmp_path: Path, fork: Forks, ministack: str) -> Publication:
    return Publication.make(tmp_path, fork, readers=READERS, **through_ses(ministack))


def test_a_list_sent_through_ministack_arrives_whole(publication: Publication, ministack: str) -> None:
    before = len(ministack_messages(ministack))
    with publication.program(*SEND) as process:
        stdout, stderr = process.communicate(timeout=60)
    again = publication.run(*SEND)

    assert process.returncode == 0, stderr
    assert printed_sum(stdout) == (READERS, {"accepted": READERS, "refused": 0, "suppressed": 0, "in doubt": 0})
    arrived = ministack_messages(ministack)[before:]
    assert sorted(address for message in arrived for address in message["To"]) == sorted(publication.readers)
    assert sent_in_24_hours(ministack) == before + READERS
    assert "nothing to do" in again.stderr
    (told,) = publication.status()
    assert {message["Subject"] for message in arrived} == {subject_of(publication)}
    assert len({unsubscribe_link(message) for message in arrived}) == READERS
    assert told["transport"] == "ses"


def test_a_test_send_through_ministack_arrives_marked(publication: Publication, ministack: str) -> None:
    before = len(ministack_messages(ministack))

    ended = publication.run("test-send", ISSUE, "--group", "editors", "--json")

    arrived = ministack_messages(ministack)[before:]
    assert ended.code == 0, ended.stderr
    assert {message["Subject"] for message in arrived} == {f"[TEST] {subject_of(publication)}"}
    assert sorted(json.loads(ended.stdout)["outcomes"]) == sorted(message["To"][0] for message in arrived)


@pytest.fixture
def with_a_picture(publication: Publication, moto: str) -> Publication:
    """A publication whose issue has a chart, and a bucket for it."""
    file = publication.folder / "issues" / f"{ISSUE}.yaml"
    chart = "{kind: chart, title: T, labels: [One, Two], values: [1, 2], alt: Two is more.}"
    file.write_text(f"{file.read_text(encoding='utf-8').rstrip()}\n  - {chart}\n", encoding="utf-8")
    settings = {
        "URL": "https://pictures.example.com",
        "BUCKET": "letter",
        "PREFIX": "2026",
        "REGION": "us-east-1",
        "ENDPOINT_URL": moto,
    }
    publication.environment.update({f"NEWSLETTER_ASSETS_{name}": value for name, value in settings.items()})
    return publication


def test_pictures_are_in_the_bucket_before_an_issue_goes_out(with_a_picture: Publication, moto: str) -> None:
    no_bucket = with_a_picture.run("assets", "push", ISSUE)
    client: Any = boto3.client("s3", endpoint_url=moto, region_name="us-east-1")
    client.create_bucket(Bucket="letter")
    early = with_a_picture.run("send", ISSUE, "--dry-run")
    pushed, again = (with_a_picture.run("assets", "push", ISSUE, "--json") for _ in range(2))
    planned = with_a_picture.run("send", ISSUE, "--dry-run")

    assert (no_bucket.code, early.code, planned.code) == (4, 2, 0), planned.stderr
    assert "s3://letter/2026 cannot be used: NoSuchBucket" in no_bucket.stderr
    assert "1 of 1 pictures are not at https://pictures.example.com/ yet\n" in early.stderr
    assert f"hint: put them there: newsletter assets push {ISSUE}\n" in early.stderr
    (first,), (second,) = (json.loads(each.stdout)["pictures"] for each in (pushed, again))
    assert (first["pushed"], second["pushed"]) == (True, False)
    assert first["url"] == f"https://pictures.example.com/{first['name']}"
    (kept,) = client.list_objects_v2(Bucket="letter")["Contents"]
    client.close()
    assert (kept["Key"], kept["Size"]) == (f"2026/{first['name']}", first["bytes"])
    assert re.search(r"pictures +1, at https://pictures.example.com/\n", planned.stdout)


def subject_of(publication: Publication) -> str:
    publication.run("build", ISSUE)
    subject: str = json.loads((publication.folder / "build" / ISSUE / "build.json").read_text())["subject"]
    return subject


def unsubscribe_link(message: dict[str, Any]) -> str:
    match = re.search(r"https://\S+/unsubscribe/\S+", message["BodyText"])
    assert match
    return match[0]

"""Bulk calls rendered by aws-ses-v2-local, which others wrote after the real SES."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from newsletter.core.build import Build
from newsletter.core.bulk import BulkComposer
from newsletter.core.publication import Publication
from newsletter.core.subscriber import Subscriber
from tests.core.bulk_calls import Seen, call, in_message, own, recipient
from tests.core.examples import publication, raw_build
from tests.golden.cases import cases, edition_of
from tests.standins import running_ses_local, ses_local_messages

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

pytestmark = pytest.mark.slow

GOLDEN = cases()[0].parent

READERS = [
    Subscriber(address="ann@example.org", first_name="Ann", last_name="Lee", fields={"organization": "Lee & Sons"}),
    Subscriber(address="nobody@example.org"),
    Subscriber(
        address="o'neil@example.org",
        first_name="<b>{{v1}}</b>",
        last_name="O'Neil \\ \"&amp;{{{subject}}}",
        fields={"organization": "{{#if a}}Zürich{{/if}}"},
    ),
]


@pytest.fixture(scope="module")
def ses_local() -> Iterator[str]:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.MonkeyPatch.context() as patch, running_ses_local() as endpoint:
        for name, value in keys.items():
            patch.setenv(name, value)
        yield endpoint


def made(name: str) -> tuple[Build, Publication]:
    if name == "braces":
        text = "{ {{ subscriber.first_name }} } \\ {a{b:c}} {{ links.view }}\\"
        return raw_build(text, f"<style>a{{b{{c:d}}}}</style>{text}", "\\{{ subscriber.first_name }}}"), publication()
    found = edition_of(GOLDEN / name)
    return found.build, found.publication


def seen(message: dict[str, Any]) -> Seen:
    [to] = message["destination"]["to"]
    of_call = [("From", message["from"]), ("To", to), *(("Reply-To", each) for each in message["replyTo"])]
    headers = [*of_call, *((each["name"], each["value"]) for each in message["headers"])]
    return Seen(message["subject"], message["body"]["text"], message["body"]["html"], own(headers))


@pytest.mark.parametrize("name", ["vol-1-issue-6", "vol-2-issue-3", "merge-fields", "hostile", "braces"])
def test_a_bulk_call_gives_each_reader_their_message(name: str, ses_local: str) -> None:
    build, by = made(name)
    composer = BulkComposer(build, by)
    # This stand-in refuses an address with a name.
    entries = [composer.entry(recipient(reader, by))._replace(to=reader.address) for reader in READERS]
    client: SESV2Client = boto3.client("sesv2", endpoint_url=ses_local, region_name="us-east-1")
    answer = client.send_bulk_email(**call(composer.sheet(0), entries))
    client.close()

    assert [result["Status"] for result in answer["BulkEmailEntryResults"]] == ["SUCCESS"] * len(READERS)
    for reader, message in zip(READERS, ses_local_messages(ses_local)[-len(READERS) :], strict=True):
        expected = in_message(build, by, reader)
        assert seen(message) == replace(expected, headers={**expected.headers, "to": reader.address})

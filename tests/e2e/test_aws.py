"""What `newsletter aws setup` makes, over HTTP: ministack deploys it, events come through, and it goes again."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.source import read
from newsletter.core.subscriber import Standing
from newsletter.core.tree import Value
from newsletter.edges.store import open_store
from tests.cli.running import Answer, Terminal
from tests.standins import running_ministack

pytestmark = pytest.mark.slow

SERVICES = "cloudformation,iam,lambda,logs,s3,secretsmanager,ses,sns,sqs,sts"
SECRET = "a key of thirty-two characters or more"
READER = "ana@example.org"
STACK = "v2g-news"


@pytest.fixture(scope="module")
def environment() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("NEWSLETTER_", "AWS_"))]:
            patch.delenv(name)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("NEWSLETTER_SES_REGION", "eu-west-1")
        patch.setenv("NEWSLETTER_SECRET", SECRET)
        yield patch


@pytest.fixture(scope="module")
def ministack(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_ministack(tmp_path_factory.mktemp("ministack"), SERVICES) as endpoint:
        environment.setenv("AWS_ENDPOINT_URL", endpoint)
        yield endpoint


@pytest.fixture
def newsletter(
    ministack: str, publication: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Terminal]:
    terminal = Terminal(publication, capsys, monkeypatch)
    yield terminal
    for bucket in client("s3").list_buckets()["Buckets"]:
        for each in client("s3").list_objects_v2(Bucket=bucket["Name"]).get("Contents", ()):
            client("s3").delete_object(Bucket=bucket["Name"], Key=each["Key"])
        client("s3").delete_bucket(Bucket=bucket["Name"])
    terminal("aws", "setup", "--undo", "--yes")


def client(service: Any, **keys: Any) -> Any:
    return boto3.client(service, region_name="eu-west-1", **keys)


def done(answer: Answer) -> Answer:
    assert answer.code == 0, answer.err
    return answer


def settings(answer: Answer) -> Mapping[str, Any]:
    """Return what `setup` says belongs into publication.yaml."""
    text = answer.out.partition("publication.yaml:\n\n")[2].partition("\n\n")[0]
    data: Value = read(text.encode(), "printed").data
    assert isinstance(data, dict)
    return data


def made() -> Mapping[str, str]:
    """Return what the stack is made of, by the names of the template."""
    told = client("cloudformation").list_stack_resources(StackName=STACK)["StackResourceSummaries"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in told}


def is_there() -> bool:
    listed = client("cloudformation").list_stacks()["StackSummaries"]
    return any(each["StackStatus"] != "DELETE_COMPLETE" for each in listed)


def everything() -> list[str]:
    """Return the names of all that an account has, whoever made it."""
    return [
        *(each for each in client("sesv2").list_configuration_sets()["ConfigurationSets"]),
        *(each["TopicArn"] for each in client("sns").list_topics()["Topics"]),
        *(each["SubscriptionArn"] for each in client("sns").list_subscriptions()["Subscriptions"]),
        *client("sqs").list_queues().get("QueueUrls", ()),
        *(each["Arn"] for each in client("iam").list_policies(Scope="Local")["Policies"]),
        *(each["Arn"] for each in client("iam").list_roles()["Roles"]),
        *(each["FunctionArn"] for each in client("lambda").list_functions()["Functions"]),
        *(each["ARN"] for each in client("secretsmanager").list_secrets()["SecretList"]),
        *(each["logGroupName"] for each in client("logs").describe_log_groups()["logGroups"]),
        *(each["Name"] for each in client("s3").list_buckets()["Buckets"]),
    ]


def test_an_event_that_is_published_to_the_topic_is_read_from_the_queue(newsletter: Terminal) -> None:
    written = settings(done(newsletter("aws", "setup", "--yes")))["ses"]
    assert written["configuration_set"] == STACK
    assert written["region"] == "eu-west-1"
    (told,) = client("sesv2").get_configuration_set_event_destinations(ConfigurationSetName=STACK)["EventDestinations"]
    event = {"eventType": "Send", "mail": {"messageId": "1", "tags": {"delivery": ["nobody"]}}, "send": {}}

    client("sns").publish(TopicArn=told["SnsDestination"]["TopicArn"], Message=json.dumps(event))

    newsletter.patch.setenv("NEWSLETTER_SES_FEEDBACK_QUEUE", written["feedback_queue"])
    assert "1 message: 1 send" in done(newsletter("feedback")).out


def test_it_says_first_what_it_will_do_and_then_does_that(newsletter: Terminal) -> None:
    shown = done(newsletter("aws", "setup", "--assets", "--dry-run")).out
    assert not is_there()
    assert everything() == []
    done(newsletter("aws", "setup", "--assets", typed=f"{STACK}\n"))
    assert {line.split()[1] for line in shown.splitlines() if line.startswith("  add ")} == made().keys()


def test_a_no_leaves_nothing(newsletter: Terminal) -> None:
    answer = newsletter("aws", "setup", typed="no\n")
    assert answer.code == 1
    assert "nothing was changed" in answer.err
    assert not is_there()


def test_a_second_time_changes_nothing_and_says_the_same_again(newsletter: Terminal) -> None:
    first = done(newsletter("aws", "setup", "--unsubscribe", "--assets", "--yes"))
    before = made(), everything()
    second = done(newsletter("aws", "setup", "--unsubscribe", "--assets"))
    assert "everything is there already" in second.out
    assert settings(second) == settings(first)
    assert (made(), everything()) == before


@pytest.mark.parametrize("carried_out", [False, True], ids=["before it was carried out", "while it was carried out"])
def test_a_run_goes_on_where_one_was_killed(newsletter: Terminal, carried_out: bool) -> None:  # noqa: FBT001
    cloud = client("cloudformation")
    known: Mapping[str, Any] = {"StackName": STACK, "ChangeSetName": "newsletter"}
    template = done(newsletter("aws", "template")).out
    cloud.create_change_set(**known, ChangeSetType="CREATE", TemplateBody=template, Capabilities=["CAPABILITY_IAM"])
    cloud.get_waiter("change_set_create_complete").wait(**known, WaiterConfig={"Delay": 1})
    if carried_out:
        cloud.execute_change_set(**known)

    answer = done(newsletter("aws", "setup", "--yes"))

    assert settings(answer)["ses"]["configuration_set"] == STACK
    assert ("everything is there already" in answer.out) == carried_out


def test_what_an_earlier_run_added_stays(newsletter: Terminal) -> None:
    done(newsletter("aws", "setup", "--unsubscribe", "--yes"))
    newsletter.patch.delenv("NEWSLETTER_SECRET")
    answer = done(newsletter("aws", "setup", "--assets", "--yes"))
    assert settings(answer).keys() == {"ses", "public_url", "assets"}
    assert made().keys() >= {"UnsubscribeFunction", "AssetsBucket"}


def test_other_words_of_the_publication_change_the_function_s_page(newsletter: Terminal, ministack: str) -> None:
    written = settings(done(newsletter("aws", "setup", "--unsubscribe", "--yes")))
    with (newsletter.folder / "publication.yaml").open("a", encoding="utf-8") as file:
        file.write('words:\n  unsubscribe: "Désabonner"\n')

    shown = done(newsletter("aws", "setup", "--dry-run")).out
    assert [line.split() for line in shown.splitlines()[1:]] == [
        ["change", "UnsubscribeFunction", "Lambda", "Function"]
    ]
    done(newsletter("aws", "setup", "--yes"))

    link = LinkMaker(written["public_url"], [SECRET]).make("unsubscribe", Bearer("anybody", "mailing"))
    assert ">Désabonner</button>" in called(ministack, "GET", link)[1]


def test_undoing_removes_everything(newsletter: Terminal) -> None:
    done(newsletter("aws", "setup", "--unsubscribe", "--assets", "--yes"))
    names = made().keys()
    answer = done(newsletter("aws", "setup", "--undo", typed=f"{STACK}\n"))
    assert {line.split()[1] for line in answer.out.splitlines() if line.startswith("  remove ")} == names
    assert "links to unsubscribe in mail that was sent lead to the function" in answer.out
    assert not is_there()
    assert everything() == []
    assert "nothing is there" in done(newsletter("aws", "setup", "--undo")).out


def test_undoing_says_first_what_nobody_has_read(newsletter: Terminal) -> None:
    queue = settings(done(newsletter("aws", "setup", "--yes")))["ses"]["feedback_queue"]
    client("sqs").send_message(QueueUrl=queue, MessageBody="unread")
    answer = newsletter("aws", "setup", "--undo", typed="\n")
    assert answer.code == 1
    assert "unread messages that would be lost: about 1;" in answer.out
    assert client("sqs").receive_message(QueueUrl=queue)["Messages"]


def test_a_bucket_with_pictures_stays_and_would_be_taken_in_again(newsletter: Terminal) -> None:
    bucket = settings(done(newsletter("aws", "setup", "--assets", "--yes")))["assets"]["bucket"]
    client("s3").put_object(Bucket=bucket, Key="depot.jpg", Body=b"a picture")

    undone = done(newsletter("aws", "setup", "--undo", "--yes"))
    assert "  remove  AssetsBucket              S3 Bucket, if nothing is in it\n" in undone.out
    assert f"the bucket {bucket} stays" in undone.out
    assert everything() == [bucket]
    assert client("s3").get_bucket_policy(Bucket=bucket)["Policy"]

    # ministack proposes to take it in, as CloudFormation does, and then finds fault with its name.
    assert "take in  AssetsBucket " in done(newsletter("aws", "setup", "--assets", "--dry-run")).out


def test_when_one_part_fails_nothing_is_made_and_the_reason_is_told(newsletter: Terminal) -> None:
    shown = done(newsletter("aws", "template", "--assets")).out
    (bucket,) = {word for word in shown.split() if word.startswith(f"{STACK}-assets-")}
    # To ministack a key of twelve digits is one of another account.
    stranger = client("s3", aws_access_key_id="111111111111", aws_secret_access_key="testing")
    stranger.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    try:
        answer = newsletter("aws", "setup", "--assets", "--yes")
        assert answer.code == 4
        assert "was not set up, and nothing of it stays: AssetsBucket: " in answer.err
        assert "already exists" in answer.err
        assert not is_there()
        assert everything() == []
    finally:
        stranger.delete_bucket(Bucket=bucket)


def test_the_function_takes_a_wish_that_feedback_grants(newsletter: Terminal, ministack: str) -> None:
    written = settings(done(newsletter("aws", "setup", "--unsubscribe", "--yes")))
    newsletter.patch.setenv("NEWSLETTER_SES_FEEDBACK_QUEUE", written["ses"]["feedback_queue"])
    done(newsletter("subscribers", "add", READER))
    with open_store(f"sqlite:///{newsletter.folder}/.newsletter/newsletter.db") as store:
        reader = store.subscribers.get(READER)
        assert reader
        link = LinkMaker(written["public_url"], [SECRET]).make("unsubscribe", Bearer(reader.uid, "mailing"))

        assert called(ministack, "GET", link)[0] == 200
        assert done(newsletter("feedback")).out == "no messages\n"
        assert called(ministack, "POST", link[:-3])[0] == 404
        assert done(newsletter("feedback")).out == "no messages\n"

        status, page = called(ministack, "POST", link)
        assert status == 200
        assert "<h1>You have left</h1>" in page
        assert "1 message: 1 unsubscribe; 1 suppressed" in done(newsletter("feedback")).out
        left = store.subscribers.get(READER)
        assert left
        assert left.standing is Standing.UNSUBSCRIBED


def called(endpoint: str, method: str, link: str) -> tuple[int, str]:
    """Call a function URL: on this machine its host name is a path of ministack."""
    at, where = urlsplit(endpoint), urlsplit(link)
    path = f"/_aws/lambda-url/{where.netloc.partition('.')[0]}{where.path}"
    connection = http.client.HTTPConnection(at.hostname or "", at.port, timeout=30)
    try:
        connection.request(method, path, body="List-Unsubscribe=One-Click" if method == "POST" else None)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()

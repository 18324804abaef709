"""The template is what CloudFormation takes, says the same each time, and gives away nothing."""

from __future__ import annotations

import html
import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.aws.template import LONGEST_NAME, Design, name_for
from newsletter.core.door_words import ENGLISH
from newsletter.errors import BadInput
from tests.core.aws.reading import read, resources, written
from tests.core.examples import publication

DESIGNS = [Design("v2g-news", *parts) for parts in itertools.product((False, True), repeat=2)]
REGIONS = ["us-east-1", "eu-central-1"]
LIMIT = 51_200  # bytes of a template that is sent as it is; CloudFormation user guide, quotas


def _parts(design: Design) -> str:
    wanted = (("unsubscribe", design.unsubscribe), ("assets", design.assets))
    return " and ".join(["events", *(name for name, wish in wanted if wish)])


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=_parts)
def test_cfn_lint_finds_nothing(design: Design) -> None:
    assert [str(match) for match in lint(written(design), config=ManualArgs(regions=REGIONS))] == []


@pytest.mark.parametrize("design", DESIGNS, ids=_parts)
def test_the_same_design_gives_the_same_text_which_cloudformation_takes_without_a_bucket(design: Design) -> None:
    assert written(design) == written(design)
    assert len(written(design).encode()) < LIMIT


def test_what_was_not_asked_for_is_not_there() -> None:
    plain = resources(Design("v2g-news"))
    kinds = {each["Type"].split("::")[1] for each in plain.values()}
    assert kinds == {"SES", "SNS", "SQS", "IAM"}
    assert {"UnsubscribeFunction", "AssetsBucket"} <= resources().keys()


def test_every_event_is_told_but_who_opens_and_clicks() -> None:
    told = resources()["EventDestination"]["Properties"]["EventDestination"]
    assert told["Enabled"] is True
    assert sorted(told["MatchingEventTypes"]) == sorted(
        ["send", "reject", "bounce", "complaint", "delivery", "deliveryDelay", "renderingFailure", "subscription"]
    )


def test_opens_and_clicks_are_told_if_the_publication_tracks_them() -> None:
    def told(**track: bool) -> set[str]:
        types = resources(track=track)["EventDestination"]["Properties"]["EventDestination"]["MatchingEventTypes"]
        return {"open", "click"} & set(types)

    assert told(opens=True, clicks=True) == {"open", "click"}
    assert told(opens=True) == {"open"}


def test_whoever_bounced_or_complained_gets_no_more_mail() -> None:
    options = resources()["ConfigurationSet"]["Properties"]["SuppressionOptions"]
    assert options == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}


def test_only_our_configuration_set_may_publish_and_only_our_topic_may_fill_the_queue() -> None:
    (topic,) = resources()["EventTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert topic["Principal"] == {"Service": "ses.amazonaws.com"}
    assert topic["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    assert topic["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(":configuration-set/v2g-news")
    (queue,) = resources()["EventQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert queue["Principal"] == {"Service": "sns.amazonaws.com"}
    assert queue["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "EventTopic"}}}


def test_the_tool_sends_as_the_sender_alone() -> None:
    (send,) = (each for each in statements() if "ses:SendEmail" in each["Action"])
    assert send["Action"] == ["ses:SendEmail", "ses:SendRawEmail", "ses:SendBulkTemplatedEmail"]
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": "letter@example.com"}}


def test_calls_in_bulk_are_not_refused_for_a_condition_that_they_do_not_know() -> None:
    # Service authorization reference, SES v2: it has no ses:FromAddress, and a key that is missing equals nothing.
    (bulk,) = (each for each in statements() if "ses:SendBulkEmail" in each["Action"])
    assert bulk["Action"] == "ses:SendBulkEmail"
    assert "Condition" not in bulk


def statements() -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = resources()["ToolPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    return found


def test_the_keys_are_given_when_it_is_applied_and_shown_nowhere() -> None:
    keys = read(written())["Parameters"]["SigningKeys"]
    assert keys["NoEcho"] is True
    assert "Default" not in keys


def test_pictures_stay_when_the_stack_goes_and_only_they_are_public() -> None:
    bucket, policy = resources()["AssetsBucket"], resources()["AssetsBucketPolicy"]
    assert bucket["DeletionPolicy"] == policy["DeletionPolicy"] == "RetainExceptOnCreate"
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"] == {"Fn::Sub": "${AssetsBucket.Arn}/*"}


def test_the_bucket_is_that_of_the_publication_if_it_names_one() -> None:
    assets = {"url": "https://pictures.example.com", "bucket": "v2gnews-pictures"}
    assert resources(assets=assets)["AssetsBucket"]["Properties"]["BucketName"] == "v2gnews-pictures"
    assert resources()["AssetsBucketPolicy"]["Properties"]["Bucket"].startswith("v2g-news-assets-")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("V2G News", "v2g-news"),
        ("2030 & beyond", "beyond"),
        ("Zürich heute", "z-rich-heute"),
        ("新聞", "newsletter"),
        ("A" * 90, "a" * LONGEST_NAME),
    ],
)
def test_a_publication_has_a_name_that_amazon_takes(name: str, expected: str) -> None:
    assert name_for(publication(name=name)) == expected
    Design(name_for(publication(name=name)))


@given(st.text(min_size=1, max_size=60))
def test_any_name_becomes_one_that_amazon_takes(name: str) -> None:
    Design(name_for(publication().model_copy(update={"name": name})))


@pytest.mark.parametrize("name", ["V2G", "2030", "v2g_news", "v2g--news", "v2g-", "a" * (LONGEST_NAME + 1), ""])
def test_a_name_that_amazon_would_refuse_half_way_is_refused_at_once(name: str) -> None:
    with pytest.raises(BadInput, match="cannot begin the names"):
        Design(name)


@pytest.mark.parametrize("name", ['News: "hot" # & {cold}', "@name@", "Zür\u2028ich", "${AWS::AccountId}", "新聞"])
def test_a_publication_of_any_name_gets_pages_that_say_it(name: str) -> None:
    code: str = resources(name=name)["UnsubscribeFunction"]["Properties"]["Code"]["ZipFile"]
    assert code.isascii()
    function: dict[str, Any] = {}
    exec(compile(code, "index.py", "exec"), function)  # noqa: S102 - as Lambda does
    assert f"{name}</a>" in html.unescape(function["PAGES"]["unsubscribe"])


def test_words_three_times_as_long_in_another_script_still_fit() -> None:
    words = {key: 3 * "Отписаться " * (len(said) // 11 + 1) for key, said in ENGLISH.items()}
    assert len(written(words=words).encode()) < LIMIT


def test_other_words_are_another_template() -> None:
    assert written(words={"unsubscribe": "Abmelden"}) != written()
    plain = Design("v2g-news")
    assert written(plain, words={"unsubscribe": "Abmelden"}) == written(plain)

"""`newsletter aws` before it reaches Amazon; `e2e/test_aws.py` goes all the way."""

from __future__ import annotations

from newsletter.core.aws.settings import settings
from newsletter.core.publication import parse_publication
from newsletter.core.source import read
from tests.cli.running import Terminal
from tests.core.examples import publication


def test_the_template_is_printed_without_keys_and_without_an_account(newsletter: Terminal) -> None:
    newsletter.patch.setenv("NEWSLETTER_SECRET", "a secret that stands in no template")
    answer = newsletter("aws", "template", "--unsubscribe", "--assets", "--name", "autumn")
    assert answer.code == 0
    assert "Name: autumn\n" in answer.out
    assert "AWS::Lambda::Function" in answer.out
    assert "AWS::S3::Bucket" in answer.out
    assert "a secret that" not in answer.out
    assert newsletter("aws", "template").out == newsletter("aws", "template").out


def test_a_name_that_amazon_would_not_take_is_refused(newsletter: Terminal) -> None:
    answer = newsletter("aws", "setup", "--name", "V2G News")
    assert answer.code == 2
    assert "hint: use up to 40 small letters" in answer.err


def test_without_a_region_it_says_which_to_set(newsletter: Terminal) -> None:
    newsletter.patch.setenv("AWS_CONFIG_FILE", "/nowhere")
    answer = newsletter("aws", "setup")
    assert answer.code == 2
    assert "error: no AWS region is set\nhint: set ses.region" in answer.err


def test_without_credentials_it_says_where_they_come_from(newsletter: Terminal) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        newsletter.patch.setenv(name, "/nowhere")
    newsletter.patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    newsletter.patch.setenv("NEWSLETTER_SES_REGION", "eu-west-1")
    answer = newsletter("aws", "setup", "--undo")
    assert answer.code == 2
    assert "stack v2g-news in eu-west-1 cannot be reached: Unable to locate credentials" in answer.err
    assert "hint: give credentials as every AWS program takes them: AWS_ACCESS_KEY_ID" in answer.err


def test_what_it_says_to_write_down_is_what_publication_yaml_takes() -> None:
    before = publication(
        ses={"profile": "letters"},
        assets={"url": "https://pictures.example.com", "bucket": "news-assets", "prefix": "n"},
    )
    outputs = {
        "ConfigurationSet": "news",
        "FeedbackQueue": "https://sqs.eu-west-1.amazonaws.com/123456789012/news-events",
        "PublicUrl": "https://abc.lambda-url.eu-west-1.on.aws/",
        "AssetsBucket": "news-assets",
        "AssetsUrl": "https://news-assets.s3.eu-west-1.amazonaws.com",
    }
    about = before.model_dump(mode="json", include={"name", "site", "archive", "sender", "postal_address"})
    written = f"{settings(before, 'eu-west-1', outputs)}\n" + "".join(f"{key}: {about[key]!r}\n" for key in about)

    after = parse_publication(read(written.encode(), "publication.yaml"), {})

    assert after.ses.configuration_set == "news"
    assert after.ses.feedback_queue == outputs["FeedbackQueue"]
    assert (after.ses.region, after.ses.profile) == ("eu-west-1", "letters")
    assert after.public == "https://abc.lambda-url.eu-west-1.on.aws"
    assert after.assets
    assert (after.assets.url, after.assets.prefix) == ("https://news-assets.s3.eu-west-1.amazonaws.com/n", "n")

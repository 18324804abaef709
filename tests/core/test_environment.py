from __future__ import annotations

import pytest

from newsletter.core.environment import ENVIRONMENT
from tests.core.publications import SMALL, parsed, said


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_the_environment_overrides_the_file(name: str) -> None:
    values = {
        "NEWSLETTER_TRANSPORT": "ses",
        "NEWSLETTER_PUBLIC_URL": "http://localhost:8000",
        "NEWSLETTER_SES_ENDPOINT_URL": "http://localhost:4566",
        "NEWSLETTER_SES_MODE": "bulk",
        "NEWSLETTER_SES_FEEDBACK_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/newsletter",
        "NEWSLETTER_ASSETS_URL": "https://other.example.com",
        "NEWSLETTER_ASSETS_ENDPOINT_URL": "http://localhost:4566",
    }
    value = values.get(name, "other")
    found: object = parsed(SMALL + "assets: {url: https://p.example.com}\n", {name: value, "HOME": "/"})
    for key in ENVIRONMENT[name]:
        found = getattr(found, key)
    assert found == value


def test_an_empty_variable_overrides_nothing_and_other_keys_stay() -> None:
    text = SMALL + "ses: {region: eu-west-1, profile: p}\n"
    found = parsed(text, {"NEWSLETTER_SES_REGION": "us-east-1", "NEWSLETTER_STORE": ""})
    assert (found.ses.region, found.ses.profile) == ("us-east-1", "p")
    assert found.store.startswith("sqlite")


def test_a_mistake_in_the_environment_names_its_variable() -> None:
    assert said(SMALL, {"NEWSLETTER_TRANSPORT": "post", "NEWSLETTER_PUBLIC_URL": "here"}) == [
        "environment:1:1: NEWSLETTER_PUBLIC_URL: 'here' is not a web address; write it in full, beginning with https://",
        "environment:1:1: NEWSLETTER_TRANSPORT: 'post' is not possible here; use 'outbox' or 'ses'",
    ]


def test_a_bucket_without_an_address_in_the_environment_names_the_variable_that_is_missing() -> None:
    [problem] = said(SMALL, {"NEWSLETTER_ASSETS_BUCKET": "letter"})
    assert "NEWSLETTER_ASSETS_URL: is missing" in problem

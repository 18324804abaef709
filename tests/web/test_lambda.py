"""The door out as a function of one's own; `test_exits.py` has what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from newsletter.core.links import inert_link
from newsletter.edges.files import Project
from newsletter.errors import NotConfigured
from newsletter.web.lambda_ import leaving_app
from newsletter.wiring import Here
from tests.web.exits import called

ENVIRONMENT = {
    "NEWSLETTER_TRANSPORT": "ses",
    "NEWSLETTER_SECRET": "k" * 32,
    "NEWSLETTER_SES_FEEDBACK_QUEUE": "https://sqs.eu-west-1.amazonaws.com/123456789012/events",
}
PATH = inert_link("", "unsubscribe")
REQUEST: Mapping[str, Any] = {"path": PATH, "httpMethod": "GET", "body": None, "isBase64Encoded": False}
ASKED = {
    "API Gateway": {
        **REQUEST,
        "resource": "/{proxy+}",
        "headers": {"Host": "letters.example.com"},
        "multiValueHeaders": {"Host": ["letters.example.com"]},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "requestContext": {"identity": {"sourceIp": "203.0.113.7"}, "stage": "prod"},
    },
    "a load balancer": {
        **REQUEST,
        "headers": {"host": "letters.example.com", "x-forwarded-for": "203.0.113.7"},
        "queryStringParameters": {},
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:x"}},
    },
}


@pytest.mark.parametrize("event", ASKED.values(), ids=list(ASKED))
def test_it_answers_behind(publication: Path, event: Mapping[str, Any]) -> None:
    answer = called(leaving_app(Here(Project(publication), ENVIRONMENT)), event)
    assert answer["statusCode"] == 200
    assert "<h1>This is a test copy</h1>" in answer["body"]


@pytest.mark.parametrize("missing", ["NEWSLETTER_SES_FEEDBACK_QUEUE", "NEWSLETTER_SECRET"])
def test_it_does_not_begin_without_the_queue_and_the_key(publication: Path, missing: str) -> None:
    leaving_app(Here(Project(publication), ENVIRONMENT))
    said = "feedback_queue" if "QUEUE" in missing else missing
    with pytest.raises(NotConfigured, match=said):
        leaving_app(Here(Project(publication), {**ENVIRONMENT, missing: ""}))

"""Whatever is sent to the doors, they answer as they say, and neither break nor tell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from newsletter.core.subscriber import Subscriber
from newsletter.web.public.guard import MOST_BYTES
from tests.web.public.conftest import Doors, publication_in, served

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TEXT = {"type": "string", "maxLength": 300}


def body(**properties: object) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties}
    return {"requestBody": {"content": {kind: {"schema": schema} for kind in FORMS}}}


def answers(*statuses: int) -> dict[str, Any]:
    pages = {"text/html": {"schema": {"type": "string"}}, "text/plain": {"schema": {"type": "string"}}}
    return {"responses": {str(status): {"description": "a page", "content": pages} for status in statuses}}


TOKEN = {
    "name": "token",
    "in": "path",
    "required": True,
    "schema": {"anyOf": [{"type": "string", "minLength": 1}, {"enum": ["test-copy", "TOKEN"]}]},
}
ONE_CLICK = body(**{"List-Unsubscribe": TEXT})
NAMES = {"first_name": TEXT, "last_name": TEXT, "topic": {"type": "array", "items": TEXT}}
LOOK = answers(200, 400, 404)
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "the public doors", "version": "1"},
    "paths": {
        "/subscribe": {
            "get": LOOK,
            "post": {**body(address=TEXT, homepage=TEXT, **NAMES), **answers(200, 400, 413, 429)},
        },
        **{
            f"/{name}/{{token}}": {
                "parameters": [TOKEN],
                "get": LOOK if name != "return" else answers(400, 404, 405),
                "post": {**ONE_CLICK, **answers(200, 400, 404, 405, 413)},
            }
            for name in ("confirm", "unsubscribe", "return", "view")
        },
        "/preferences/{token}": {
            "parameters": [TOKEN],
            "get": LOOK,
            "post": {**body(pause=TEXT, **NAMES), **answers(200, 400, 404, 413)},
        },
        "/pictures/{mailing}/{name}": {
            "parameters": [{**TOKEN, "name": "mailing"}, {**TOKEN, "name": "name"}],
            "get": LOOK,
        },
        "/embed": {"get": LOOK},
        "/healthz": {"get": LOOK},
    },
}
schema = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
ADDRESS = "ann.of.the.list@example.org"


@pytest.fixture(scope="module")
def open_doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with served(publication_in(tmp_path_factory.mktemp("fuzzing") / "publication"), {}) as doors:
        doors.store.subscribers.put([Subscriber(address=ADDRESS)], datetime.now(UTC))
        yield doors


@schema.parametrize()
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_whatever_is_sent_is_answered_as_promised(
    case: schemathesis.Case[Any], open_doors: Doors, places: Iterator[int]
) -> None:
    if case.path_parameters and case.path_parameters.get("token") == "TOKEN":
        name = case.path.split("/")[1]
        case.path_parameters["token"] = open_doors.path(name, open_doors.reader(ADDRESS)).rpartition("/")[2]
    place = next(places)
    came_from = {"X-Forwarded-For": f"203.0.{place // 250}.{place % 250}"}  # or all would have to wait
    answer = case.call_and_validate(base_url=open_doors.url, headers=came_from, checks=CHECKS)
    assert "default-src 'none'" in answer.headers["content-security-policy"][0]
    assert ADDRESS not in answer.text
    assert open_doors.defects == []
    assert len(answer.content) < MOST_BYTES


@pytest.fixture(scope="module")
def places() -> Iterator[int]:
    return count()

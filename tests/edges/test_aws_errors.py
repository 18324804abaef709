"""No error that botocore raises by itself is met unprepared."""

from __future__ import annotations

import inspect

import pytest
from botocore import exceptions

from newsletter.edges.aws_errors import STAGES, Stage, stage_of, words_of

RAISED = [
    kind
    for _, kind in inspect.getmembers(exceptions, inspect.isclass)
    if issubclass(kind, Exception) and not issubclass(kind, Warning)
]


@pytest.mark.parametrize("kind", RAISED, ids=lambda kind: kind.__name__)
def test_every_error_that_botocore_raises_is_classified_on_purpose(kind: type[Exception]) -> None:
    if kind is not exceptions.ClientError:  # what the service answered: its code decides
        assert kind.__name__ in STAGES


def test_nothing_is_classified_that_does_not_exist() -> None:
    assert STAGES.keys() == {kind.__name__ for kind in RAISED} - {"ClientError"}


def test_what_nobody_knows_is_lost() -> None:
    assert stage_of(KeyError()) is Stage.LOST


def test_words_are_free_of_passwords_and_of_what_a_call_was_given() -> None:
    unreached = exceptions.EndpointConnectionError(endpoint_url="https://me:hunter2@s3.example.org/news")
    assert "https://s3.example.org/news" in words_of(unreached)
    assert "hunter2" not in words_of(unreached)
    assert words_of(exceptions.ParamValidationError(report="Invalid value: hunter2")) == "ParamValidationError"

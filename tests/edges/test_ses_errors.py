"""No error that botocore knows is met unprepared."""

from __future__ import annotations

from typing import cast

import botocore.session
import pytest
from botocore import exceptions

from newsletter.core.delivery import Deferred, InDoubt
from newsletter.edges.ses_errors import (
    ANSWERS,
    STATUSES,
    Meaning,
    answer_of,
    meaning_of,
    outcome_of,
    outcome_of_status,
)

SES = botocore.session.get_session().get_service_model("sesv2")
STATUS = cast("botocore.model.StringShape", SES.shape_for("BulkEmailStatus"))


@pytest.mark.parametrize("shape", SES.error_shapes, ids=lambda shape: shape.name)
def test_every_error_that_ses_documents_is_classified_on_purpose(shape: botocore.model.StructureShape) -> None:
    assert shape.name in ANSWERS


@pytest.mark.parametrize("status", STATUS.enum)
def test_every_status_that_ses_documents_is_classified_on_purpose(status: str) -> None:
    assert (status in STATUSES) is (status != "SUCCESS")


def test_a_status_that_nobody_knows_is_a_doubt() -> None:
    assert isinstance(outcome_of_status("QUEUED", "", recipient="a@example.net"), InDoubt)


@pytest.mark.parametrize("operation", ["SendEmail", "SendBulkEmail", "GetAccount"])
def test_what_our_calls_can_be_answered_is_no_doubt(operation: str) -> None:
    for shape in SES.operation_model(operation).error_shapes:
        assert ANSWERS[shape.name].meaning is not Meaning.IN_DOUBT
        assert answer_of(shape.name, shape.metadata["error"]["httpStatusCode"]) == ANSWERS[shape.name]


def test_whatever_stops_has_a_hint() -> None:
    everything = [*ANSWERS.values(), *STATUSES.values()]
    assert all(answer.hint for answer in everything if answer.meaning is Meaning.STOPPED)


@pytest.mark.parametrize("kind", [UnicodeDecodeError, KeyError, TypeError, exceptions.BotoCoreError])
def test_what_nobody_expected_is_a_doubt(kind: type[Exception]) -> None:
    err = kind("utf-8", b"", 0, 0, "") if kind is UnicodeDecodeError else kind()

    assert meaning_of(err) is Meaning.IN_DOUBT
    assert isinstance(outcome_of(err, recipients=["a@example.net"]), InDoubt)


def test_the_nearest_known_class_counts_for_a_new_error() -> None:
    class NewSsoError(exceptions.SSOError):
        pass

    assert meaning_of(NewSsoError()) is Meaning.STOPPED


def test_an_error_without_a_status_is_a_doubt() -> None:
    err = exceptions.ClientError({"Error": {"Code": "BadRequestException"}}, "SendEmail")

    assert isinstance(outcome_of(err, recipients=["a@example.net"]), InDoubt)


def test_a_call_that_was_made_wrongly_does_not_repeat_what_it_was_given() -> None:
    err = exceptions.ParamValidationError(report="Invalid value: reader@example.net")

    outcome = outcome_of(err, recipients=["reader@example.net"])

    assert isinstance(outcome, Deferred)
    assert outcome.stop
    assert "reader" not in outcome.reason

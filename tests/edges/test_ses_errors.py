"""No error that botocore knows is met unprepared."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import exceptions

from newsletter.core.delivery import Deferred, InDoubt
from newsletter.edges.ses_errors import ANSWERS, Meaning, answer_of, meaning_of, outcome_of

SES = botocore.session.get_session().get_service_model("sesv2")


@pytest.mark.parametrize("shape", SES.error_shapes, ids=lambda shape: shape.name)
def test_every_error_that_ses_documents_is_classified_on_purpose(shape: botocore.model.StructureShape) -> None:
    assert shape.name in ANSWERS


@pytest.mark.parametrize("operation", ["SendEmail", "GetAccount"])
def test_what_our_calls_can_be_answered_is_no_doubt(operation: str) -> None:
    for shape in SES.operation_model(operation).error_shapes:
        assert ANSWERS[shape.name].meaning is not Meaning.IN_DOUBT
        assert answer_of(shape.name, shape.metadata["error"]["httpStatusCode"]) == ANSWERS[shape.name]


def test_whatever_stops_has_a_hint() -> None:
    assert all(answer.hint for answer in ANSWERS.values() if answer.meaning is Meaning.STOPPED)


@pytest.mark.parametrize("kind", [UnicodeDecodeError, KeyError, TypeError, exceptions.BotoCoreError])
def test_what_nobody_expected_is_a_doubt(kind: type[Exception]) -> None:
    err = kind("utf-8", b"", 0, 0, "") if kind is UnicodeDecodeError else kind()

    assert meaning_of(err) is Meaning.IN_DOUBT
    assert isinstance(outcome_of(err, recipient="a@example.net"), InDoubt)


def test_the_nearest_known_class_counts_for_a_new_error() -> None:
    class NewSsoError(exceptions.SSOError):
        pass

    assert meaning_of(NewSsoError()) is Meaning.STOPPED


def test_an_error_without_a_status_is_a_doubt() -> None:
    err = exceptions.ClientError({"Error": {"Code": "BadRequestException"}}, "SendEmail")

    assert isinstance(outcome_of(err, recipient="a@example.net"), InDoubt)


def test_a_call_that_was_made_wrongly_does_not_repeat_what_it_was_given() -> None:
    err = exceptions.ParamValidationError(report="Invalid value: reader@example.net")

    outcome = outcome_of(err, recipient="reader@example.net")

    assert isinstance(outcome, Deferred)
    assert outcome.stop
    assert "reader" not in outcome.reason

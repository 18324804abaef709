"""What SQS can answer to our calls has a hint."""

from __future__ import annotations

import botocore.session
import pytest
from botocore import exceptions

from newsletter.edges.aws_errors import CREDENTIALS, STAGES
from newsletter.edges.sqs_errors import HINTS, error_of
from newsletter.errors import EdgeError, NotConfigured

SQS = botocore.session.get_session().get_service_model("sqs")
QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/newsletter"
# Those of a call that we make in another way: its entries are our own, and never wrong by themselves.
OF_BATCHES = {"BatchEntryIdsNotDistinct", "EmptyBatchRequest", "InvalidBatchEntryId", "TooManyEntriesInBatchRequest"}


def answered(code: str, status: int = 400, said: str = "Words of SQS") -> exceptions.ClientError:
    answer = {"Error": {"Code": code, "Message": said}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return exceptions.ClientError(answer, "ReceiveMessage")  # type: ignore[arg-type]  # the rest of it is not read


@pytest.mark.parametrize("operation", ["ReceiveMessage", "DeleteMessageBatch"])
def test_every_error_that_sqs_documents_for_our_calls_has_a_hint_of_its_own(operation: str) -> None:
    documented = {shape.name for shape in SQS.operation_model(operation).error_shapes}
    assert documented - OF_BATCHES <= HINTS.keys()


@pytest.mark.parametrize("code", [*HINTS, "SomethingNew"])
def test_an_answer_is_told_with_its_code_its_words_and_what_to_do(code: str) -> None:
    err = error_of(answered(code), QUEUE)
    assert isinstance(err, EdgeError)
    assert str(err) == f"the queue {QUEUE} cannot be read: {code}: Words of SQS"
    assert err.hint


def test_trouble_of_its_own_is_no_fault_of_the_settings() -> None:
    assert "again" in error_of(answered("QueueDoesNotExist", status=503), QUEUE).hint


@pytest.mark.parametrize("code", CREDENTIALS)
def test_who_is_asking_is_told_as_for_every_service(code: str) -> None:
    assert error_of(answered(code, status=403), QUEUE).hint == CREDENTIALS[code]


# EventStreamError is an answer as well, to calls that we do not make.
@pytest.mark.parametrize("name", sorted(STAGES.keys() - {"EventStreamError"}))
def test_every_error_of_botocores_own_is_told_with_what_to_do(name: str) -> None:
    kind: type[Exception] = getattr(exceptions, name)
    err = error_of(kind.__new__(kind), QUEUE)
    assert isinstance(err, EdgeError | NotConfigured)
    assert err.hint
    assert QUEUE in err.message

"""What an error of Amazon SQS means for the events that wait there, and what to do about it.

`HINTS` names what SQS answers; what botocore raises by itself is in `edges.aws_errors`.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from botocore import exceptions as boto

from newsletter.edges.aws_errors import CREDENTIALS, Stage, parts_of, stage_of, words_of
from newsletter.errors import EdgeError, NewsletterError, NotConfigured

SETUP: Final = "see 'Feedback' in README.md"
_QUEUE: Final = "check ses.feedback_queue, or make the queue"
_RIGHTS: Final = "allow sqs:ReceiveMessage and sqs:DeleteMessage on the queue for these credentials"
_AGAIN: Final = "SQS has trouble of its own; run the same command again, nothing is lost"
_KMS: Final = "allow kms:Decrypt with the queue's key for these credentials, and check the key in the KMS console"
_ADDRESS: Final = "check ses.feedback_queue: it is the queue's URL, as the SQS console shows it"

HINTS: Final[Mapping[str, str]] = {
    **CREDENTIALS,
    "AWS.SimpleQueueService.NonExistentQueue": _QUEUE,
    "QueueDoesNotExist": _QUEUE,
    "QueueDeletedRecently": _QUEUE,
    "AWS.SimpleQueueService.QueueDeletedRecently": _QUEUE,
    "AccessDenied": _RIGHTS,
    "AccessDeniedException": _RIGHTS,
    "InvalidAddress": _ADDRESS,
    "InvalidSecurity": "use https in ses.feedback_queue",
    "UnsupportedOperation": _ADDRESS,
    "AWS.SimpleQueueService.UnsupportedOperation": _ADDRESS,
    "OverLimit": "too many messages are being read at this moment; stop other readers, or wait some minutes",
    "RequestThrottled": _AGAIN,
    "ThrottlingException": _AGAIN,
    "InternalFailure": _AGAIN,
    "ServiceUnavailable": _AGAIN,
    "KmsAccessDenied": _KMS,
    "KmsDisabled": _KMS,
    "KmsInvalidKeyUsage": _KMS,
    "KmsInvalidState": _KMS,
    "KmsNotFound": _KMS,
    "KmsOptInRequired": _KMS,
    "KmsThrottled": _AGAIN,
    "OptInRequired": "sign up for SQS in this region",
}


def error_of(err: Exception, queue: str) -> NewsletterError:
    """Return what an error says about a queue, named by its URL."""
    if isinstance(err, boto.ClientError):
        code, said, status = parts_of(err)
        hint = _AGAIN if status >= 500 or status == 429 else HINTS.get(code.rpartition("#")[2], SETUP)
        return EdgeError(f"the queue {queue} cannot be read: {code}: {said}".rstrip(": "), hint=hint)
    name = type(err).__name__
    match stage_of(err):
        case Stage.NOT_MADE:
            hint = f"give the AWS credentials and settings that SQS needs; {SETUP}"
            return NotConfigured(f"the queue {queue} cannot be read: {words_of(err)}", hint=hint)
        case Stage.NEVER_LEFT:
            hint = "check the network, and ses.feedback_queue"
            return EdgeError(f"the queue {queue} cannot be reached: {name}", hint=hint)
        case _:
            hint = "run the same command again, nothing is lost; if it stays so, check ses.feedback_queue"
            return EdgeError(f"no readable answer from the queue {queue}: {name}", hint=hint)

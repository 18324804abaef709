"""What an error of Amazon SQS means for the events that wait there, and what to do about it.

`HINTS` names what SQS answers; what botocore raises by itself is in `edges.aws_errors`.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from newsletter.edges.aws_errors import CREDENTIALS, Advice, advised
from newsletter.errors import NewsletterError

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

_ADVICE: Final = Advice(
    answered=lambda code, _: HINTS.get(code.rpartition("#")[2], SETUP),
    again=_AGAIN,
    not_made=f"give the AWS credentials and settings that SQS needs; {SETUP}",
    never_left="check the network, and ses.feedback_queue",
    lost="run the same command again, nothing is lost; if it stays so, check ses.feedback_queue",
    refused="{} cannot be read",
    unusable="{} cannot be read",
)


def error_of(err: Exception, queue: str) -> NewsletterError:
    """Return what an error says about a queue, named by its URL."""
    return advised(err, f"the queue {queue}", _ADVICE)

"""What undoing must not lose: pictures in a bucket of Amazon S3, and messages in queues of Amazon SQS."""

from __future__ import annotations

from typing import Any, Final

from botocore import exceptions as boto

from newsletter.edges.aws_errors import parts_of

_COUNTS: Final = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


def remove_empty(s3: Any, bucket: str) -> bool:
    """Delete a bucket and return True, or False if something is in it: S3 looks and deletes in one step."""
    try:
        s3.delete_bucket(Bucket=bucket)
    except boto.ClientError as err:
        code, _, _ = parts_of(err)
        if code not in {"NoSuchBucket", "BucketNotEmpty"}:
            raise
        return code == "NoSuchBucket"
    return True


def messages_in(sqs: Any, queue: str) -> int:
    """Return about how many messages are in a queue, hidden ones as well; 0 if there is no such queue."""
    try:
        told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=_COUNTS)["Attributes"]
    except boto.ClientError as err:
        if parts_of(err)[0].endswith(("NonExistentQueue", "QueueDoesNotExist")):
            return 0
        raise
    return sum(int(told[name]) for name in _COUNTS)

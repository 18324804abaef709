"""Amazon SQS through botocore: the queue that SES's events wait in.

A message that is received is hidden from others for a while, and comes again unless it is deleted in that time. To ask
twice does no harm; botocore's retries are therefore on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.ports.feedback import Received
from newsletter.core.publication import SesSettings
from newsletter.edges.aws_errors import UNREADABLE, words_of
from newsletter.edges.aws_session import session_for
from newsletter.edges.sqs_errors import SETUP, error_of
from newsletter.errors import NotConfigured

# SQS API reference, ReceiveMessage and DeleteMessageBatch.
MOST_PER_CALL: Final = 10
LONGEST_WAIT: Final = 20.0  # seconds
MOST: Final = 1_000  # messages in memory at a time
CALLS: Final = 8  # at the same time
HIDDEN_FOR: Final = 300  # seconds; far more than some hundred events take to be written
PATIENCE: Final = 10.0  # seconds for an answer, beyond what was to be waited for
# sqs.<region>.amazonaws.com, and the older <region>.queue.amazonaws.com; without a region it is us-east-1.
_OF_AMAZON: Final = re.compile(r"(?:sqs\.([a-z0-9-]+)|(?:([a-z0-9-]+)\.)?queue)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")

_TROUBLE = (boto.ClientError, boto.BotoCoreError, *UNREADABLE)


class Sqs:
    """A queue. Implements `core.ports.FeedbackInbox`."""

    def __init__(self, settings: SesSettings, *, patience: float = PATIENCE, tries: int = 3) -> None:
        """Make a client; nothing is asked yet.

        Raises:
            NotConfigured: no queue is named, or an unknown profile.
        """
        if settings.feedback_queue is None:
            raise NotConfigured("ses.feedback_queue is not set: nobody knows where events wait", hint=SETUP)
        self._queue = settings.feedback_queue
        region, endpoint = place_of(self._queue, settings.region)
        try:
            session = session_for("sqs", settings.profile)
            config = _config(patience, tries)
            self._client: Any = session.create_client("sqs", region, endpoint_url=endpoint, config=config)
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"Amazon SQS cannot be used: {words_of(err)}", hint=SETUP) from err
        self._calls = ThreadPoolExecutor(CALLS, thread_name_prefix="queue")

    def close(self) -> None:
        """Close the connections."""
        self._calls.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def receive(self, wait: float) -> Sequence[Received]:
        """Return up to `MOST` messages. Only the first call waits; when it comes back full, several more are made."""
        received = list(self._receive(min(wait, LONGEST_WAIT)))
        full = len(received) == MOST_PER_CALL
        while full and len(received) < MOST:
            calls = min(CALLS, -(-(MOST - len(received)) // MOST_PER_CALL))
            answers = list(self._calls.map(self._receive, [0.0] * calls))
            received += [each for answer in answers for each in answer]
            full = sum(map(len, answers)) > MOST_PER_CALL * calls // 2  # SQS asks some of its servers at a time
        return received

    def delete(self, received: Sequence[Received]) -> None:
        """Delete messages, ten a call; one that is not deleted comes again, and changes nothing then."""
        parts = [received[begin : begin + MOST_PER_CALL] for begin in range(0, len(received), MOST_PER_CALL)]
        list(self._calls.map(self._delete, parts))

    def _receive(self, wait: float) -> Sequence[Received]:
        try:
            answer = self._client.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=MOST_PER_CALL,
                WaitTimeSeconds=round(wait),
                VisibilityTimeout=HIDDEN_FOR,
            )
            # botocore takes a page of a proxy for an answer without messages, and so for an empty queue.
            if "json" not in answer["ResponseMetadata"]["HTTPHeaders"].get("content-type", ""):
                raise ValueError("no answer of SQS")
            return [
                Received(each["MessageId"], each["ReceiptHandle"], each.get("Body", ""))
                for each in answer.get("Messages", ())
            ]
        except _TROUBLE as err:
            raise error_of(err, self._queue) from err

    def _delete(self, received: Sequence[Received]) -> None:
        entries = [{"Id": str(number), "ReceiptHandle": each.receipt} for number, each in enumerate(received)]
        try:
            self._client.delete_message_batch(QueueUrl=self._queue, Entries=entries)
        except _TROUBLE as err:
            raise error_of(err, self._queue) from err


def place_of(queue: str, region: str | None) -> tuple[str | None, str | None]:
    """Return the region of a queue by its URL, and the endpoint where it is none of Amazon's."""
    parts = urlsplit(queue)
    if amazon := _OF_AMAZON.fullmatch(parts.hostname or ""):
        return amazon[1] or amazon[2] or "us-east-1", None
    return region, f"{parts.scheme}://{parts.netloc}"


def _config(patience: float, tries: int) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=5,
        read_timeout=patience + LONGEST_WAIT,
        max_pool_connections=CALLS + 1,
        user_agent_extra="newsletter",
    )

"""A queue on a stand-in, as SES fills it: a topic of SNS with an SQS queue behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

REGION = "us-east-1"
PER_CALL = 10


@dataclass(frozen=True)
class Queue:
    """A queue by its URL, and the topic that publishes to it."""

    url: str
    topic: str
    sns: Any
    sqs: Any

    def publish(self, *events: Any) -> None:
        """Let SNS publish: it wraps each message, or not, as the queue was subscribed."""
        for event in events:
            text = event if isinstance(event, str) else json.dumps(event)
            self.sns.publish(TopicArn=self.topic, Message=text, Subject="Amazon SES Email Event Notification")

    def put(self, bodies: Iterable[str]) -> None:
        """Put messages into the queue itself."""
        waiting = list(bodies)
        for begin in range(0, len(waiting), PER_CALL):
            part = waiting[begin : begin + PER_CALL]
            entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(part)]
            self.sqs.send_message_batch(QueueUrl=self.url, Entries=entries)

    def depth(self) -> int:
        """Return how many messages are in the queue, hidden or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return sum(int(told[name]) for name in names)


@contextmanager
def queue(endpoint: str, name: str, *, raw: bool = False) -> Iterator[Queue]:
    """Make a topic and a queue, the second subscribed to the first; `raw` is raw message delivery."""
    sns: Any = boto3.client("sns", endpoint_url=endpoint, region_name=REGION)
    sqs: Any = boto3.client("sqs", endpoint_url=endpoint, region_name=REGION)
    topic = sns.create_topic(Name=name)["TopicArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"RawMessageDelivery": "true"} if raw else {}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    try:
        yield Queue(url, topic, sns, sqs)
    finally:
        sqs.delete_queue(QueueUrl=url)
        sns.close()
        sqs.close()

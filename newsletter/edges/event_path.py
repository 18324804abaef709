"""The way of events behind SES, as it can be seen: whom the SNS topic tells, and what the SQS queue says of itself."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from botocore import exceptions as boto
from botocore.session import Session

from newsletter.core.diagnosis.facts import Cause, Queue, Subscription, Unseen
from newsletter.core.publication import SesSettings
from newsletter.edges.aws_errors import words_of
from newsletter.edges.aws_looking import PATIENCE, asked, config
from newsletter.edges.sqs import place_of
from newsletter.errors import NotConfigured

_ATTRIBUTES = ["QueueArn", "ApproximateNumberOfMessages", "Policy", "RedrivePolicy"]
_UNCONFIRMED = "PendingConfirmation"  # stands where the ARN of a subscription will be


class AwsEventPath:
    """Implements `diagnosis.ports.EventPath`."""

    def __init__(self, settings: SesSettings, *, patience: float = PATIENCE) -> None:
        """Prepare to ask.

        Raises:
            NotConfigured: an unknown profile.
        """
        self._settings, self._patience = settings, patience
        try:
            self._session = Session(profile=settings.profile)
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"AWS cannot be asked: {words_of(err)}", hint="check ses.profile") from err

    def subscriptions(self, topic: str) -> Collection[Subscription] | Unseen:
        """Ask ListSubscriptionsByTopic, in the region that the topic's ARN names."""
        return asked(lambda: self._subscriptions(topic), "sns:ListSubscriptionsByTopic")

    def queue(self) -> Queue | Unseen:
        """Ask GetQueueAttributes."""
        if self._settings.feedback_queue is None:
            return Unseen(Cause.NOT_ASKED, "ses.feedback_queue is not set")
        url = self._settings.feedback_queue
        return asked(lambda: self._queue(url), "sqs:GetQueueAttributes")

    def _subscriptions(self, topic: str) -> Collection[Subscription]:
        region = topic.split(":")[3]
        sns: Any = self._session.create_client("sns", region, config=config(self._patience))
        try:
            pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
            return [
                Subscription(each["Protocol"], each["Endpoint"], each["SubscriptionArn"] != _UNCONFIRMED)
                for page in pages
                for each in page["Subscriptions"]
            ]
        finally:
            sns.close()

    def _queue(self, url: str) -> Queue:
        region, endpoint = place_of(url, self._settings.region)
        sqs: Any = self._session.create_client("sqs", region, endpoint_url=endpoint, config=config(self._patience))
        try:
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_ATTRIBUTES)["Attributes"]
        finally:
            sqs.close()
        waiting = int(told.get("ApproximateNumberOfMessages", 0))
        return Queue(told["QueueArn"], waiting, told.get("Policy", ""), "RedrivePolicy" in told)

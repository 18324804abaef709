"""Wishes of readers that a door without a database takes: put into the SQS queue that `newsletter feedback` drains.

A wish is JSON: `{"kind": "unsubscribe", "subscriber": <uid>, "mailing": <uid>, "at": <ISO 8601, UTC>}`. The same wish
twice is one wish, so botocore's retries are on.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.links import Bearer
from newsletter.core.publication import SesSettings
from newsletter.edges.aws_errors import UNREADABLE, parts_of, words_of
from newsletter.edges.aws_session import session_for
from newsletter.edges.sqs import place_of
from newsletter.errors import EdgeError, NotConfigured

_SETUP: Final = "set ses.feedback_queue to the queue's URL, and allow sqs:SendMessage on it"
_PATIENCE: Final = 8.0  # seconds for an answer; a mail program waits for ours


class Wishes:
    """The queue, for putting wishes into it."""

    def __init__(self, settings: SesSettings) -> None:
        """Make a client; nothing is asked yet.

        Raises:
            NotConfigured: no queue is named, or AWS is not set up.
        """
        if settings.feedback_queue is None:
            raise NotConfigured("ses.feedback_queue is not set: wishes have nowhere to go", hint=_SETUP)
        self._queue = settings.feedback_queue
        region, endpoint = place_of(self._queue, settings.region)
        config = Config(connect_timeout=_PATIENCE / 2, read_timeout=_PATIENCE, user_agent_extra="newsletter")
        try:
            session = session_for("sqs", settings.profile)
            self._client: Any = session.create_client("sqs", region, endpoint_url=endpoint, config=config)
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"Amazon SQS cannot be used: {words_of(err)}", hint=_SETUP) from err

    def leave(self, bearer: Bearer, at: datetime) -> None:
        """Put the wish to leave into the queue; when this returns, it is there.

        Raises:
            EdgeError: the queue did not take it.
        """
        wish = {
            "kind": "unsubscribe",
            "subscriber": bearer.subscriber_uid,
            "mailing": bearer.mailing_uid,
            "at": at.isoformat(),
        }
        try:
            self._client.send_message(QueueUrl=self._queue, MessageBody=json.dumps(wish))
        except boto.ClientError as err:
            raise EdgeError(f"the queue did not take a wish: {parts_of(err)[0]}", hint=_SETUP) from err
        except (boto.BotoCoreError, *UNREADABLE) as err:
            raise EdgeError(f"the queue did not take a wish: {type(err).__name__}", hint=_SETUP) from err

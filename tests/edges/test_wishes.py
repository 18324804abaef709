"""The queue that wishes go into is found by its URL; `tests/web/test_exits.py` has what goes into it."""

from __future__ import annotations

import pytest

from newsletter.core.publication import SesSettings
from newsletter.edges.wishes import Wishes


@pytest.mark.parametrize(
    "host", ["sqs.eu-west-1.amazonaws.com", "eu-west-1.queue.amazonaws.com", "queue.amazonaws.com"]
)
def test_the_url_of_a_queue_at_amazon_names_its_region(environment: pytest.MonkeyPatch, host: str) -> None:
    environment.delenv("AWS_DEFAULT_REGION", raising=False)
    Wishes(SesSettings(feedback_queue=f"https://{host}/123456789012/events"))  # or there would be no region

"""What an event proves."""

from __future__ import annotations

import pytest

from newsletter.core.feedback import Proof
from tests.core.test_ses_events import NAMES, event, recorded


@pytest.mark.parametrize("name", NAMES)
def test_each_event_proves_that_its_delivery_was_accepted_but_those_of_mail_never_sent(name: str) -> None:
    never = name in {"reject", "rendering-failure"}
    assert event(recorded(name)).proves is (Proof.NOT_SENT if never else Proof.ACCEPTED)

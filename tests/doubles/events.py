"""What SES later tells about accepted mail: events in its JSON, as unreliable as they come."""

import heapq
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID

from tests.doubles.blocks import Outcome, blocks, stamp
from tests.doubles.errors import bad_request
from tests.doubles.ledger import Accepted
from tests.doubles.recipients import bare, is_simulator
from tests.doubles.rules import When
from tests.doubles.settings import Settings

_MAX_COPIES: Final = 8
_TOPIC: Final = "arn:aws:sns:eu-central-1:123456789012:newsletter"
_GREETING: Final = "Successfully validated SNS topic for Amazon SES event publishing."
_SIMULATED: Final = {
    "bounce": Outcome.BOUNCE,
    "suppressionlist": Outcome.BOUNCE,
    "complaint": Outcome.COMPLAINT,
}


class EventStream:
    """Turns the ledger into published events; what was published once keeps its place."""

    def __init__(self, settings: Settings) -> None:
        self._rules = [_EventRule(rule) for rule in settings.event_rules]
        self._chance = Random(settings.event_seed)  # noqa: S311 - the same disorder every time is the point
        self._settings = settings
        self._read = 0
        self._order = count()
        self._pending: list[tuple[float, int, dict[str, Any]]] = []
        self.published: list[dict[str, Any]] = [self._envelope(_GREETING)] if settings.sns_envelope else []

    def publish(self, ledger: Sequence[Accepted], now: float) -> None:
        """Publish all that is due for what the ledger holds by now."""
        for accepted in ledger[self._read :]:
            for event in self._events_of(accepted):
                self._schedule(event, accepted.at)
        self._read = len(ledger)
        due = []
        while self._pending and self._pending[0][0] <= now:
            due.append(heapq.heappop(self._pending)[2])
        if self._settings.event_reorder:
            self._chance.shuffle(due)
        self.published += (self._envelope(json.dumps(event)) if self._settings.sns_envelope else event for event in due)

    def _schedule(self, event: dict[str, Any], at: float) -> None:
        copies = 1
        while copies < _MAX_COPIES and self._chance.random() < self._settings.event_duplicates:
            copies += 1
        for _ in range(copies):
            due = at + self._chance.uniform(*self._settings.event_delay_seconds)
            heapq.heappush(self._pending, (due, next(self._order), event))

    def _events_of(self, accepted: Accepted) -> list[dict[str, Any]]:
        if not accepted.configuration_set:
            return []
        outcome = self._outcome(accepted)
        return [
            {"eventType": kind, "mail": _mail(accepted, failed=outcome is Outcome.RENDERING_FAILURE), name: block}
            for kind, name, block in blocks(outcome, accepted)
        ]

    def _outcome(self, accepted: Accepted) -> Outcome:
        ruled = [rule.outcome for rule in self._rules if rule.when.fires(accepted.operation, [accepted.address])]
        if accepted.missing:
            return Outcome.RENDERING_FAILURE
        if ruled:
            return ruled[0]
        if accepted.suppressed:
            return Outcome.SUPPRESSED
        if is_simulator(accepted.address):
            label = accepted.address.lower().partition("@")[0].partition("+")[0]
            return _SIMULATED.get(label, Outcome.DELIVERY)
        return Outcome.DELIVERY

    def _envelope(self, message: str) -> dict[str, Any]:
        return {
            "Type": "Notification",
            "MessageId": str(UUID(int=self._chance.getrandbits(128))),
            "TopicArn": _TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": message,
            "Timestamp": stamp(datetime.now(UTC).timestamp()),
            "SignatureVersion": "1",
            "Signature": "bm90IGEgc2lnbmF0dXJl",
            "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
            "UnsubscribeURL": f"https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={_TOPIC}:0",
        }


class _EventRule:
    def __init__(self, rule: Mapping[str, Any]) -> None:
        self.when = When(rule.get("when", {}))
        if rule.get("do") not in set(Outcome):
            raise bad_request(f"There is no outcome {rule.get('do')}.")
        self.outcome = Outcome(rule["do"])


def _mail(accepted: Accepted, *, failed: bool) -> dict[str, Any]:
    address = bare(accepted.source)
    mail: dict[str, Any] = {
        "timestamp": stamp(accepted.at),
        "source": accepted.source,
        "sourceArn": f"arn:aws:ses:eu-central-1:123456789012:identity/{address}",
        "sendingAccountId": "123456789012",
        "messageId": accepted.message_id,
        "destination": [accepted.address],
        "headersTruncated": False,
        "tags": {
            "ses:operation": [accepted.operation],
            "ses:configuration-set": [accepted.configuration_set],
            "ses:source-ip": ["127.0.0.1"],
            "ses:from-domain": [address.rpartition("@")[2]],
            "ses:caller-identity": ["newsletter"],
            **{name: [value] for name, value in accepted.tags.items()},
        },
    }
    if failed:
        return mail
    known = accepted.headers or []
    names = {name.lower() for name, _ in known}
    own = [("From", accepted.source), ("To", accepted.address), ("Subject", accepted.subject)]
    headers = [*known, *((name, value) for name, value in own if name.lower() not in names)]
    return {
        **mail,
        "headersTruncated": accepted.headers is None,
        "headers": [{"name": name, "value": value} for name, value in headers],
        "commonHeaders": {
            "from": [accepted.source],
            "to": [accepted.address],
            "messageId": accepted.message_id,
            "subject": accepted.subject,
        },
    }

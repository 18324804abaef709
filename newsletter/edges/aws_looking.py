"""What an error of AWS means for a fact that somebody asked for: not allowed, not there, or trouble."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.diagnosis.facts import Cause, Unseen
from newsletter.edges.aws_errors import CREDENTIALS, UNREADABLE, Stage, parts_of, stage_of, words_of

Found = TypeVar("Found")

TROUBLE: Final = (boto.ClientError, boto.BotoCoreError, *UNREADABLE)
PATIENCE: Final = 6.0  # seconds for an answer
TRIES: Final = 4  # all questions of SES but those that send may come once a second; botocore waits between its tries
_DENIED: Final = frozenset({"AccessDeniedException", "AccessDenied", "AuthorizationError", "NotAuthorized"})
_NOT_THERE: Final = frozenset(
    {
        "NotFoundException",
        "NotFound",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
    }
)
_NETWORK: Final = "check the network and the region"
_KEYS: Final = "give the credentials the way every AWS program takes them: environment, profile or role"


def asked(question: Callable[[], Found], action: str) -> Found | Unseen:
    """Return what a question finds out, or why it does not; `action` is what IAM calls it."""
    try:
        return question()
    except TROUBLE as err:
        return unseen_of(err, action)


def unseen_of(err: Exception, action: str) -> Unseen:
    """Return what an error says."""
    if isinstance(err, boto.ClientError):
        return _answered(err, action)
    match stage_of(err):
        case Stage.NOT_MADE:
            return Unseen(Cause.FAILED, f"AWS cannot be asked: {words_of(err)}", _KEYS, action)
        case Stage.NEVER_LEFT:
            return Unseen(Cause.FAILED, f"AWS cannot be reached: {words_of(err)}", _NETWORK, action)
        case _:
            why = f"no readable answer of AWS: {type(err).__name__}"
            return Unseen(Cause.FAILED, why, "look again in a moment; check whether a proxy is in the way", action)


def _answered(err: boto.ClientError, action: str) -> Unseen:
    code, said, status = parts_of(err)
    code = code.rpartition("#")[2]
    at = said_at(err.response)
    if code in _DENIED:
        named = re.search(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)", said)
        return Unseen(Cause.DENIED, said, action=named[1] if named else action, said_at=at)
    if code in _NOT_THERE:
        return Unseen(Cause.NOT_THERE, said, action=action, said_at=at)
    hint = CREDENTIALS.get(code, "look again in a moment" if status >= 500 or status == 429 else "")
    return Unseen(Cause.FAILED, f"{code}: {said}", hint, action, at)


def said_at(answer: Any) -> datetime | None:
    """Return the time that the Date header of an answer or error says (RFC 9110 6.6.1)."""
    try:
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, TypeError, ValueError):
        return None


def config(patience: float, tries: int = TRIES) -> Config:
    """Return how a client asks: again, since that does no harm, and not for long."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=min(3.0, patience),
        read_timeout=patience,
        user_agent_extra="newsletter",
    )

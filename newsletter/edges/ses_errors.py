"""What an error of botocore says about a message: certainly not sent, never to be sent, or nobody can tell.

`ANSWERS` classifies what SES answered, `STATUSES` what it says of one entry of a bulk call; what botocore raises by
itself is in `edges.aws_errors`. A test walks botocore's own lists and fails on an error that none of them names.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from botocore import exceptions as boto

from newsletter.core.delivery import Deferred, InDoubt, Outcome, Refused
from newsletter.edges.aws_errors import CREDENTIALS, Stage, parts_of, stage_of, words_of

SETUP: Final = "see 'Going live on SES' in README.md"
QUOTA_HINT: Final = "the quota of 24 hours is spent; run the same command later and it goes on where it stopped"
_RIGHTS: Final = "give these credentials the policy that `newsletter aws setup` made"
_NETWORK: Final = "check the network"
_SANDBOX: Final = (
    "in the SES sandbox only verified addresses are mailed: ask for production access, or verify the reader's"
)


class Meaning(Enum):
    """What an error means for the message and for those after it."""

    THROTTLED = auto()  # not sent; more slowly it will be
    PASSING = auto()  # not sent; a little later it will be
    NOT_REACHED = auto()  # not sent; no byte of it left
    REFUSED = auto()  # not sent, and never will be
    STOPPED = auto()  # not sent; it would be the same for everybody
    IN_DOUBT = auto()  # nobody can tell


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error code of SES means, and what the editor can do about it."""

    meaning: Meaning
    hint: str = ""


_THROTTLED = Answer(Meaning.THROTTLED, "wait a moment and try again")
_REFUSED = Answer(Meaning.REFUSED)
_BROKEN = Answer(Meaning.IN_DOUBT, "SES has trouble of its own; try again later")
_NO_RIGHTS = Answer(Meaning.STOPPED, _RIGHTS)
_UNFIT = Answer(Meaning.STOPPED, SETUP)

# botocore's sesv2 model, and the errors common to all AWS services. A status of 500 or more is a doubt whatever the
# code says. A code that is not here was certainly not sent, and stops the mailing: nobody can tell whether it
# concerns one recipient or all.
ANSWERS: Final[Mapping[str, Answer]] = {
    "TooManyRequestsException": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "Throttling": _THROTTLED,
    "ThrottledException": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "RequestThrottledException": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "BadRequestException": _REFUSED,
    "MessageRejected": _REFUSED,
    "InternalServiceErrorException": _BROKEN,
    "InternalFailure": _BROKEN,
    "ServiceUnavailable": _BROKEN,
    "ConcurrentModificationException": _BROKEN,
    "AccountSuspendedException": Answer(Meaning.STOPPED, "Amazon has suspended the account; write to AWS Support"),
    "SendingPausedException": Answer(
        Meaning.STOPPED, "sending is paused for the account or configuration set; resume it in the SES console"
    ),
    "MailFromDomainNotVerifiedException": Answer(Meaning.STOPPED, "verify the MAIL FROM domain in the SES console"),
    "NotFoundException": Answer(Meaning.STOPPED, "check ses.configuration_set in publication.yaml"),
    "LimitExceededException": Answer(Meaning.STOPPED, "a limit of the account is reached; see the SES console"),
    "AccessDeniedException": _NO_RIGHTS,
    "AccessDenied": _NO_RIGHTS,
    "NotAuthorized": _NO_RIGHTS,
    **{code: Answer(Meaning.STOPPED, hint) for code, hint in CREDENTIALS.items()},
    "OptInRequired": Answer(Meaning.STOPPED, "sign up for SES in this region"),
    "AlreadyExistsException": _UNFIT,
    "ConflictException": _UNFIT,
    "InvalidNextTokenException": _UNFIT,
    "ValidationError": _UNFIT,
    "ValidationException": _UNFIT,
    "SerializationException": _UNFIT,
    "UnknownOperationException": _UNFIT,
}

# SES API reference, BulkEmailEntryResult: the names of the model, and those of its prose. One that is not here is a
# doubt: it is no SUCCESS, and nobody can tell whether it is a failure.
STATUSES: Final[Mapping[str, Answer]] = {
    "MESSAGE_REJECTED": _REFUSED,
    "INVALID_PARAMETER": _REFUSED,
    "INVALID_PARAMETER_VALUE": _REFUSED,
    "FAILED": _REFUSED,
    "TRANSIENT_FAILURE": Answer(Meaning.PASSING, "SES has trouble of its own; wait"),
    "ACCOUNT_THROTTLED": _THROTTLED,
    "ACCOUNT_DAILY_QUOTA_EXCEEDED": Answer(Meaning.STOPPED, QUOTA_HINT),
    "ACCOUNT_SUSPENDED": ANSWERS["AccountSuspendedException"],
    "ACCOUNT_SENDING_PAUSED": ANSWERS["SendingPausedException"],
    "CONFIGURATION_SET_SENDING_PAUSED": ANSWERS["SendingPausedException"],
    "CONFIGURATION_SET_NOT_FOUND": ANSWERS["NotFoundException"],
    "CONFIGURATION_SET_DOES_NOT_EXIST": ANSWERS["NotFoundException"],
    "INVALID_SENDING_POOL_NAME": Answer(Meaning.STOPPED, "check the sending pool of the configuration set"),
    "MAIL_FROM_DOMAIN_NOT_VERIFIED": ANSWERS["MailFromDomainNotVerifiedException"],
    "TEMPLATE_NOT_FOUND": _UNFIT,
    "TEMPLATE_DOES_NOT_EXIST": _UNFIT,
}

_OF_STAGE: Final = {
    Stage.NEVER_LEFT: Meaning.NOT_REACHED,
    Stage.NOT_MADE: Meaning.STOPPED,
    Stage.LOST: Meaning.IN_DOUBT,
}


def outcome_of(err: Exception, *, recipients: Collection[str]) -> Outcome:
    """Return what an error says about the messages of a call to these addresses."""
    if isinstance(err, boto.ClientError):
        code, said, status = parts_of(err)
        return _answered(answer_of(code, status), code, said, recipients)
    name = type(err).__name__
    match meaning_of(err):
        case Meaning.NOT_REACHED:
            return Deferred(f"Amazon SES cannot be reached: {name}", hint=_NETWORK)
        case Meaning.STOPPED:
            return Deferred(f"Amazon SES cannot be used: {words_of(err)}", stop=True, hint=SETUP)
        case _:
            return InDoubt(f"no readable answer from SES: {name}")


def outcome_of_status(status: str, said: str, *, recipient: str) -> Outcome:
    """Return what the status of one entry of a bulk call says about its message; SUCCESS is none of them."""
    return _answered(STATUSES.get(status, _BROKEN), status, said, [recipient])


def meaning_of(err: Exception) -> Meaning:
    """Return what an error that botocore raised by itself means."""
    return _OF_STAGE[stage_of(err)]


def answer_of(code: str, status: int) -> Answer:
    """Return what an error answer means."""
    if status >= 500:
        return _BROKEN
    if status == 429:
        return _THROTTLED
    return ANSWERS.get(code, _UNFIT)


def _answered(answer: Answer, code: str, said: str, recipients: Collection[str]) -> Outcome:
    reason = f"{code}: {said}"
    if answer.meaning is Meaning.IN_DOUBT:
        return InDoubt(reason)
    if "daily" in said.lower() and "quota" in said.lower():
        return Deferred(reason, stop=True, hint=QUOTA_HINT)
    if answer.meaning is Meaning.REFUSED:
        if unverified := _unverified(said):
            senders = unverified - {recipient.lower() for recipient in recipients}
            hint = f"verify {', '.join(sorted(senders))} in the SES console" if senders else _SANDBOX
            return Deferred(reason, stop=True, hint=hint)
        return Refused(reason)
    throttled, stopped = answer.meaning is Meaning.THROTTLED, answer.meaning is Meaning.STOPPED
    passing = answer.meaning is Meaning.PASSING
    return Deferred(reason, throttled=throttled, stop=stopped, hint=answer.hint, counts=passing)


def _unverified(said: str) -> set[str]:
    """Return the identities that SES says are not verified.

    The sender's concerns everybody. So does a recipient's: outside of the sandbox none needs to be verified, and who
    is on the list must not lose the issue because the account is still in it.
    """
    match = re.search(r"not verified.*failed the check in region [^:]*:(.*)", said, re.DOTALL)
    return {name.strip().lower() for name in match[1].split(",") if name.strip()} if match else set()

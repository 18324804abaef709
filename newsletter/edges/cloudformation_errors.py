"""What an error of CloudFormation, or of what it calls, means for the setup and what to do about it.

What botocore raises by itself is in `edges.aws_errors`.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from botocore import exceptions as boto

from newsletter.edges.aws_errors import CREDENTIALS, PROFILE, Advice, advised, words_of
from newsletter.errors import BadInput, NewsletterError, NotConfigured

SETUP: Final = "see 'Going live on SES' in README.md"
LONGEST: Final = 51_200  # bytes of a template that is handed over in the call; CloudFormation user guide, quotas
AGAIN: Final = "run the same command again, it goes on where it stopped"
_CHAIN: Final = (
    "give credentials as every AWS program takes them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile of the"
    " AWS CLI named in ses.profile or AWS_PROFILE, or the role of the machine"
)
_REGION: Final = "set ses.region to the region in which your domain is verified, like eu-west-1"
_SHORTER: Final = (
    "shorten the words and tokens of publication.yaml; or upload what `newsletter aws template` prints as a file in the"
    " CloudFormation console, which takes up to 1 MB"
)
_RIGHTS: Final = "use an administrator's credentials for this one command"

_PUBLIC: Final = (
    'switch off "Block public access" for the account in the S3 console, which keeps readers from the pictures; or'
    " leave out --assets, and see 'Pictures' in README.md"
)

HINTS: Final[Mapping[str, str]] = {
    **CREDENTIALS,
    "AccessDenied": _RIGHTS,
    "AccessDeniedException": _RIGHTS,
    "NotAuthorized": _RIGHTS,
    "UnauthorizedOperation": _RIGHTS,
    "OptInRequired": f"sign up for AWS in this region, or {_REGION}",
    "AlreadyExistsException": AGAIN,
    "ChangeSetNotFound": AGAIN,
    "InvalidChangeSetStatus": AGAIN,
    "OperationInProgressException": AGAIN,
    "TokenAlreadyExistsException": AGAIN,
    "InsufficientCapabilitiesException": _RIGHTS,
    "LimitExceededException": "the account has too many stacks; remove some in the CloudFormation console",
    "OverLimit": AGAIN,
    "Throttling": AGAIN,
    "ThrottlingException": AGAIN,
    "RequestLimitExceeded": AGAIN,
    "ServiceUnavailable": AGAIN,
    "InternalFailure": AGAIN,
    "ValidationError": SETUP,
}

_ADVICE: Final = Advice(
    answered=lambda code, said: hint_for(said) or HINTS.get(code, SETUP),
    again=AGAIN,
    not_made=_CHAIN,
    never_left=f"check the network, and that ses.region is a region of AWS; {AGAIN}",
    lost=AGAIN,
    refused="{}",
    unusable="{} cannot be reached",
    unread="{}: no readable answer",
)


def refuse_too_long(template: str) -> None:
    """Refuse a template that CloudFormation would not take, before anything is asked.

    Raises:
        BadInput: it is too long for a call.
    """
    size = len(template.encode())
    if size > LONGEST:
        raise BadInput(f"the template has {size:,} bytes, and CloudFormation takes {LONGEST:,}", hint=_SHORTER)


def error_of(err: Exception, place: str) -> NewsletterError:
    """Return what an error says about a place, named like `stack v2g-news in eu-west-1`."""
    if isinstance(err, boto.NoRegionError):
        return NotConfigured("no AWS region is set", hint=_REGION)
    if isinstance(err, boto.ProfileNotFound):
        return NotConfigured(words_of(err), hint=PROFILE)
    return advised(err, place, _ADVICE)


def hint_for(said: str) -> str:
    """Return the hint for words that name what is in the way, a missing permission for one; else an empty text."""
    if re.search(r"BlockPublicPolicy|block public (policy|access)", said, re.IGNORECASE):
        return _PUBLIC
    match = re.search(r"not authorized to perform:? [`']?([A-Za-z0-9-]+:\w+)", said)
    return f"allow {match[1]} for these credentials, or {_RIGHTS}" if match else ""

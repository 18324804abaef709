"""What an error of botocore says about a message: certainly not sent, never to be sent, or nobody can tell.

`ANSWERS` classifies what SES answered, `STATUSES` what it says of one entry of a bulk call, `MEANINGS` what botocore
raises by itself. A test walks botocore's own lists and fails on an error that none of them names.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as http

from newsletter.core.delivery import Deferred, InDoubt, Outcome, Refused

SETUP: Final = "see 'Going live on SES' in README.md"
QUOTA_HINT: Final = "the quota of 24 hours is spent; run the same command later and it goes on where it stopped"
_KEYS: Final = "check the AWS credentials"
_RIGHTS: Final = "allow ses:SendEmail, ses:SendBulkEmail and ses:GetAccount for these credentials"
_NETWORK: Final = "check the network"

# What the reading of a hostile answer can raise besides botocore's own errors: it trusts the body to be UTF-8 and
# of the expected shape.
UNREADABLE: Final = (ResponseParserError, ValueError, TypeError, AttributeError, LookupError)


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
_BAD_KEYS = Answer(Meaning.STOPPED, _KEYS)
_BAD_CLOCK = Answer(Meaning.STOPPED, f"{_KEYS}, and this machine's clock")
_SIGN_IN = Answer(Meaning.STOPPED, "sign in to AWS again")
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
    "UnrecognizedClientException": _BAD_KEYS,
    "InvalidClientTokenId": _BAD_KEYS,
    "IncompleteSignature": _BAD_KEYS,
    "IncompleteSignatureException": _BAD_KEYS,
    "MissingAuthenticationToken": _BAD_KEYS,
    "MissingAuthenticationTokenException": _BAD_KEYS,
    "SignatureDoesNotMatch": _BAD_CLOCK,
    "InvalidSignatureException": _BAD_CLOCK,
    "ExpiredTokenException": _SIGN_IN,
    "ExpiredToken": _SIGN_IN,
    "RequestExpired": Answer(Meaning.STOPPED, "set this machine's clock"),
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

# By name, because not every release of botocore has them all. The nearest class that is named counts; a lost
# connection, a time-out while waiting and an answer cut short or garbled are doubts, as is whatever nobody knows.
_NEVER_LEFT = "EndpointConnectionError ConnectTimeoutError CapacityNotAvailableError"
_NOT_MADE = """
    NoCredentialsError PartialCredentialsError CredentialRetrievalError UnknownCredentialError TokenRetrievalError
    SSOError SSOTokenLoadError UnauthorizedSSOTokenError LoginError LoginAuthorizationCodeError
    LoginInsufficientPermissions LoginRefreshRequired LoginTokenLoadError RefreshWithMFAUnsupportedError
    NoAuthTokenError UnknownTokenProviderError MetadataRetrievalError InvalidIMDSEndpointError
    InvalidIMDSEndpointModeError MissingDependencyException
    NoRegionError InvalidRegionError UnknownRegionError ServiceNotInRegionError BaseEndpointResolverError
    EndpointVariantError UnknownEndpointError UnknownFIPSEndpointError EndpointProviderError EndpointResolutionError
    UnknownEndpointResolutionBuiltInName InvalidEndpointConfigurationError InvalidEndpointDiscoveryConfigurationError
    InvalidHostLabelError InvalidDNSNameError
    ProfileNotFound ConfigNotFound ConfigParseError InvalidConfigError InfiniteLoopConfigError InvalidDefaultsMode
    InvalidChecksumConfigError InvalidProxiesConfigError InvalidRetryConfigurationError InvalidRetryModeError
    InvalidMaxRetryAttemptsError InvalidSTSRegionalEndpointsConfigError InvalidS3AddressingStyleError
    InvalidS3UsEast1RegionalEndpointConfigError UnsupportedS3AccesspointConfigurationError UnsupportedS3ArnError
    UnsupportedS3ConfigurationError UnsupportedS3ControlArnError UnsupportedS3ControlConfigurationError
    UnsupportedOutpostResourceError
    ApiVersionNotFoundError DataNotFoundError UnknownServiceError UnknownServiceStyle UnsupportedServiceProtocolsError
    UndefinedModelAttributeError MissingServiceIdError UnknownClientMethodError
    UnknownSignatureVersionError UnsupportedSignatureVersionError
    ParamValidationError ValidationError AliasConflictParameterError RangeError UnknownKeyError UnknownParameterError
    MissingParametersError OperationNotPageableError MD5UnavailableError
"""
_LOST = """
    BotoCoreError ConnectionError HTTPClientError ProxyConnectionError ConnectionClosedError ReadTimeoutError
    ResponseStreamingError IncompleteReadError ChecksumError FlexibleChecksumError AwsChunkedWrapperError
    UnseekableStreamError SSLError EventStreamError InvalidExpressionError PaginationError WaiterError
    WaiterConfigError StubResponseError StubAssertionError UnStubbedResponseError
"""
MEANINGS: Final[Mapping[str, Meaning]] = {
    **dict.fromkeys(_NEVER_LEFT.split(), Meaning.NOT_REACHED),
    **dict.fromkeys(_NOT_MADE.split(), Meaning.STOPPED),
    **dict.fromkeys(_LOST.split(), Meaning.IN_DOUBT),
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
            # The words of a ParamValidationError repeat what it was given.
            words = name if isinstance(err, boto.ParamValidationError) else str(err)
            return Deferred(f"Amazon SES cannot be used: {words}", stop=True, hint=SETUP)
        case _:
            return InDoubt(f"no readable answer from SES: {name}")


def outcome_of_status(status: str, said: str, *, recipient: str) -> Outcome:
    """Return what the status of one entry of a bulk call says about its message; SUCCESS is none of them."""
    return _answered(STATUSES.get(status, _BROKEN), status, said, [recipient])


def meaning_of(err: Exception) -> Meaning:
    """Return what an error that botocore raised by itself means."""
    # Both can also come after the request: botocore calls it the same when a proxy is lost while it answers.
    if isinstance(err, boto.SSLError | boto.ProxyConnectionError) and any(map(_is_of_connecting, _causes(err))):
        return Meaning.NOT_REACHED
    named = (MEANINGS.get(kind.__name__) for kind in type(err).__mro__)
    return next((meaning for meaning in named if meaning), Meaning.IN_DOUBT)


def parts_of(err: boto.ClientError) -> tuple[str, str, int]:
    """Return the code, the words and the HTTP status of what SES answered."""
    error: Any = err.response.get("Error", {})
    status = int(err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    code = str(error.get("Code", ""))
    # An answer without a readable error has its status as the code; without one, nothing is certain.
    return code, str(error.get("Message", "")), status or (int(code) if code.isdigit() else 500)


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
        if unverified := _unverified(said) - {recipient.lower() for recipient in recipients}:
            return Deferred(reason, stop=True, hint=f"verify {', '.join(sorted(unverified))} in the SES console")
        return Refused(reason)
    throttled, stopped = answer.meaning is Meaning.THROTTLED, answer.meaning is Meaning.STOPPED
    passing = answer.meaning is Meaning.PASSING
    return Deferred(reason, throttled=throttled, stop=stopped, hint=answer.hint, counts=passing)


def _unverified(said: str) -> set[str]:
    """Return the identities that SES says are not verified: the sender's concerns everybody, the recipient's one."""
    match = re.search(r"not verified.*failed the check in region [^:]*:(.*)", said, re.DOTALL)
    return {name.strip().lower() for name in match[1].split(",") if name.strip()} if match else set()


def _is_of_connecting(cause: object) -> bool:
    """Tell whether a cause belongs to the time before a request: no connection, no trust, or no way through a proxy."""
    if isinstance(cause, http.NewConnectionError | http.ConnectTimeoutError | ssl.SSLCertVerificationError):
        return True
    return isinstance(cause, OSError) and str(cause).startswith("Tunnel connection failed")  # http.client says so


def _causes(err: BaseException) -> Iterator[object]:
    """Yield what an error of botocore was made of: urllib3 keeps its cause as an argument."""
    inner: object = getattr(err, "kwargs", {}).get("error")
    while isinstance(inner, BaseException):
        yield inner
        inner = next((each for each in inner.args if isinstance(each, BaseException)), None)

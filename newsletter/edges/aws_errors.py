"""What goes wrong with any service of AWS: what botocore raises by itself, and codes that all services answer.

A test walks botocore's own list of errors and fails on one that is not named here.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as http

from newsletter.errors import EdgeError, NewsletterError, NotConfigured

_KEYS: Final = "check the AWS credentials"
_CLOCK: Final = "set this machine's clock"
# To an unknown profile: which ones there are.
PROFILE: Final = "name a profile that `aws configure list-profiles` shows, in ses.profile or AWS_PROFILE"
_SIGN_IN: Final = "sign in to AWS again"

# What the reading of a hostile answer can raise besides botocore's own errors: it trusts the body to be UTF-8 and
# of the expected shape.
UNREADABLE: Final = (ResponseParserError, ValueError, TypeError, AttributeError, LookupError)

# Answers about who is asking, by their codes, and what to do.
CREDENTIALS: Final[Mapping[str, str]] = {
    "UnrecognizedClientException": _KEYS,
    "InvalidClientTokenId": _KEYS,
    "InvalidAccessKeyId": _KEYS,
    "IncompleteSignature": _KEYS,
    "IncompleteSignatureException": _KEYS,
    "MissingAuthenticationToken": _KEYS,
    "MissingAuthenticationTokenException": _KEYS,
    "SignatureDoesNotMatch": f"{_KEYS}, and this machine's clock",
    "InvalidSignatureException": f"{_KEYS}, and this machine's clock",
    "ExpiredTokenException": _SIGN_IN,
    "ExpiredToken": _SIGN_IN,
    "InvalidToken": _SIGN_IN,
    "TokenRefreshRequired": _SIGN_IN,
    "RequestExpired": _CLOCK,
    "RequestTimeTooSkewed": _CLOCK,
}


class Stage(Enum):
    """How far a call came before botocore gave up."""

    NOT_MADE = auto()  # something is not set up
    NEVER_LEFT = auto()  # nobody answers; no byte of the request left
    LOST = auto()  # nobody can tell whether it was carried out


# By name, because not every release of botocore has them all. The nearest class that is named counts; a lost
# connection, a time-out while waiting and an answer cut short or garbled are lost, as is whatever nobody knows.
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
    ResponseStreamingError
    IncompleteReadError ChecksumError FlexibleChecksumError AwsChunkedWrapperError UnseekableStreamError SSLError
    EventStreamError InvalidExpressionError PaginationError WaiterError WaiterConfigError
    StubResponseError StubAssertionError UnStubbedResponseError
"""
STAGES: Final[Mapping[str, Stage]] = {
    **dict.fromkeys(_NEVER_LEFT.split(), Stage.NEVER_LEFT),
    **dict.fromkeys(_NOT_MADE.split(), Stage.NOT_MADE),
    **dict.fromkeys(_LOST.split(), Stage.LOST),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do about the errors of one service, and the words for them, where `{}` is what was asked."""

    answered: Callable[[str, str], str]  # by the code and the words of an answer
    again: str  # where the service has trouble of its own
    not_made: str
    never_left: str
    lost: str
    refused: str = "{} cannot be used"
    unusable: str = "{} cannot be used"
    unread: str = "no readable answer from {}"


def advised(err: Exception, place: str, advice: Advice) -> NewsletterError:
    """Return what an error says about a place at a service, and what to do."""
    if isinstance(err, boto.ClientError):
        code, said, status = parts_of(err)
        hint = advice.again if status >= 500 or status == 429 else advice.answered(code, said)
        return EdgeError(f"{advice.refused.format(place)}: {code}: {said}".rstrip(": "), hint=hint)
    name = type(err).__name__
    match stage_of(err):
        case Stage.NOT_MADE:
            return NotConfigured(f"{advice.unusable.format(place)}: {words_of(err)}", hint=advice.not_made)
        case Stage.NEVER_LEFT:
            return EdgeError(f"{place} cannot be reached: {name}", hint=advice.never_left)
        case _:
            return EdgeError(f"{advice.unread.format(place)}: {name}", hint=advice.lost)


def stage_of(err: Exception) -> Stage:
    """Return how far the call came that an error of botocore's own ended."""
    # Both can also come after the request: botocore calls it the same when a proxy is lost while it answers.
    if isinstance(err, boto.SSLError | boto.ProxyConnectionError) and any(map(_is_of_connecting, _causes(err))):
        return Stage.NEVER_LEFT
    named = (STAGES.get(kind.__name__) for kind in type(err).__mro__)
    return next((stage for stage in named if stage), Stage.LOST)


def words_of(err: Exception) -> str:
    """Return what an error says, without what it was given and without the password of an address."""
    # The words of a ParamValidationError repeat what it was given.
    said = type(err).__name__ if isinstance(err, boto.ParamValidationError) else str(err)
    return re.sub(r"//[^/@\s]*@", "//", said)


def parts_of(err: boto.ClientError) -> tuple[str, str, int]:
    """Return the code, the words and the HTTP status of what the service answered."""
    error: Any = err.response.get("Error", {})
    status = int(err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    code = str(error.get("Code", ""))
    # An answer without a readable error has its status as the code; without one, nothing is certain.
    return code, str(error.get("Message", "")), status or (int(code) if code.isdigit() else 500)


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

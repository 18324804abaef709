"""The refusals of SES: an HTTP status, an error type and a message."""

from typing import Final

_STATUS: Final = {
    "BadRequestException": 400,
    "IncompleteSignature": 400,
    "InvalidNextTokenException": 400,
    "LimitExceededException": 400,
    "AccountSuspendedException": 400,
    "MailFromDomainNotVerifiedException": 400,
    "MessageRejected": 400,
    "RequestExpired": 400,
    "SendingPausedException": 400,
    "SerializationException": 400,
    "ThrottlingException": 400,
    "AccessDeniedException": 403,
    "InvalidSignatureException": 403,
    "MissingAuthenticationToken": 403,
    "SignatureDoesNotMatch": 403,
    "UnrecognizedClientException": 403,
    "NotFoundException": 404,
    "UnknownOperationException": 404,
    "TooManyRequestsException": 429,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
}


_ENTRY_STATUS: Final = {
    "AccountSuspendedException": "ACCOUNT_SUSPENDED",
    "BadRequestException": "INVALID_PARAMETER",
    "MailFromDomainNotVerifiedException": "MAIL_FROM_DOMAIN_NOT_VERIFIED",
    "MessageRejected": "MESSAGE_REJECTED",
    "SendingPausedException": "ACCOUNT_SENDING_PAUSED",
    "TooManyRequestsException": "ACCOUNT_THROTTLED",
}


class Refusal(Exception):
    """A call, or one entry of a bulk call, that SES does not accept."""

    def __init__(self, kind: str, message: str, entry_status: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.entry_status = entry_status or _ENTRY_STATUS.get(kind, "FAILED")

    @property
    def status(self) -> int:
        return _STATUS[self.kind]


def known_error(kind: str) -> bool:
    return kind in _STATUS


def bad_request(message: str) -> Refusal:
    return Refusal("BadRequestException", message)


def rate_exceeded() -> Refusal:
    return Refusal("TooManyRequestsException", "Maximum sending rate exceeded.")


def quota_exceeded(kind: str = "TooManyRequestsException") -> Refusal:
    return Refusal(kind, "Daily message quota exceeded", "ACCOUNT_DAILY_QUOTA_EXCEEDED")


def internal_failure() -> Refusal:
    return Refusal("InternalFailure", "The request processing has failed because of an unknown error.")


def unavailable() -> Refusal:
    return Refusal("ServiceUnavailable", "The request has failed due to a temporary failure of the server.")

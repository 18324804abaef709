"""Amazon SES v2 through boto3: one raw message per call, and a certain word on what became of it.

SES has no idempotency token, and botocore repeats a call whose answer is lost: three times by default, which is three
copies. Its retries are therefore off (`total_max_attempts=1`), whatever the environment says, and every error is one
of three things: certainly not sent and worth another try, certainly not sent for good, or nobody can tell.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.core.ports import Allowance, Parcel
from newsletter.core.publication import SesSettings
from newsletter.errors import MailingStopped, NotConfigured, TransportError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import GetAccountResponseTypeDef

MAX_LANES = 64
ASSUMED_SECONDS_PER_CALL = 0.3  # with a slow network; rate x this is how many calls must overlap

_SETUP = "see 'Going live on SES' in README.md"

# What SES answers (botocore's sesv2 model, and the errors common to all AWS services) and what it means for sending.
# A code that is not here was certainly not sent when its status is 4xx; the mailing stops, because nobody can tell
# whether it concerns one recipient or all.
THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException"})
REFUSED = frozenset({"BadRequestException", "MessageRejected"})
STOPPED = {
    "AccountSuspendedException": "Amazon has suspended the account; write to AWS Support",
    "SendingPausedException": "sending is paused for the account or configuration set; resume it in the SES console",
    "MailFromDomainNotVerifiedException": "verify the MAIL FROM domain in the SES console",
    "NotFoundException": "check ses.configuration_set in publication.yaml",
    "LimitExceededException": "a limit of the account is reached; see the SES console",
    "AccessDeniedException": "allow ses:SendEmail and ses:GetAccount for these credentials",
    "AccessDenied": "allow ses:SendEmail and ses:GetAccount for these credentials",
    "UnrecognizedClientException": "check the AWS credentials",
    "InvalidClientTokenId": "check the AWS credentials",
    "SignatureDoesNotMatch": "check the AWS credentials, and this machine's clock",
    "InvalidSignatureException": "check the AWS credentials, and this machine's clock",
    "IncompleteSignature": "check the AWS credentials",
    "MissingAuthenticationToken": "check the AWS credentials",
    "ExpiredTokenException": "sign in to AWS again",
    "ExpiredToken": "sign in to AWS again",
    "RequestExpired": "set this machine's clock",
    "NotAuthorized": "allow ses:SendEmail for these credentials",
    "OptInRequired": "sign up for SES in this region",
    "AlreadyExistsException": _SETUP,
    "ConcurrentModificationException": _SETUP,
    "ConflictException": _SETUP,
    "InvalidNextTokenException": _SETUP,
    "ValidationError": _SETUP,
}
QUOTA_HINT = "the quota of 24 hours is spent; run the same command later and it goes on where it stopped"

# What botocore raises before any byte of a request has left: certainly not sent.
NOT_SENT = (
    boto.EndpointConnectionError,
    boto.ConnectTimeoutError,
    boto.ProxyConnectionError,
    boto.SSLError,
)
NOT_CONFIGURED = (
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.TokenRetrievalError,
    boto.SSOError,
    boto.LoginError,
    boto.RefreshWithMFAUnsupportedError,
    boto.NoRegionError,
    boto.InvalidRegionError,
    boto.ProfileNotFound,
    boto.ConfigNotFound,
    boto.ConfigParseError,
    boto.InvalidConfigError,
    boto.NoAuthTokenError,
    boto.MetadataRetrievalError,
    boto.ParamValidationError,
)


class Ses:
    """The ses transport."""

    name = "ses"

    def __init__(self, settings: SesSettings) -> None:
        """Make the one client that all lanes share (boto3 clients are thread-safe).

        Raises:
            NotConfigured: no region, or an unknown profile.
        """
        self._settings = settings
        self._lanes = 1
        try:
            session = boto3.session.Session(profile_name=settings.profile, region_name=settings.region)
            self._client: SESV2Client = session.client("sesv2", endpoint_url=settings.endpoint_url, config=_config())
        except (*NOT_CONFIGURED, ValueError) as err:
            raise NotConfigured(f"Amazon SES cannot be reached: {err}", hint=_SETUP) from err

    @property
    def lanes(self) -> int:
        """Return how many calls overlap: as many as the account's rate needs."""
        return self._lanes

    def allowance(self) -> Allowance:
        """Ask GetAccount for rate, quota and standing."""
        try:
            account = self._client.get_account()
        except boto.ClientError as err:
            code, said, _ = _parts(err)
            hint = STOPPED.get(code, _SETUP)
            raise TransportError(f"SES did not tell about the account: {code}: {said}", hint=hint) from err
        except NOT_CONFIGURED as err:
            raise NotConfigured(f"Amazon SES cannot be used: {err}", hint=_SETUP) from err
        except boto.BotoCoreError as err:
            hint = "check the network, ses.region and ses.endpoint_url; nothing was sent"
            raise TransportError(f"Amazon SES cannot be reached: {err}", hint=hint) from err
        allowance = _allowance(account)
        rate = allowance.per_second or MAX_LANES
        self._lanes = max(2, min(MAX_LANES, math.ceil(rate * ASSUMED_SECONDS_PER_CALL)))
        return allowance

    def send(self, parcel: Parcel) -> Outcome:
        """Send one message with SendEmail, raw content.

        From, Reply-To and To stand in the message; Destination is the envelope alone.
        """
        more: dict[str, Any] = {}
        if self._settings.configuration_set:
            more["ConfigurationSetName"] = self._settings.configuration_set
        try:
            answer = self._client.send_email(
                Destination={"ToAddresses": [parcel.address]},
                Content={"Raw": {"Data": parcel.message}},
                EmailTags=[
                    {"Name": "delivery", "Value": parcel.delivery_id},
                    {"Name": "mailing", "Value": parcel.mailing_uid},
                ],
                **more,
            )
        except (boto.ClientError, boto.BotoCoreError) as err:
            return outcome_of(err, recipient=parcel.address)
        message_id = answer.get("MessageId")
        return Accepted(message_id) if message_id else InDoubt("SES answered without a message id")


def outcome_of(err: boto.ClientError | boto.BotoCoreError, *, recipient: str) -> Outcome:
    """Return what an error of botocore says about a message: the table of this edge."""
    if isinstance(err, boto.ClientError):
        return _answered(err, recipient)
    if isinstance(err, NOT_SENT):
        return Deferred(f"Amazon SES cannot be reached: {type(err).__name__}", hint="check the network")
    if isinstance(err, NOT_CONFIGURED):
        return Deferred(str(err), stop=True, hint=_SETUP)
    # A lost connection, a time-out while waiting, an answer cut short or garbled: SES may have taken the message.
    return InDoubt(f"no answer from SES: {type(err).__name__}")


def _answered(err: boto.ClientError, recipient: str) -> Outcome:
    code, said, status = _parts(err)
    reason = f"{code}: {said}"
    if status >= 500:
        return InDoubt(reason)
    if "daily" in said.lower() and "quota" in said.lower():
        return Deferred(reason, stop=True, hint=QUOTA_HINT)
    if code in THROTTLED:
        return Deferred(reason, throttled=True)
    if code == "MessageRejected" and "not verified" in said and recipient.lower() not in said.lower():
        return Deferred(reason, stop=True, hint="verify the sender's address or domain in the SES console")
    if code in REFUSED:
        return Refused(reason)
    return Deferred(reason, stop=True, hint=STOPPED.get(code, _SETUP))


def _parts(err: boto.ClientError) -> tuple[str, str, int]:
    error: Any = err.response.get("Error", {})
    status = int(err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    code = str(error.get("Code", ""))
    # An answer without a readable error has its status as the code; without one, nothing is certain.
    return code, str(error.get("Message", "")), status or (int(code) if code.isdigit() else 500)


def _allowance(account: GetAccountResponseTypeDef) -> Allowance:
    if not account.get("SendingEnabled", True):
        raise MailingStopped("SES has paused sending for this account", hint=STOPPED["SendingPausedException"])
    if account.get("EnforcementStatus") == "SHUTDOWN":
        raise MailingStopped("SES has shut down sending for this account", hint=STOPPED["AccountSuspendedException"])
    quota: Any = account.get("SendQuota", {})
    daily = float(quota.get("Max24HourSend", -1))
    left = None if daily < 0 else max(0, math.floor(daily - float(quota.get("SentLast24Hours", 0))))
    sandbox = not account.get("ProductionAccessEnabled", True)
    notice = "the account is in the SES sandbox: it mails verified addresses only" if sandbox else ""
    return Allowance(float(quota["MaxSendRate"]) if "MaxSendRate" in quota else None, left, notice)


def _config() -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=MAX_LANES,
        user_agent_extra="newsletter",
    )

"""Amazon SES v2 through boto3: one raw message per call, and a certain word on what became of it.

SES has no idempotency token, and botocore repeats a call whose answer is lost: three times by default, which is three
copies. Its retries are therefore off (`total_max_attempts=1`), whatever the environment says; what an error means is
in `edges.ses_errors`.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.delivery import Accepted, InDoubt, Outcome
from newsletter.core.ports import Allowance, Parcel
from newsletter.core.publication import SesSettings
from newsletter.edges.aws_errors import UNREADABLE, parts_of
from newsletter.edges.ses_errors import ANSWERS, SETUP, Meaning, answer_of, meaning_of, outcome_of
from newsletter.errors import MailingStopped, NewsletterError, NotConfigured, TransportError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import GetAccountResponseTypeDef

MAX_LANES = 64
PATIENCE = 30.0
ASSUMED_SECONDS_PER_CALL = 0.3  # with a slow network; rate x this is how many calls must overlap
SANDBOX = "the account is in the SES sandbox: it mails verified addresses only"


class Ses:
    """The ses transport."""

    name = "ses"

    def __init__(self, settings: SesSettings, *, patience: float = PATIENCE) -> None:
        """Make the one client that all lanes share (boto3 clients are thread-safe).

        `patience` is how many seconds to wait for an answer before the message is in doubt.

        Raises:
            NotConfigured: no region, or an unknown profile.
        """
        self._settings = settings
        self._lanes = 1
        try:
            session = boto3.session.Session(profile_name=settings.profile, region_name=settings.region)
            self._client: SESV2Client = session.client(
                "sesv2", endpoint_url=settings.endpoint_url, config=_config(patience)
            )
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"Amazon SES cannot be reached: {err}", hint=SETUP) from err

    def close(self) -> None:
        """Close the connections to SES."""
        self._client.close()

    @property
    def lanes(self) -> int:
        """Return how many calls overlap: as many as the account's rate needs."""
        return self._lanes

    def allowance(self) -> Allowance:
        """Ask GetAccount for rate, quota and standing."""
        try:
            account = self._client.get_account()
            allowance = _allowance(account)
        except (boto.ClientError, boto.BotoCoreError, *UNREADABLE) as err:
            raise _no_allowance(err) from err
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
                    {"Name": "delivery", "Value": _tag(parcel.delivery_id)},
                    {"Name": "mailing", "Value": _tag(parcel.mailing_uid)},
                ],
                **more,
            )
            message_id = answer.get("MessageId")
        except (boto.ClientError, boto.BotoCoreError, *UNREADABLE) as err:
            return outcome_of(err, recipient=parcel.address)
        if message_id and isinstance(message_id, str):
            return Accepted(message_id)
        return InDoubt("SES answered without a message id")


def _tag(value: str) -> str:
    """Return a value as tags may be (SES API reference, MessageTag): a test-send's mailing is named by the issue."""
    return re.sub("[^A-Za-z0-9_-]", "-", value)[:256]


def _no_allowance(err: Exception) -> NewsletterError:
    if isinstance(err, boto.ClientError):
        code, said, status = parts_of(err)
        hint = answer_of(code, status).hint or SETUP
        return TransportError(f"SES did not tell about the account: {code}: {said}", hint=hint)
    if meaning_of(err) is Meaning.STOPPED:
        return NotConfigured(f"Amazon SES cannot be used: {err}", hint=SETUP)
    if isinstance(err, boto.BotoCoreError):
        hint = "check the network, ses.region and ses.endpoint_url; nothing was sent"
        return TransportError(f"Amazon SES cannot be reached: {err}", hint=hint)
    hint = "check ses.endpoint_url, and whether a proxy answers in place of SES; nothing was sent"
    return TransportError("Amazon SES gave an answer that cannot be read", hint=hint)


def _allowance(account: GetAccountResponseTypeDef) -> Allowance:
    if not account.get("SendingEnabled", True):
        raise MailingStopped("SES has paused sending for this account", hint=ANSWERS["SendingPausedException"].hint)
    if account.get("EnforcementStatus") == "SHUTDOWN":
        raise MailingStopped(
            "SES has shut down sending for this account", hint=ANSWERS["AccountSuspendedException"].hint
        )
    quota = account["SendQuota"]
    rate, daily = float(quota["MaxSendRate"]), float(quota["Max24HourSend"])
    if rate <= 0:
        raise MailingStopped("SES allows this account no sending at all", hint=SETUP)
    left = None if daily < 0 else max(0, math.floor(daily - float(quota["SentLast24Hours"])))
    sandbox = not account.get("ProductionAccessEnabled", True)
    return Allowance(rate, left, SANDBOX if sandbox else "")


def _config(patience: float) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=5,
        read_timeout=patience,
        max_pool_connections=MAX_LANES,
        user_agent_extra="newsletter",
    )

"""Amazon SES v2: one raw message or one bulk call at a time, and a certain word on what became of each message.

SES has no idempotency token, and botocore repeats a call whose answer is lost: three times by default, which is three
copies. Nothing here sends a request twice, whatever the environment says; what an error means is in
`edges.ses_errors`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.bulk import Entry, Sheet
from newsletter.core.delivery import Accepted, InDoubt, Outcome
from newsletter.core.publication import SesSettings
from newsletter.core.ways import Allowance, Parcel
from newsletter.edges.aws_errors import UNREADABLE, parts_of, words_of
from newsletter.edges.aws_session import session_for
from newsletter.edges.ses_bulk import address_of, outcomes_of
from newsletter.edges.ses_errors import ANSWERS, SETUP, Meaning, answer_of, meaning_of, outcome_of
from newsletter.edges.ses_parting import Answer, Slip, sent_in_parts
from newsletter.edges.ses_requests import head_of, rest_of, single, written
from newsletter.edges.ses_wire import Wire
from newsletter.errors import NewsletterError, NotConfigured, TransportError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.type_defs import GetAccountResponseTypeDef

MAX_LANES = 64
PATIENCE = 30.0
TO_CONNECT = 5.0
ASSUMED_SECONDS_PER_CALL = 0.3  # with a slow network; rate x this is how many calls must overlap
SANDBOX = "the account is in the SES sandbox: it mails verified addresses only"
REVIEWED = "SES is reviewing the account, and may pause it: see the reputation metrics in its console"


class Ses:
    """The ses transport."""

    name = "ses"

    def __init__(self, settings: SesSettings, *, patience: float = PATIENCE) -> None:
        """Make what all lanes share: a client to ask about the account, and a wire to send by.

        `patience` is how many seconds to wait for an answer before the message is in doubt.

        Raises:
            NotConfigured: no region, or an unknown profile.
        """
        self._events = settings.configuration_set
        self._lanes = 1
        self._head: tuple[Sheet, bytes] | None = None
        try:
            session = session_for("sesv2", settings.profile)
            client = session.create_client(
                "sesv2", settings.region, endpoint_url=settings.endpoint_url, config=_config(patience)
            )
            self._client = cast("SESV2Client", client)
            self._wire = Wire(session, client, timeout=(TO_CONNECT, patience), most=MAX_LANES)
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"Amazon SES cannot be reached: {words_of(err)}", hint=SETUP) from err

    def close(self) -> None:
        """Close the connections to SES."""
        self._client.close()
        self._wire.close()

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
        request = single(parcel, self._events)
        try:
            answer = self._wire.post("SendEmail", request)
        except (boto.ClientError, boto.BotoCoreError, *UNREADABLE) as err:
            return outcome_of(err, recipients=[parcel.address])
        message_id = answer.get("MessageId") if isinstance(answer, dict) else None
        if message_id and isinstance(message_id, str):
            return Accepted(message_id)
        return InDoubt("SES answered without a message id")

    def send_bulk(self, sheet: Sheet, mailing_uid: str, entries: Sequence[Entry]) -> Sequence[Outcome]:
        """Send a sheet to each entry with SendBulkEmail; return an outcome for each, in their order.

        Up to `ses_requests.MOST_PER_CALL` entries are one call, if they fit and SES does not refuse it as a whole.
        """
        head = self._head_for(sheet)
        slips = [(entry, written(entry, mailing_uid)) for entry in entries]
        return sent_in_parts(head, slips, lambda part: self._send_part(head, part))

    def _head_for(self, sheet: Sheet) -> bytes:
        if self._head is None or self._head[0] is not sheet:  # one that two lanes make at once is the same
            made = self._head = (sheet, head_of(sheet, self._events))
            return made[1]
        return self._head[1]

    def _send_part(self, head: bytes, part: Sequence[Slip]) -> Answer:
        try:
            answer = self._wire.post("SendBulkEmail", rest_of(data for _, data in part), head=head)
        except (boto.ClientError, boto.BotoCoreError, *UNREADABLE) as err:
            return outcome_of(err, recipients=[address_of(entry) for entry, _ in part])
        return outcomes_of(answer, [entry for entry, _ in part])


def _no_allowance(err: Exception) -> NewsletterError:
    if isinstance(err, boto.ClientError):
        code, said, status = parts_of(err)
        hint = answer_of(code, status).hint or SETUP
        return TransportError(f"SES did not tell about the account: {code}: {said}", hint=hint)
    if meaning_of(err) is Meaning.STOPPED:
        return NotConfigured(f"Amazon SES cannot be used: {words_of(err)}", hint=SETUP)
    if isinstance(err, boto.BotoCoreError):
        hint = "check the network, ses.region and ses.endpoint_url; nothing was sent"
        return TransportError(f"Amazon SES cannot be reached: {words_of(err)}", hint=hint)
    hint = "check ses.endpoint_url, and whether a proxy answers in place of SES; nothing was sent"
    return TransportError("Amazon SES gave an answer that cannot be read", hint=hint)


def _allowance(account: GetAccountResponseTypeDef) -> Allowance:
    quota = account["SendQuota"]
    rate, daily = float(quota["MaxSendRate"]), float(quota["Max24HourSend"])
    left = None if daily < 0 else max(0, math.floor(daily - float(quota["SentLast24Hours"])))
    notice = "" if account.get("ProductionAccessEnabled", True) else SANDBOX
    if account.get("EnforcementStatus") == "PROBATION":
        notice = "; ".join(filter(None, (REVIEWED, notice)))
    barred, hint = _bar(account, rate)
    return Allowance(rate if rate > 0 else None, left, None if daily < 0 else math.floor(daily), notice, barred, hint)


def _bar(account: GetAccountResponseTypeDef, rate: float) -> tuple[str, str]:
    """Return why the account may not send at all, and what to do; nothing where it may."""
    if account.get("EnforcementStatus") == "SHUTDOWN":
        return "SES has shut down sending for this account", ANSWERS["AccountSuspendedException"].hint
    if not account.get("SendingEnabled", True):
        return "SES has paused sending for this account", ANSWERS["SendingPausedException"].hint
    if rate <= 0:
        return "SES allows this account no sending at all", SETUP
    return "", ""


def _config(patience: float) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=TO_CONNECT,
        read_timeout=patience,
        max_pool_connections=MAX_LANES,
        user_agent_extra="newsletter",
    )

"""The suppression list of an SES account: what it sends nothing to, because it bounced or its reader complained.

Unlike a message, an address may be put there twice: botocore's retries are therefore on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final, cast

from botocore import exceptions as boto
from botocore.config import Config

from newsletter.core.publication import SesSettings
from newsletter.core.subscriber import Standing
from newsletter.core.suppression import Listed
from newsletter.edges.aws_errors import UNREADABLE, Stage, parts_of, stage_of, words_of
from newsletter.edges.aws_session import session_for
from newsletter.edges.ses_errors import SETUP, answer_of
from newsletter.errors import NewsletterError, NotConfigured, TransportError

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client
    from mypy_boto3_sesv2.literals import SuppressionListReasonType

PAGE: Final = 1_000  # the most that ListSuppressedDestinations gives
TRIES: Final = 8  # a throttle passes in seconds; botocore waits between them, 20 s at most
REASONS: Final[Mapping[Standing, SuppressionListReasonType]] = {
    Standing.BOUNCED: "BOUNCE",
    Standing.COMPLAINED: "COMPLAINT",
}
_STANDINGS: Final = {reason: standing for standing, reason in REASONS.items()}
_RIGHTS: Final = (
    "allow ses:ListSuppressedDestinations, ses:PutSuppressedDestination and ses:DeleteSuppressedDestination"
)
_AGAIN: Final = "run the same command again, it goes on where it stopped"
_TROUBLE: Final = (boto.ClientError, boto.BotoCoreError, *UNREADABLE)


class SesSuppressions:
    """Implements `core.ways.SuppressionList`."""

    def __init__(self, settings: SesSettings, *, patience: float = 30.0, tries: int = TRIES, page: int = PAGE) -> None:
        """Make a client; nothing is asked yet. `page` is how many addresses to ask for at a time.

        Raises:
            NotConfigured: no region, or an unknown profile.
        """
        try:
            client = session_for("sesv2", settings.profile).create_client(
                "sesv2", settings.region, endpoint_url=settings.endpoint_url, config=_config(patience, tries)
            )
        except (boto.BotoCoreError, ValueError) as err:
            raise NotConfigured(f"Amazon SES cannot be reached: {words_of(err)}", hint=SETUP) from err
        self._page = page
        self._client = cast("SESV2Client", client)

    def close(self) -> None:
        """Close the connections to SES."""
        self._client.close()

    def pages(self) -> Iterator[Sequence[Listed]]:
        """Yield what is on it, one call at a time; botocore has no paginator for it."""
        asked: Any = {"PageSize": self._page}
        while True:
            try:
                answer = self._client.list_suppressed_destinations(**asked)
                found = answer["SuppressedDestinationSummaries"]
                page = [_listed(each) for each in found if each["Reason"] in _STANDINGS]
            except _TROUBLE as err:
                raise _error_of(err) from err
            yield page
            following = answer.get("NextToken")
            if not following:
                return
            if following == asked.get("NextToken"):
                raise TransportError("SES gives the same page of its suppression list without end", hint=_AGAIN)
            asked = {"PageSize": self._page, "NextToken": following}

    def put(self, address: str, standing: Standing) -> str:
        """Put an address on it, for having bounced or complained; return why it is not taken, empty when it is."""
        try:
            self._client.put_suppressed_destination(EmailAddress=address, Reason=REASONS[standing])
        except self._client.exceptions.BadRequestException as err:
            return parts_of(err)[1] or "SES refuses it"
        except _TROUBLE as err:
            raise _error_of(err) from err
        return ""

    def lift(self, address: str) -> None:
        """Take an address off it, if it is there."""
        try:
            self._client.delete_suppressed_destination(EmailAddress=address)
        except self._client.exceptions.NotFoundException:
            return
        except _TROUBLE as err:
            raise _error_of(err) from err


def _listed(summary: Mapping[str, Any]) -> Listed:
    return Listed(
        address=summary["EmailAddress"],
        standing=_STANDINGS[summary["Reason"]],
        at=summary["LastUpdateTime"].astimezone(UTC),
    )


def _error_of(err: Exception) -> NewsletterError:
    if isinstance(err, boto.ClientError):
        code, said, status = parts_of(err)
        hint = _RIGHTS if status == 403 and code.startswith("AccessDenied") else answer_of(code, status).hint
        return TransportError(f"SES's suppression list cannot be used: {code}: {said}".rstrip(": "), hint=hint or SETUP)
    match stage_of(err):
        case Stage.NOT_MADE:
            return NotConfigured(f"Amazon SES cannot be used: {words_of(err)}", hint=SETUP)
        case Stage.NEVER_LEFT:
            hint = "check the network, ses.region and ses.endpoint_url"
            return TransportError(f"Amazon SES cannot be reached: {type(err).__name__}", hint=hint)
        case _:
            return TransportError(f"no readable answer from SES: {type(err).__name__}", hint=_AGAIN)


def _config(patience: float, tries: int) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": tries},
        connect_timeout=5,
        read_timeout=patience,
        user_agent_extra="newsletter",
    )

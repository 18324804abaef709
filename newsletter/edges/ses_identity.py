"""What Amazon SES v2 says of account, identity and configuration set, and AWS STS of whoever asks; nothing changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from botocore import exceptions as boto
from botocore.session import Session

from newsletter.core.diagnosis.facts import (
    Account,
    Caller,
    Cause,
    ConfigurationSet,
    Destination,
    Identity,
    Unseen,
)
from newsletter.core.publication import SesSettings
from newsletter.edges.aws_errors import PROFILE, words_of
from newsletter.edges.aws_looking import PATIENCE, TRIES, TROUBLE, asked, config, said_at, unseen_of
from newsletter.errors import NotConfigured

# botocore's names of the parts of its credential chain.
_SOURCES: Final[Mapping[str, str]] = {
    "env": "the environment (AWS_ACCESS_KEY_ID)",
    "shared-credentials-file": "the credentials file",
    "config-file": "the config file",
    "assume-role": "a role assumed by the profile",
    "assume-role-with-web-identity": "a role assumed with a web identity",
    "sso": "IAM Identity Center",
    "custom-process": "a credential process",
    "container-role": "the container's role",
    "iam-role": "the machine's role",
}
_NO_KEYS: Final = "give them the way every AWS program takes them: environment, profile or role"
_ELSEWHERE: Final = {
    "EventBridgeDestination": "EventBridge",
    "KinesisFirehoseDestination": "Firehose",
    "CloudWatchDestination": "CloudWatch",
    "PinpointDestination": "Pinpoint",
}


class SesDesk:
    """Implements `diagnosis.ports.Desk`."""

    def __init__(self, settings: SesSettings, *, patience: float = PATIENCE, tries: int = TRIES) -> None:
        """Make a client; nothing is asked yet.

        Raises:
            NotConfigured: no region, or an unknown profile.
        """
        self._events, self._patience = settings.configuration_set, patience
        try:
            self._session = Session(profile=settings.profile)
            self._client: Any = self._session.create_client(
                "sesv2", settings.region, endpoint_url=settings.endpoint_url, config=config(patience, tries)
            )
        except (boto.BotoCoreError, ValueError) as err:
            unknown = isinstance(err, boto.ProfileNotFound)
            hint = PROFILE if unknown else "set ses.region, and ses.profile or the AWS environment"
            raise NotConfigured(f"Amazon SES cannot be asked: {words_of(err)}", hint=hint) from err

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def caller(self) -> Caller | Unseen:
        """Return with which credentials SES is asked; whose they are is asked of STS, which needs no permission."""
        try:
            credentials = self._session.get_credentials()
        except TROUBLE as err:
            return unseen_of(err, "")
        if credentials is None:
            return Unseen(Cause.FAILED, "there are no AWS credentials", _NO_KEYS)
        region = self._client.meta.region_name
        source = _SOURCES.get(credentials.method, credentials.method)
        return Caller(region, source, (credentials.access_key or "")[-4:], self._identity(region))

    def _identity(self, region: str) -> str:
        sts: Any = self._session.create_client("sts", region, config=config(self._patience))
        try:
            return str(sts.get_caller_identity()["Arn"])
        except TROUBLE:
            return ""
        finally:
            sts.close()

    def account(self) -> Account | Unseen:
        """Ask GetAccount."""
        return asked(lambda: _account(self._client.get_account()), "ses:GetAccount")

    def identity(self, name: str) -> Identity | Unseen:
        """Ask GetEmailIdentity."""
        return asked(
            lambda: _identity(name, self._client.get_email_identity(EmailIdentity=name)), "ses:GetEmailIdentity"
        )

    def configuration_set(self, name: str) -> ConfigurationSet | Unseen:
        """Ask GetConfigurationSet, and GetConfigurationSetEventDestinations."""
        destinations = asked(lambda: self._destinations(name), "ses:GetConfigurationSetEventDestinations")
        return asked(
            lambda: _configuration_set(self._client.get_configuration_set(ConfigurationSetName=name), destinations),
            "ses:GetConfigurationSet",
        )

    def _destinations(self, name: str) -> tuple[Destination, ...]:
        answer = self._client.get_configuration_set_event_destinations(ConfigurationSetName=name)
        return tuple(_destination(each) for each in answer.get("EventDestinations", ()))

    def try_sending(self, sender: str) -> Mapping[str, Unseen | None]:
        """Send to nobody: there is no recipient in the call or in the message, so that SES can only turn it down."""
        where = {"ConfigurationSetName": self._events} if self._events else {}
        raw = f"From: {sender}\r\nSubject: nothing\r\n\r\n".encode()
        text = {"TemplateContent": {"Subject": "nothing", "Text": "nothing"}, "TemplateData": "{}"}
        return {
            "ses:SendEmail": _tried(
                lambda: self._client.send_email(
                    FromEmailAddress=sender, Destination={}, Content={"Raw": {"Data": raw}}, **where
                ),
                "ses:SendEmail",
            ),
            "ses:SendBulkEmail": _tried(
                lambda: self._client.send_bulk_email(
                    FromEmailAddress=sender, DefaultContent={"Template": text}, BulkEmailEntries=[], **where
                ),
                "ses:SendBulkEmail",
            ),
        }


def _tried(call: Any, action: str) -> Unseen | None:
    """Return what keeps a call from being made; that SES turns it down is what it was made for."""
    try:
        call()
    except boto.ClientError as err:
        seen = unseen_of(err, action)
        return seen if seen.cause is Cause.DENIED else None
    except TROUBLE as err:
        return unseen_of(err, action)
    return None


def _account(answer: Mapping[str, Any]) -> Account:
    quota, review = answer["SendQuota"], answer.get("Details", {}).get("ReviewDetails", {})
    per_day = float(quota["Max24HourSend"])
    return Account(
        sending=bool(answer.get("SendingEnabled", True)),
        enforcement=str(answer.get("EnforcementStatus", "HEALTHY")),
        production=bool(answer.get("ProductionAccessEnabled", True)),
        review=str(review.get("Status", "")),
        case=str(review.get("CaseId", "")),
        rate=float(quota["MaxSendRate"]),
        per_day=None if per_day < 0 else per_day,  # -1: without limit
        sent=float(quota["SentLast24Hours"]),
        suppressed=frozenset(answer.get("SuppressionAttributes", {}).get("SuppressedReasons", ())),
        said_at=said_at(answer),
    )


def _identity(name: str, answer: Mapping[str, Any]) -> Identity:
    dkim, mail_from = answer.get("DkimAttributes", {}), answer.get("MailFromAttributes", {})
    return Identity(
        name=name,
        verified=bool(answer.get("VerifiedForSendingStatus")),
        status=str(answer.get("VerificationStatus", "")),
        error=str(answer.get("VerificationInfo", {}).get("ErrorType", "")),
        signing=bool(dkim.get("SigningEnabled")),
        dkim=str(dkim.get("Status", "")),
        tokens=tuple(dkim.get("Tokens", ())),
        zone=str(dkim.get("SigningHostedZone") or "dkim.amazonses.com"),
        own_key=dkim.get("SigningAttributesOrigin") == "EXTERNAL",
        mail_from=str(mail_from.get("MailFromDomain", "")),
        mail_from_status=str(mail_from.get("MailFromDomainStatus", "")),
        rejects_without_mx=mail_from.get("BehaviorOnMxFailure") == "REJECT_MESSAGE",
    )


def _configuration_set(answer: Mapping[str, Any], destinations: tuple[Destination, ...] | Unseen) -> ConfigurationSet:
    suppression = answer.get("SuppressionOptions", {})
    return ConfigurationSet(
        name=str(answer["ConfigurationSetName"]),
        sending=bool(answer.get("SendingOptions", {}).get("SendingEnabled", True)),
        suppressed=frozenset(suppression["SuppressedReasons"]) if "SuppressedReasons" in suppression else None,
        destinations=destinations,
    )


def _destination(told: Mapping[str, Any]) -> Destination:
    topic = str(told.get("SnsDestination", {}).get("TopicArn", ""))
    elsewhere = next((word for key, word in _ELSEWHERE.items() if key in told), "")
    return Destination(
        str(told["Name"]),
        bool(told.get("Enabled")),
        frozenset(told.get("MatchingEventTypes", ())),
        topic,
        elsewhere,
    )

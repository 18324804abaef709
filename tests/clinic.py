"""A publication in perfect health, in a world of doubles: SES, the DNS, SNS and SQS, and the unsubscribe page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from newsletter.core.diagnosis.facts import Facts, Letter, StoreState
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.publication import SesSettings
from newsletter.edges.clock import SystemClock
from newsletter.edges.dns import Dns
from newsletter.edges.event_path import AwsEventPath
from newsletter.edges.ses_identity import SesDesk
from newsletter.edges.web import Visitor
from newsletter.flows.doctor import Outside
from tests.core.examples import publication
from tests.doubles import ACCESS_KEY, REGION, SECRET_KEY, SesDouble, running_ses
from tests.doubles.cloud import TOPIC, Cloud, running_cloud
from tests.doubles.dns import Zone, running_dns
from tests.doubles.door import KEY, Door, running_door
from tests.edges.certificates import make_certificate

DOMAIN = "letter.example.com"
MAIL_FROM = f"bounce.{DOMAIN}"
EVENTS = "letter-events"
TYPES = ["SEND", "DELIVERY", "BOUNCE", "COMPLAINT", "REJECT", "RENDERING_FAILURE"]
DESTINATION: dict[str, Any] = {
    "Name": "to-sns",
    "Enabled": True,
    "MatchingEventTypes": TYPES,
    "SnsDestination": {"TopicArn": TOPIC},
}
IDENTITY: dict[str, Any] = {"name": DOMAIN, "mail_from_domain": MAIL_FROM}
ACCOUNT: dict[str, Any] = {
    "identities": [IDENTITY],
    "configuration_sets": [EVENTS],
    "event_destinations": [DESTINATION],
    "max_send_rate": 14.0,
    "max_24_hour_send": 50_000.0,
}
PATIENCE = 3.0  # seconds for an answer of anybody; more than a busy machine needs
HASTE = 0.3  # where nobody is going to answer


@dataclass(frozen=True)
class Clinic:
    """The doubles, and the edges to them, patient and hasty ones."""

    ses: SesDouble
    zone: Zone
    cloud: Cloud
    door: Door
    edges: Outside
    hasty: Outside
    environment: Mapping[str, str]

    def heal(self) -> None:
        """Bring everything into perfect health."""
        self.ses.reset()
        self.zone.failing.clear()
        self.zone.delay = 0.0
        self.zone.records.clear()
        for name, kind, *values in healthy_names():
            self.zone.put(name, kind, *values)
        self.cloud.reset()
        self.door.reset()

    def facts(self, **changes: Any) -> Facts:
        """Return what is known without leaving the machine, of a publication with some keys changed."""
        return Facts(
            publication=publication(**{**self.settings(), **changes}),
            layout="plain: 12 templates without an error",
            letter=Letter("vol-1-issue-1", letter(self.door.url)),
            store=StoreState("sqlite:///letter.db", there=True, version="made up", readers=1200),
            keys=(43,),
        )

    def settings(self) -> dict[str, Any]:
        return {
            "site": f"https://{DOMAIN}",
            "public_url": self.door.url,
            "sender": {"name": "The Letter", "address": f"letter@{DOMAIN}"},
            "reply_to": f"editor@{DOMAIN}",
            "transport": "ses",
            "ses": ses_settings(self.ses, self.cloud),
        }


def ses_settings(ses: SesDouble, cloud: Cloud) -> dict[str, Any]:
    return {
        "region": REGION,
        "endpoint_url": ses.endpoint,
        "configuration_set": EVENTS,
        "feedback_queue": cloud.queue_url,
    }


def healthy_names() -> list[tuple[str, ...]]:
    tokens = [f"token{number}" for number in (1, 2, 3)]
    return [
        *((f"{each}._domainkey.{DOMAIN}", "CNAME", f"{each}.dkim.amazonses.com.") for each in tokens),
        (MAIL_FROM, "MX", f"10 feedback-smtp.{REGION}.amazonses.com."),
        (MAIL_FROM, "TXT", "v=spf1 include:amazonses.com ~all"),
        ("amazonses.com", "TXT", "v=spf1 ip4:192.0.2.0/24 -all"),
        (f"_dmarc.{DOMAIN}", "TXT", f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{DOMAIN}"),
        (DOMAIN, "MX", "10 mail.example.com."),
    ]


def letter(base: str, **headers: str | None) -> bytes:
    """Return a message; a header that is None is left out."""
    message = EmailMessage()
    link = f"{base}/unsubscribe/test-copy"
    every: dict[str, str | None] = {
        "From": f"letter@{DOMAIN}",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"The Letter <the-letter.{DOMAIN}>",
        **headers,
    }
    for name, value in every.items():
        if value is not None:
            message[name] = value
    message.set_content(f"Leave: {link}\n")
    message.add_alternative(f'<p><a href="{link}">Leave</a></p>', subtype="html")
    return message.as_bytes()


@contextmanager
def open_clinic(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    """Run the doubles, and let this process trust and find them alone."""
    with ExitStack() as stack:
        certificate, tls = make_certificate(folder)
        ses = stack.enter_context(running_ses(**ACCOUNT))
        zone, cloud = stack.enter_context(running_dns()), stack.enter_context(running_cloud())
        door = stack.enter_context(running_door(tls))
        for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "AWS_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        environment = {
            "HOME": str(folder),
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL_STS": cloud.endpoint,
            "AWS_ENDPOINT_URL_SNS": cloud.endpoint,
            "SSL_CERT_FILE": str(certificate),
            "no_proxy": "*",
        }
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = SesSettings.model_validate(ses_settings(ses, cloud))
        signed = LinkMaker(door.url, [KEY]).make("unsubscribe", Bearer("doctor", "doctor"))
        made = {patience: _edges(settings, zone, patience, signed) for patience in (PATIENCE, HASTE)}
        yield Clinic(ses, zone, cloud, door, made[PATIENCE], made[HASTE], environment)


def _edges(settings: SesSettings, zone: Zone, patience: float, signed: str) -> Outside:
    return Outside(
        SesDesk(settings, patience=patience, tries=2),
        AwsEventPath(settings, patience=patience),
        Dns(zone.server, patience=patience),
        Visitor(patience=patience),
        SystemClock(),
        patience=4 * patience,
        signed=signed,
    )

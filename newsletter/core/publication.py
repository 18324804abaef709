"""The publication: who publishes, for whom, in what look, by which way out. The typed form of publication.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from newsletter.core.address import valid_address
from newsletter.core.audience import check_tags
from newsletter.core.audience.named import defined
from newsletter.core.audience.published import flawed_audiences
from newsletter.core.audience.terms import Expression
from newsletter.core.bidi import ordered, runs_from_right
from newsletter.core.door_words import wrong_words
from newsletter.core.environment import by_variable, on_this_machine
from newsletter.core.merge import misuses
from newsletter.core.picture import Logo
from newsletter.core.source import Document
from newsletter.core.tree import Value
from newsletter.core.typed import Strict, validated
from newsletter.core.web_address import Base
from newsletter.core.written import Line, Truth, Words
from newsletter.errors import InvalidSource

LAYOUT_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
NAMED_DEFAULT_STORE = "sqlite:///.newsletter/newsletter.db"


def _mailbox_name(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("a name must be one line without control characters; write it on one line")
    return text.strip()


def _listed(value: Value) -> Value:
    return [value] if isinstance(value, str) else value


Direction = Literal["ltr", "rtl"]
Address = Annotated[str, AfterValidator(valid_address)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(_listed)]


class TransportName(StrEnum):
    """The ways out."""

    OUTBOX = "outbox"
    SES = "ses"


class Sender(Strict):
    """The From mailbox (RFC 5322 3.6.2)."""

    name: Annotated[Words, AfterValidator(_mailbox_name)] = Field(description="the name that readers see")
    address: Address = Field(description="an address that Amazon SES has verified, or whose domain it has")


class SendMode(StrEnum):
    """How recipients become calls to SES."""

    AUTO = "auto"
    SINGLE = "single"
    BULK = "bulk"


class SesSettings(Strict):
    """How to reach Amazon SES; credentials come from the standard AWS chain and never stand here."""

    region: str | None = Field(None, description="AWS region; by default the one of the AWS profile or environment")
    profile: str | None = Field(None, description="AWS profile name; by default the standard credential chain")
    configuration_set: str | None = Field(
        None,
        description="SES configuration set, needed for bounce and complaint events",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
    )
    endpoint_url: Base | None = Field(None, description="another SES endpoint, for stand-ins")
    feedback_queue: Base | None = Field(
        None, description="URL of the SQS queue that the configuration set's events arrive in"
    )
    mode: SendMode = Field(
        SendMode.AUTO, description="single: a call per reader; bulk: one for 50; auto: bulk where the rate asks for it"
    )


class Tracking(Strict):
    """What is kept of readers' doings. SES watches them if its configuration set says so; here it is written down."""

    opens: bool = Field(default=False, description="keep who opened an issue")
    clicks: bool = Field(default=False, description="keep who clicked which link, but for the links to leave or change")


class AssetSettings(Strict):
    """Where the pictures of issues live: the address that readers load them from, and the bucket behind it."""

    url: Base = Field(description="address before the names of pictures, beginning with https://")
    bucket: str | None = Field(
        None,
        description="S3 bucket for `newsletter assets push`: 3 to 63 lower-case letters, digits, hyphens and dots",
        pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    )
    prefix: str = Field(
        "",
        description="folder in the bucket: letters, digits, ., _ and -, and / between folders",
        pattern=r"^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*/?)?$",
    )
    region: str | None = Field(None, description="AWS region; by default the one of the AWS profile or environment")
    profile: str | None = Field(None, description="AWS profile name; by default the standard credential chain")
    endpoint_url: Base | None = Field(None, description="another service that speaks S3, or a stand-in")

    @field_validator("url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        if not url.startswith("https://"):
            said = "is not an address to load pictures from; write one that begins with https://"
            raise ValueError(f"{url[:200]!r} {said}")
        return url

    @field_validator("prefix")
    @classmethod
    def _without_slash(cls, prefix: str) -> str:
        return prefix.rstrip("/")

    @property
    def base(self) -> str:
        """Return what stands before the name of a picture in its address."""
        return f"{self.url}/"


class Publication(Strict):
    """Everything about the publication that is the same for each issue."""

    name: Annotated[Words, AfterValidator(_mailbox_name)] = Field(description="the newsletter's name, in the masthead")
    tagline: str = Field("", description="a line under the name")
    logo: Logo | None = Field(None, description="a picture in place of the name in the masthead")
    language: str = Field("en", description="BCP 47 tag of the text", pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
    site: Base = Field(description="the publication's home page")
    archive: Base = Field(description="where issues live on the web; an issue is at <archive>/<issue>")
    public_url: Base | None = Field(
        None, description="where unsubscribe and view-in-browser are served; by default the site"
    )
    byline: str = Field("", description="the editor's name as printed; an issue may give its own")
    sender: Sender = Field(description="the From mailbox: name and address")
    reply_to: Address | None = Field(None, description="where replies go; by default to the sender")
    postal_address: Words = Field(description="printed in the footer, as CAN-SPAM (15 U.S.C. 7704(a)(5)) demands")
    reviewers: Mapping[str, Addresses] = Field({}, description="groups of reviewers for test-send --group")
    audiences: Mapping[str, str] = Field({}, description="audience expressions by name")
    layout: str = Field("v2g", description="a folder of layouts/", pattern=LAYOUT_NAME)
    tokens: Mapping[str, str] = Field({}, description="brand tokens that replace those of the layout's tokens.yaml")
    date_format: str = Field("yyyy-mm-dd", description="how dates are printed, from yyyy, mm, m, dd and d")
    transport: TransportName = Field(TransportName.OUTBOX, description="outbox (files) or ses (Amazon SES)")
    ses: SesSettings = Field(SesSettings(), description="settings of the ses transport")
    topics: Mapping[str, Line] = Field({}, description="tags that readers choose from, and what each is called")
    welcome: str | None = Field(
        None, description="a file of issues/, without .yaml, that goes to whoever confirms", pattern=LAYOUT_NAME
    )
    welcome_with_latest: Truth = Field(False, description="true: the latest issue goes to them too")  # noqa: FBT003
    words: Mapping[str, str] = Field({}, description="words in place of those that the public pages say")
    assets: AssetSettings | None = Field(None, description="where readers load pictures from")
    track: Tracking = Field(Tracking(), description="what is kept of readers' doings; by default nothing")
    store: str = Field(NAMED_DEFAULT_STORE, description="sqlite:///path or postgresql+psycopg://...")

    @field_validator("date_format")
    @classmethod
    def _known_date_parts(cls, pattern: str) -> str:
        if re.search(r"[A-Za-z]", re.sub(r"yyyy|mm?|dd?", "", pattern)):
            raise ValueError(f"{pattern!r} is not a date format; use yyyy, mm, m, dd and d, for instance m/d/yyyy")
        return pattern

    @field_validator("topics")
    @classmethod
    def _tags(cls, topics: Mapping[str, str]) -> Mapping[str, str]:
        check_tags(topics)
        return topics

    @property
    def named_audiences(self) -> Mapping[str, Expression]:
        """Return the expressions of `audiences:` by name."""
        return defined(self.audiences)[0]

    @property
    def direction(self) -> Direction:
        """Return which way the text runs, as HTML says it; the language decides (see `core.bidi`)."""
        return "rtl" if runs_from_right(self.language) else "ltr"

    @property
    def public(self) -> str:
        """Return the base of the links that readers get."""
        return self.public_url or self.site

    @property
    def pictures_at(self) -> str | None:
        """Return what the addresses of pictures begin with; without one, each message carries its own pictures."""
        return self.assets.base if self.assets and self.transport is TransportName.SES else None

    @property
    def list_id(self) -> str:
        """Return the list identifier of RFC 2919: a label of our own under the site's host name."""
        label = re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")[:63].strip("-") or "newsletter"
        return f"{label}.{(urlsplit(self.site).hostname or '').replace(':', '-')}"

    def print_date(self, day: date) -> str:
        """Return a date as this publication prints it."""
        parts = {"yyyy": f"{day.year:04}", "mm": f"{day.month:02}", "m": day.month, "dd": f"{day.day:02}", "d": day.day}
        printed = re.sub(r"yyyy|mm|m|dd|d", lambda match: str(parts[match[0]]), self.date_format)
        return ordered(printed) if self.direction == "rtl" else printed


def parse_publication(document: Document, environment: Mapping[str, str]) -> Publication:
    """Return the publication of a file, with what the environment says for this machine.

    Raises:
        InvalidSource: with every problem; one in an environment variable names the variable.
    """
    wrong = [
        document.problem(path, misuse.message, misuse.hint, mark=document.locate(path, misuse.offset))
        for path, text in document.strings().items()
        for misuse in misuses(text)
    ]
    wrong.extend(flawed_audiences(document))
    wrong.extend(wrong_words(document))
    try:
        publication = validated(Publication, document)
    except InvalidSource as err:
        wrong.extend(err.problems)
    if wrong:
        raise InvalidSource(sorted(wrong, key=lambda problem: problem.mark))
    replaced = on_this_machine(document, environment)
    if replaced is None:
        return publication
    try:
        return validated(Publication, replaced)
    except InvalidSource as err:
        raise InvalidSource(by_variable(err.problems)) from err


def layout_of(document: Document) -> str:
    """Return the layout that a publication names, whatever else is wrong with it; the default where it names none."""
    named = document.data.get("layout") if isinstance(document.data, dict) else None
    usable = isinstance(named, str) and re.fullmatch(LAYOUT_NAME, named)
    return str(named) if usable else str(Publication.model_fields["layout"].default)

"""The facts that a diagnosis is made from, all gathered before it begins; one that could not be had says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from newsletter.core.diagnosis.names import Lookup, Question
from newsletter.core.publication import Publication


class Cause(Enum):
    """Why a fact is not there."""

    NOT_ASKED = auto()  # nobody wanted to know: no --online, or what it depends on is not there
    DENIED = auto()  # the credentials may not ask
    NOT_THERE = auto()  # there is no such thing
    FAILED = auto()  # it was asked for, and something went wrong


@dataclass(frozen=True, slots=True)
class Unseen:
    """A fact that could not be had. `action` is what IAM calls the question, `said_at` what the answer's clock said."""

    cause: Cause
    why: str
    hint: str = ""
    action: str = ""
    said_at: datetime | None = None


OFFLINE = Unseen(Cause.NOT_ASKED, "needs --online")


@dataclass(frozen=True, slots=True)
class Letter:
    """The newest issue as a message."""

    issue: str
    message: bytes


@dataclass(frozen=True, slots=True)
class OpenMailing:
    """A mailing that is not finished: it goes on with the bytes that it began with, which `digest` stands for."""

    issue: str
    digest: str
    transport: str


@dataclass(frozen=True, slots=True)
class StoreState:
    """A store as it lies there, without being opened for work; `pending` are migrations by name.

    `version` is None for a store without tables. `unknown`: its version is one that this program does not know.
    `readers` is how many on the list may be mailed, and `mailings` those that are not finished, where that can be told.
    """

    url: str
    there: bool
    version: str | None = None
    pending: tuple[str, ...] = ()
    unknown: bool = False
    readers: int | None = None
    mailings: tuple[OpenMailing, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the region, which part of the AWS credential chain gave the key, its end, and whose it is."""

    region: str
    source: str
    key: str
    identity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account as SES tells of it: rate in recipients per second, quota and use in recipients of 24 hours.

    `per_day` is None without limit. `said_at` is the time of SES's clock.
    """

    sending: bool = True
    enforcement: str = "HEALTHY"
    production: bool = True
    review: str = ""
    case: str = ""
    rate: float = 0.0
    per_day: float | None = None
    sent: float = 0.0
    suppressed: frozenset[str] = frozenset()
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A domain or an address that SES knows, with what it says of DKIM and MAIL FROM."""

    name: str
    verified: bool = False
    status: str = ""
    error: str = ""
    signing: bool = False
    dkim: str = ""
    tokens: tuple[str, ...] = ()
    zone: str = "dkim.amazonses.com"
    own_key: bool = False
    mail_from: str = ""
    mail_from_status: str = ""
    rejects_without_mx: bool = False

    @property
    def domain(self) -> str:
        """Return the domain that it signs for."""
        return self.name.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a configuration set sends events of some types; without a topic they go to another service."""

    name: str
    enabled: bool
    types: frozenset[str]
    topic: str = ""
    elsewhere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationSet:
    """A configuration set; `suppressed` is None where the account's own setting holds."""

    name: str
    sending: bool = True
    suppressed: frozenset[str] | None = None
    destinations: tuple[Destination, ...] | Unseen = ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who a topic tells: an endpoint, by a protocol, once it is confirmed."""

    protocol: str
    endpoint: str
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue of events: its ARN, how many messages wait in it, and whether it puts aside what nobody can read."""

    arn: str
    waiting: int = 0
    policy: str = ""
    sets_aside: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What a web address answered."""

    status: int
    location: str = ""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """What became of messages to the mailbox simulator: events still missing after so many seconds, and trouble."""

    seconds: float
    missing: tuple[str, ...] = ()
    not_sent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that is known."""

    publication: Publication | Unseen
    layout: str | Unseen = OFFLINE
    letter: Letter | Unseen = OFFLINE
    store: StoreState | Unseen = OFFLINE
    builds: Mapping[OpenMailing, str | Unseen] = field(default_factory=dict)  # digests of today, of what must go on
    keys: tuple[int, ...] = ()  # characters of each
    shortest_key: int = 32
    caller: Caller | Unseen = OFFLINE
    account: Account | Unseen = OFFLINE
    skew: float | None = None  # seconds that this machine's clock is ahead of SES's
    identity: Identity | Unseen = OFFLINE
    sends: Mapping[str, Unseen | None] = field(default_factory=dict)  # trials of sending by their IAM actions
    configuration_set: ConfigurationSet | Unseen = OFFLINE
    subscriptions: Collection[Subscription] | Unseen = OFFLINE
    queue: Queue | Unseen = OFFLINE
    lookups: Mapping[Question, Lookup] = field(default_factory=dict)
    get: Reply | Unseen = OFFLINE
    post: Reply | Unseen = OFFLINE
    signed: Reply | Unseen = OFFLINE  # GET of a link with our signature, of nobody
    forged: Reply | Unseen = OFFLINE  # GET of a link without
    round_trip: RoundTrip | Unseen = Unseen(Cause.NOT_ASKED, "needs --roundtrip")

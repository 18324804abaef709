"""How the double behaves: the account, the identities, what is checked and what is kept."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.doubles.errors import bad_request, known_error

MEGABYTE: Final = 1024 * 1024
_CHOICES: Final = {
    "enforcement_status": ("HEALTHY", "PROBATION", "SHUTDOWN"),
    "bulk_bad_entry": ("entry", "call"),
    "bulk_account_refusal": ("entry", "call"),
    "keep": ("counts", "ids", "messages"),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """A domain or an address that mail may come from."""

    name: str
    verified: bool = True
    dkim: str = "SUCCESS"
    mail_from_domain: str = ""
    mail_from_status: str = "SUCCESS"
    configuration_set: str = ""
    described: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What GetEmailIdentity says otherwise, in the shape of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be configured, at the start or later."""

    check_signature: bool = True
    signature_error: str = "SignatureDoesNotMatch"
    check_messages: bool = True
    """Whether raw messages are checked to the last byte; with `keep="counts"` their bodies else go unread, and what
    entries of bulk calls say but for their addresses."""
    required_headers: tuple[str, ...] = ("From", "To", "Subject")
    max_message_bytes: int = 40 * MEGABYTE
    max_bulk_bytes: int = 1_000_000
    identities: tuple[Identity, ...] = (Identity("example.com"), Identity("example.org"))
    configuration_sets: tuple[str, ...] | None = None
    """The names that exist; None: any."""
    paused_configuration_sets: tuple[str, ...] = ()
    set_described: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What GetConfigurationSet says otherwise, in the shape of its answer."""
    event_destinations: tuple[Mapping[str, Any], ...] = ()
    """Those of every configuration set, in the shape of the answer."""
    account_described: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    """What GetAccount says otherwise, in the shape of its answer."""
    denied: tuple[str, ...] = ()
    """Actions of IAM that the caller may not do, like ses:GetAccount."""
    sandbox: bool = False
    sending_enabled: bool = True
    enforcement_status: Literal["HEALTHY", "PROBATION", "SHUTDOWN"] = "HEALTHY"
    max_send_rate: float = 1_000_000.0
    """Recipients per second; also the burst the bucket holds."""
    max_24_hour_send: float = -1.0
    """Recipients in any 24 hours; -1: without limit."""
    sent_last_24_hours: int = 0
    """What others already sent through this account."""
    quota_error: str = "TooManyRequestsException"
    bulk_bad_entry: Literal["entry", "call"] = "entry"
    """Whether one bad entry fails alone or takes the whole bulk call with it."""
    bulk_account_refusal: Literal["entry", "call"] = "call"
    """How limits, pauses and suspensions answer a bulk call: always with statuses, or, as long as nothing of the
    call was accepted, with an exception."""
    keep: Literal["counts", "ids", "messages"] = "ids"
    """`counts`: flat memory; `ids`: one small record per recipient and call; `messages`: also what was said."""
    clock_offset_seconds: float = 0.0
    """Moves the clock of limits, ledger and events (not that of signatures)."""
    event_duplicates: float = 0.0
    """The chance that an event comes a second time (and then a third, ...)."""
    event_reorder: bool = False
    event_delay_seconds: tuple[float, float] = (0.0, 0.0)
    event_seed: int = 1
    event_rules: tuple[Mapping[str, Any], ...] = ()
    sns_envelope: bool = False

    def __post_init__(self) -> None:
        for kind in (self.quota_error, self.signature_error):
            if not known_error(kind):
                raise bad_request(f"{kind} is no error of SES this double knows.")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise bad_request(f"{name} must be one of {', '.join(choices)}.")
        if self.max_send_rate <= 0:
            raise bad_request("max_send_rate must be more than 0.")

    @property
    def only_counted(self) -> bool:
        """Whether nobody will ask for the body of a message, neither to check nor to keep it."""
        return self.keep == "counts" and not self.check_messages

    def changed(self, changes: Any) -> "Settings":
        """Return these settings with some changed; refuses names and kinds of values that do not exist."""
        if not isinstance(changes, Mapping):
            raise bad_request("Settings are an object.")
        return dataclasses.replace(self, **{name: _read(self, name, value) for name, value in changes.items()})


def _read(settings: Settings, name: str, value: Any) -> Any:
    if name not in {field.name for field in dataclasses.fields(Settings)}:
        raise bad_request(f"There is no setting {name}.")
    if name == "identities":
        return tuple(Identity(item) if isinstance(item, str) else Identity(**item) for item in value)
    if name == "configuration_sets":
        return None if value is None else tuple(value)
    current = getattr(settings, name)
    if isinstance(current, tuple):
        return tuple(value)
    if isinstance(current, bool) is not isinstance(value, bool):
        raise bad_request(f"The setting {name} takes {type(current).__name__}, not {value!r}.")
    if not isinstance(value, (int, float) if isinstance(current, (int, float)) else type(current)):
        raise bad_request(f"The setting {name} takes {type(current).__name__}, not {value!r}.")
    return value

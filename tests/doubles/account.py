"""The account as the API shows it: quota, identities and the suppression list."""

from typing import Any, Final
from urllib.parse import parse_qs, unquote

from tests.doubles.errors import Refusal, bad_request
from tests.doubles.recipients import check_address
from tests.doubles.settings import Identity, Settings
from tests.doubles.shape import parsed, text
from tests.doubles.wire import Request

_REASONS: Final = frozenset({"BOUNCE", "COMPLAINT"})
_PAGE: Final = 1000


def show_account(settings: Settings, sent: int) -> dict[str, Any]:
    return {
        "DedicatedIpAutoWarmupEnabled": False,
        "EnforcementStatus": settings.enforcement_status,
        "ProductionAccessEnabled": not settings.sandbox,
        "SendQuota": {
            "Max24HourSend": float(settings.max_24_hour_send),
            "MaxSendRate": float(settings.max_send_rate),
            "SentLast24Hours": float(sent),
        },
        "SendingEnabled": settings.sending_enabled,
        "SuppressionAttributes": {"SuppressedReasons": sorted(_REASONS)},
        "VdmAttributes": {"VdmEnabled": "DISABLED"},
        **settings.account_described,
    }


def show_configuration_set(name: str, settings: Settings) -> dict[str, Any]:
    _check_set(name, settings)
    return {
        "ConfigurationSetName": name,
        "DeliveryOptions": {"TlsPolicy": "OPTIONAL"},
        "ReputationOptions": {"ReputationMetricsEnabled": True},
        "SendingOptions": {"SendingEnabled": name not in settings.paused_configuration_sets},
        "Tags": [],
        **settings.set_described,
    }


def show_event_destinations(name: str, settings: Settings) -> dict[str, Any]:
    _check_set(name, settings)
    return {"EventDestinations": list(settings.event_destinations)}


def _check_set(name: str, settings: Settings) -> None:
    if settings.configuration_sets is not None and name not in settings.configuration_sets:
        raise Refusal("NotFoundException", f"Configuration set <{name}> does not exist.")


def show_identity(request: Request, settings: Settings) -> dict[str, Any]:
    name = _last_part(request).lower()
    identity = next((one for one in settings.identities if one.name.lower() == name), None)
    if identity is None:
        raise Refusal("NotFoundException", f"Email identity {name} does not exist.")
    return _described(identity)


def _described(identity: Identity) -> dict[str, Any]:
    address = "@" in identity.name
    described: dict[str, Any] = {
        "IdentityType": "EMAIL_ADDRESS" if address else "DOMAIN",
        "FeedbackForwardingStatus": True,
        "VerifiedForSendingStatus": identity.verified,
        "VerificationStatus": "SUCCESS" if identity.verified else "PENDING",
        "DkimAttributes": {
            "SigningEnabled": identity.dkim == "SUCCESS",
            "Status": identity.dkim,
            "SigningAttributesOrigin": "AWS_SES",
            "Tokens": [] if address else [f"token{number}" for number in (1, 2, 3)],
        },
        "Policies": {},
        "Tags": [],
    }
    if identity.mail_from_domain:
        described["MailFromAttributes"] = {
            "MailFromDomain": identity.mail_from_domain,
            "MailFromDomainStatus": identity.mail_from_status,
            "BehaviorOnMxFailure": "REJECT_MESSAGE",
        }
    if identity.configuration_set:
        described["ConfigurationSetName"] = identity.configuration_set
    return {**described, **identity.described}


class SuppressionList:
    """The addresses SES accepts mail for but sends none to."""

    def __init__(self) -> None:
        self.reasons: dict[str, str] = {}
        self._updated: dict[str, float] = {}

    def put(self, request: Request, settings: Settings, now: float) -> dict[str, Any]:
        members = parsed(request.body)
        address, reason = text(members, "EmailAddress").lower(), text(members, "Reason")
        check_address(address)
        if settings.sandbox:
            raise bad_request("Your account is in the sandbox.")
        if reason not in _REASONS:
            raise bad_request(f"Invalid reason <{reason}>.")
        self.reasons[address], self._updated[address] = reason, now
        return {}

    def get(self, request: Request) -> dict[str, Any]:
        return {"SuppressedDestination": self._summary(self._known(request))}

    def delete(self, request: Request) -> dict[str, Any]:
        address = self._known(request)
        del self.reasons[address], self._updated[address]
        return {}

    def page(self, request: Request) -> dict[str, Any]:
        query = parse_qs(request.query)
        wanted = set(query.get("Reason", _REASONS))
        size = _page_size(query.get("PageSize", [str(_PAGE)])[0])
        token = query.get("NextToken", ["after:"])[0]
        if not token.startswith("after:"):
            raise Refusal("InvalidNextTokenException", "The specified NextToken is not valid.")
        after = token.removeprefix("after:")
        found = sorted(one for one, reason in self.reasons.items() if reason in wanted and one > after)
        page = {"SuppressedDestinationSummaries": [self._summary(address) for address in found[:size]]}
        return page | ({"NextToken": f"after:{found[size - 1]}"} if len(found) > size else {})

    def _known(self, request: Request) -> str:
        address = _last_part(request).lower()
        if address not in self.reasons:
            raise Refusal("NotFoundException", f"Email address {address} does not exist on your suppression list.")
        return address

    def _summary(self, address: str) -> dict[str, Any]:
        return {
            "EmailAddress": address,
            "Reason": self.reasons[address],
            "LastUpdateTime": self._updated[address],
        }


def _page_size(written: str) -> int:
    if not written.isdigit() or not 1 <= int(written) <= _PAGE:
        raise bad_request(f"PageSize must be from 1 to {_PAGE}.")
    return int(written)


def _last_part(request: Request) -> str:
    return unquote(request.target.rpartition("/")[2])

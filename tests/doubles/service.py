"""The service: which operation a request is, what comes of it, and which fault strikes it."""

import json
import os
import re
import signal
import time
from collections.abc import Sequence
from dataclasses import replace
from email.utils import formatdate
from typing import Any, Final

from tests.doubles import account
from tests.doubles.bulk import BulkCall
from tests.doubles.control import PREFIX, control
from tests.doubles.errors import Refusal
from tests.doubles.faults import MANNERS, Fault, FaultKind, Strike
from tests.doubles.ledger import Call
from tests.doubles.sending import send_bulk_email, send_email
from tests.doubles.signature import verify
from tests.doubles.single import SingleCall
from tests.doubles.wire import Answer, Manner, Request
from tests.doubles.world import World

_OPERATIONS: Final = {
    ("POST", "/v2/email/outbound-emails"): "SendEmail",
    ("POST", "/v2/email/outbound-bulk-emails"): "SendBulkEmail",
    ("GET", "/v2/email/account"): "GetAccount",
    ("PUT", "/v2/email/suppression/addresses"): "PutSuppressedDestination",
    ("GET", "/v2/email/suppression/addresses"): "ListSuppressedDestinations",
}
_OPERATIONS_ON_ONE: Final = {
    ("GET", "/v2/email/identities"): "GetEmailIdentity",
    ("GET", "/v2/email/configuration-sets"): "GetConfigurationSet",
    ("GET", "/v2/email/suppression/addresses"): "GetSuppressedDestination",
    ("DELETE", "/v2/email/suppression/addresses"): "DeleteSuppressedDestination",
}
_DESTINATIONS: Final = re.compile(r"/v2/email/configuration-sets/[^/]+/event-destinations")
_OF_A_SET: Final = {
    "GetConfigurationSet": account.show_configuration_set,
    "GetConfigurationSetEventDestinations": account.show_event_destinations,
}
_NOT_ALLOWED: Final = (
    "User: arn:aws:iam::123456789012:user/letter is not authorized to perform: {action} "
    "because no identity-based policy allows the {action} action"
)
_UNSIGNED_REGION: Final = "us-east-1"


class Service:
    """Answers every request, to the API and to the control paths."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: Request) -> Answer:
        if request.target.startswith(PREFIX):
            return self._control(request)
        call = self._world.ledger.begin(self._world.now())
        answer = self._api(request, call)
        call.status = answer.status if answer.manner is Manner.WHOLE else 0
        self._world.ledger.end(call)
        return answer

    def _control(self, request: Request) -> Answer:
        try:
            return _success(control(request, self._world), self._world.now())
        except Refusal as refusal:
            return _error(refusal, self._world.now())

    def _api(self, request: Request, call: Call) -> Answer:
        settings = self._world.settings
        try:
            call.operation = _operation(request)
            region = _UNSIGNED_REGION
            if settings.check_signature:
                region = verify(request, now=time.time(), mismatch=settings.signature_error)
            _check_allowed(f"ses:{call.operation}", settings.denied)
            return self._struck(request, call, region)
        except Refusal as refusal:
            call.error, call.message = refusal.kind, refusal.message
            return _error(refusal, self._world.now())

    def _struck(self, request: Request, call: Call, region: str) -> Answer:
        sending = _read_sending(request, call)
        recipients = _recipients(sending)
        call.recipients = [address for message in recipients for address in message]
        strike = self._world.script.strike(call.operation, recipients)
        fault = strike.fault
        call.fault = fault.written if fault else ", ".join(one.written for one in strike.entries.values())
        if fault and fault.nothing_accepted:
            return self._failing(fault, Answer(200, b""), call)
        answer = _success(self._done(request, call, sending, strike, region), self._world.now())
        return self._failing(fault, answer, call) if fault else answer

    def _failing(self, fault: Fault, answer: Answer, call: Call) -> Answer:
        """Turn the answer that was due into the one the fault makes of it."""
        if refusal := fault.refusal(self._world.settings):
            raise refusal
        if fault.kind in {FaultKind.KILL_BEFORE, FaultKind.KILL_AFTER}:
            _kill(fault, call)
        match fault.kind:
            case FaultKind.SLOW:
                return replace(answer, delay=fault.seconds)
            case FaultKind.GARBAGE_AFTER:
                return replace(answer, body=b"<html>" + answer.body[:-1])
            case FaultKind.KILL_AFTER_ANSWER:
                return replace(answer, afterwards=lambda: _kill(fault, call))
        return replace(answer, manner=MANNERS[fault.kind])

    def _done(
        self, request: Request, call: Call, sending: SingleCall | BulkCall | None, strike: Strike, region: str
    ) -> dict[str, Any]:
        world = self._world
        match sending:
            case SingleCall():
                return send_email(sending, world, call, region)
            case BulkCall():
                return send_bulk_email(sending, world, call, region, strike.entries)
        if show := _OF_A_SET.get(call.operation):
            return show(request.path.split("/")[4], world.settings)
        return self._shown(request, call.operation)

    def _shown(self, request: Request, operation: str) -> dict[str, Any]:
        world = self._world
        match operation:
            case "GetAccount":
                return account.show_account(world.settings, world.limits.sent(world.settings, world.now()))
            case "GetEmailIdentity":
                return account.show_identity(request, world.settings)
            case "PutSuppressedDestination":
                return world.suppression.put(request, world.settings, world.now())
            case "GetSuppressedDestination":
                return world.suppression.get(request)
            case "DeleteSuppressedDestination":
                return world.suppression.delete(request)
        return world.suppression.page(request)


def _operation(request: Request) -> str:
    parent, _, last = request.target.rpartition("/")
    name = _OPERATIONS.get((request.method, request.target))
    name = name or (_OPERATIONS_ON_ONE.get((request.method, parent)) if last else None)
    if request.method == "GET" and _DESTINATIONS.fullmatch(request.target):
        name = "GetConfigurationSetEventDestinations"
    if name is None:
        raise Refusal("UnknownOperationException", "The requested operation is not recognized by the service.")
    return name


def _check_allowed(action: str, denied: Sequence[str]) -> None:
    if action in denied:
        raise Refusal("AccessDeniedException", _NOT_ALLOWED.format(action=action))


def _read_sending(request: Request, call: Call) -> SingleCall | BulkCall | None:
    if call.operation == "SendEmail":
        return SingleCall(request.body)
    return BulkCall(request.body) if call.operation == "SendBulkEmail" else None


def _recipients(sending: SingleCall | BulkCall | None) -> Sequence[Sequence[str]]:
    match sending:
        case SingleCall():
            return [sending.recipients]
        case BulkCall():
            return sending.recipients
    return []


def _kill(fault: Fault, call: Call) -> None:
    try:
        os.kill(fault.pid, signal.SIGKILL)
    except ProcessLookupError:
        call.fault = f"{fault.written} (there is no such process)"


def _success(body: dict[str, Any], now: float) -> Answer:
    return _answer(200, body, {}, now)


def _error(refusal: Refusal, now: float) -> Answer:
    return _answer(refusal.status, {"message": refusal.message}, {"x-amzn-ErrorType": refusal.kind}, now)


def _answer(status: int, body: dict[str, Any], headers: dict[str, str], now: float) -> Answer:
    date = formatdate(now, usegmt=True)
    common = {"Content-Type": "application/json", "x-amzn-RequestId": os.urandom(16).hex(), "Date": date}
    return Answer(status, json.dumps(body).encode(), {**common, **headers})

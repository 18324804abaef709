"""Accept or refuse what a sending call asks for: account, configuration set, limits, ledger."""

from collections.abc import Mapping
from typing import Any

from tests.doubles.bulk import BulkCall
from tests.doubles.errors import Refusal
from tests.doubles.faults import Fault
from tests.doubles.ledger import Call, Outgoing
from tests.doubles.recipients import is_simulator
from tests.doubles.settings import Settings
from tests.doubles.single import SingleCall
from tests.doubles.world import World


def send_email(sending: SingleCall, world: World, call: Call, region: str) -> dict[str, Any]:
    _check_account(world.settings)
    return {"MessageId": _accept(sending.outgoing(world.settings, region), world, call)}


def send_bulk_email(
    sending: BulkCall, world: World, call: Call, region: str, scripted: Mapping[int, Fault]
) -> dict[str, Any]:
    results = []
    for index, outgoing in enumerate(sending.outgoing(world.settings, region)):
        if index in scripted:
            status = scripted[index].status
            results.append({"Status": status, "Error": f"Scripted: {status}"})
            continue
        results.append(_entry(outgoing, world, call))
    call.entries = [result["Status"] for result in results]
    return {"BulkEmailEntryResults": results}


def _entry(outgoing: Outgoing | Refusal, world: World, call: Call) -> dict[str, str]:
    try:
        if isinstance(outgoing, Refusal):
            raise outgoing
        _check_account(world.settings)
        return {"Status": "SUCCESS", "MessageId": _accept(outgoing, world, call)}
    except Refusal as refusal:
        whole_call = world.settings.bulk_account_refusal == "call"
        if outgoing is not refusal and whole_call and not call.accepted:
            raise
        return {"Status": refusal.entry_status, "Error": refusal.message}


def _accept(outgoing: Outgoing, world: World, call: Call) -> str:
    settings = world.settings
    name = outgoing.configuration_set
    if name and settings.configuration_sets is not None and name not in settings.configuration_sets:
        message = f"Configuration set <{name}> does not exist."
        raise Refusal("NotFoundException", message, "CONFIGURATION_SET_NOT_FOUND")
    if name in settings.paused_configuration_sets:
        message = f"Sending paused for configuration set <{name}>."
        raise Refusal("SendingPausedException", message, "CONFIGURATION_SET_SENDING_PAUSED")
    counted = sum(not is_simulator(address) for address in outgoing.addresses)
    world.limits.take(settings, call.at, recipients=len(outgoing.addresses), towards_quota=counted)
    return world.ledger.accept(outgoing, call, world.suppression.reasons)


def _check_account(settings: Settings) -> None:
    if settings.enforcement_status == "SHUTDOWN":
        raise Refusal("AccountSuspendedException", "The account's ability to send email has been suspended.")
    if not settings.sending_enabled:
        raise Refusal("SendingPausedException", "Email sending is disabled for your account.")

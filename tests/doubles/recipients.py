"""Addresses: who a call goes to, and whether they and the sender are acceptable."""

import re
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Final

from tests.doubles.errors import Refusal, bad_request
from tests.doubles.settings import Identity, Settings
from tests.doubles.shape import Members, texts

MAX_RECIPIENTS: Final = 50
_PLAIN_MAILBOX: Final = re.compile(r"[A-Za-z0-9 ]+ <([A-Za-z0-9.@-]+)>")
SIMULATOR_DOMAIN: Final = "simulator.amazonses.com"
_LOCAL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}|\"[ !#-\[\]-~]+\"")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")


def envelope(destination: Members) -> list[str]:
    """Return the bare addresses of a Destination, unchecked."""
    kinds = ("ToAddresses", "CcAddresses", "BccAddresses")
    return [bare(mailbox) for kind in kinds for mailbox in texts(destination, kind)]


def bare(mailbox: str) -> str:
    if plain := _PLAIN_MAILBOX.fullmatch(mailbox):  # a benchmark measures its client, not this
        return plain[1]
    return parseaddr(mailbox)[1] or mailbox if "<" in mailbox else mailbox.strip()


def check_recipients(addresses: list[str], settings: Settings, region: str) -> None:
    if not addresses:
        raise bad_request("Destination must have at least one address.")
    if len(addresses) > MAX_RECIPIENTS:
        raise bad_request(f"Recipient count exceeds {MAX_RECIPIENTS}.")
    for address in addresses:
        check_address(address)
    if settings.sandbox:
        _check_verified((one for one in addresses if not is_simulator(one)), settings, region)


def check_address(address: str) -> None:
    local, at, domain = address.rpartition("@")
    if not at or not domain:
        raise bad_request("Missing final '@domain'")
    if not local.isascii() or not _LOCAL.fullmatch(local):
        raise bad_request("Local address contains control or whitespace")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise bad_request("Local address contains illegal dot")
    if not _DOMAIN.fullmatch(domain):
        raise bad_request("Domain contains illegal character")


def check_sender(mailbox: str, settings: Settings, region: str) -> Identity:
    """Return the verified identity a From mailbox belongs to; its domain may be below the verified one."""
    if not mailbox.isascii():
        raise bad_request("FromEmailAddress must be ASCII: encode the name as in RFC 2047, the domain as punycode.")
    address = bare(mailbox)
    check_address(address)
    _check_verified([address], settings, region)
    identity = find_identity(address, settings)
    assert identity is not None
    if identity.mail_from_domain and identity.mail_from_status != "SUCCESS":
        raise Refusal("MailFromDomainNotVerifiedException", f"{identity.mail_from_domain} is not verified.")
    return identity


def find_identity(address: str, settings: Settings) -> Identity | None:
    known = {identity.name.lower(): identity for identity in settings.identities}
    name = address.lower()
    if name in known:
        return known[name]
    domain = name.rpartition("@")[2]
    while domain:
        if domain in known:
            return known[domain]
        domain = domain.partition(".")[2]
    return None


def is_simulator(address: str) -> bool:
    return address.lower().endswith("@" + SIMULATOR_DOMAIN)


def _check_verified(addresses: Iterable[str], settings: Settings, region: str) -> None:
    identities = ((one, find_identity(one, settings)) for one in addresses)
    failed = [address for address, identity in identities if identity is None or not identity.verified]
    if failed:
        raise Refusal(
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region "
            f"{region.upper()}: {', '.join(failed)}",
        )

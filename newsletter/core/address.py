"""Email addresses as SES can deliver to them."""

from __future__ import annotations

import re
from functools import lru_cache

# What nearly every address looks like, and email-validator returns as it is: dot-atoms of the plainest characters, a
# domain in lower case, and an ending that is nobody's reserved name (RFC 6761).
_PLAIN = re.compile(
    r"(?=[^@]{1,64}@)(?=.{3,254}\Z)[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*"
    r"@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?:com|org|net|edu|gov|[a-z]{2})\Z"
)
_LONGEST_LABEL = 63  # RFC 1035 2.3.4
_LOCAL = re.compile(r"[A-Za-z0-9_+'-]+(?:\.[A-Za-z0-9_+'-]+)*")
_SURELY_SHORT = 60  # characters: within every limit of length, as UTF-8 and as punycode


def valid_address(text: str) -> str:
    """Return the address in its normal form: local part as given, domain in lower case and in ASCII (IDNA).

    SES has no SMTPUTF8: the local part must be 7-bit ASCII, a domain may be internationalised and goes out as
    punycode (SES API reference, Destination). Nothing is looked up.

    Raises:
        ValueError: not an address; the message says why.
    """
    text = text.strip()
    if _PLAIN.match(text) and max(map(len, text.rpartition("@")[2].split("."))) <= _LONGEST_LABEL:
        return text
    local, _, domain = text.rpartition("@")
    if len(text) <= _SURELY_SHORT and _LOCAL.fullmatch(local) and (known := _domain(domain)):
        return f"{local}@{known}"
    return _validated(text)


@lru_cache(10_000)
def _domain(domain: str) -> str:
    """Return a domain in its normal form, empty if it is wrong: lists have few, and asking the library is slow."""
    try:
        return _validated(f"a@{domain}").removeprefix("a@")
    except ValueError:
        return ""


def _validated(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 40 ms that most commands save

    try:
        found = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError as err:
        raise ValueError(f"{text!r} is not an email address: {str(err).rstrip('.')}") from err
    return f"{found.local_part}@{found.ascii_domain}"

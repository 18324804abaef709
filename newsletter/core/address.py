"""Email addresses as SES can deliver to them."""

from __future__ import annotations


def valid_address(text: str) -> str:
    """Return the address in its normal form: local part as given, domain in lower case and in ASCII (IDNA).

    SES has no SMTPUTF8: the local part must be 7-bit ASCII, a domain may be internationalised and goes out as
    punycode (SES API reference, Destination). Nothing is looked up.

    Raises:
        ValueError: not an address; the message says why.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - 40 ms that most commands save

    try:
        found = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True, strict=True
        )
    except EmailNotValidError as err:
        raise ValueError(f"{text!r} is not an email address: {str(err).rstrip('.')}") from err
    return f"{found.local_part}@{found.ascii_domain}"

from __future__ import annotations

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.address import valid_address
from newsletter.core.message import mailbox


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (" Ann.Lee+news@Example.ORG ", "Ann.Lee+news@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_is_given_in_the_form_that_ses_takes(written: str, expected: str) -> None:
    assert valid_address(written) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "ann@", "@example.org", "a b@example.org", "a@example.org, b@example.org", "Ann <a@example.org>"),
        *("änn@example.org", "a@example..org", "a@localhost", "a..b@example.org", "a@[127.0.0.1]", '"a b"@example.org'),
        *("a@example.org\r\nBcc: b@example.org", "a\0@example.org", "a" * 65 + "@example.org"),
    ],
)
def test_what_ses_cannot_deliver_to_is_refused_and_named(text: str) -> None:
    with pytest.raises(ValueError, match="is not an email address") as caught:
        valid_address(text)
    assert repr(text) in str(caught.value)


@given(st.text(max_size=30) | st.emails())
def test_an_accepted_address_can_stand_in_a_header(text: str) -> None:
    try:
        address = valid_address(text)
    except ValueError:
        return
    assert address.isascii()
    assert mailbox("", address) == address
    assert valid_address(address) == address


LABEL = st.from_regex(r"[a-z0-9-]{1,66}", fullmatch=True)
LOCAL = st.from_regex(r"[A-Za-z0-9_+.-]{1,66}", fullmatch=True)
ENDING = st.sampled_from(["com", "org", "de", "uk", "test", "local", "invalid", "arpa", "x", "zz"])


@given(LOCAL, st.lists(LABEL, max_size=5), ENDING)
@example("a", ["x" * 63], "com")
@example("a", ["x" * 64], "com")
@example("a", ["xn--bcher-kva"], "com")
@example("a", ["ab--cd"], "com")
@example("a" * 64, ["x" * 62, "y" * 62, "z" * 62], "com")
def test_the_short_way_for_plain_addresses_agrees_with_the_library(local: str, labels: list[str], ending: str) -> None:
    address = f"{local}@{'.'.join([*labels, ending])}"
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True, strict=True)
    except EmailNotValidError:
        with pytest.raises(ValueError, match="is not an email address"):
            valid_address(address)
    else:
        assert valid_address(address) == f"{found.local_part}@{found.ascii_domain}"


CURIOUS = st.sampled_from(
    [
        *("Example.ORG", "firma.info", "bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "a_b.example", ""),
        *("-a.example", "a..example", ".example", "localhost", "[127.0.0.1]", "ex ample.org", "例え.テスト", "faß.de"),
        *("example.org>", "example.org.", "straße.example", "x" * 50 + ".museum", "local", "a.invalid", "ſ.example"),
        "e" * 64 + ".example",
    ]
)


@given(st.from_regex(r"[A-Za-z0-9_+'.-]{0,20}", fullmatch=True) | LOCAL, CURIOUS)
def test_what_is_remembered_of_domains_agrees_with_the_library(local: str, domain: str) -> None:
    for _ in range(2):
        try:
            found = validate_email(f"{local}@{domain}", check_deliverability=False, test_environment=True, strict=True)
        except EmailNotValidError:
            with pytest.raises(ValueError, match="is not an email address"):
                valid_address(f"{local}@{domain}")
        else:
            assert valid_address(f"{local}@{domain}") == f"{found.local_part}@{found.ascii_domain}"

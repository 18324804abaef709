from __future__ import annotations

import pytest
from hypothesis import given
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

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.web_address import web_address
from tests.core.examples import publication


@pytest.mark.parametrize(
    "address",
    [
        *("example.com", "http:/x", "https://", "https://:80", "https://[", "https://a:99999", "https://a b.com"),
        *("https://a%0db", "javascript:alert(1)", 'https://a"b', "https://a\\b", "https://..", "https://a\u200b.com"),
    ],
)
def test_what_is_no_web_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not a web address"):
        publication(site=address)


def test_an_international_address_becomes_one_that_headers_take() -> None:
    assert (
        web_address("https://münchen.example:8080/ä?ü=ö") == "https://xn--mnchen-3ya.example:8080/%C3%A4?%C3%BC=%C3%B6"
    )


@given(st.from_regex(r"https?://[a-zä-ü漢.]{1,12}(:[0-9]{1,5})?[/?#]?[!-~ä-ü漢]{0,12}", fullmatch=True))
def test_an_accepted_address_is_ascii_without_spaces(address: str) -> None:
    try:
        found = publication(site=address)
    except ValueError:
        return
    assert found.site.isascii()
    assert not set(found.site) & set(' <>"\\\r\n')
    assert found.list_id.isascii()

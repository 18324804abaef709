"""Addresses on the web, as mail headers and every mail program take them."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AfterValidator

_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[0-9a-f]*:[0-9a-f:.]+")  # a name, or an IPv6 address


def web_address(text: str) -> str:
    """Return an address as the URI (RFC 3986) that mail headers and every mail program take; RFC 3987 3.1 says how."""
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode() if not text.isascii() else parts.hostname
        usable = parts.scheme in {"http", "https"} and _HOST.fullmatch(host or "") and parts.port != 0
    except ValueError:
        usable, host = False, ""
    if not usable or re.search(r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f<>\"\\]", text):
        raise ValueError(f"{text[:200]!r} is not a web address; write it in full, beginning with https://")
    if text.isascii():
        return text
    user, at, _ = parts.netloc.rpartition("@")
    port = f":{parts.port}" if parts.port else ""
    address = urlunsplit(parts._replace(netloc=f"{user}{at}{host}{port}"))
    return re.sub(r"[^\x00-\x7f]+", lambda match: quote(match[0]), address)


def _base(address: str) -> str:
    if "?" in address or "#" in address:
        said = "is not an address to put names behind; write one that has no ? or #"
        raise ValueError(f"{address[:200]!r} {said}")
    return address.rstrip("/")


WebAddress = Annotated[str, AfterValidator(web_address)]
Base = Annotated[WebAddress, AfterValidator(_base)]  # other addresses are built on it

"""The pictures of a message as parts of it, beside its HTML: multipart/related (RFC 2387).

Everybody gets the same pictures, so they are encoded once; a message is joined from the bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from newsletter.core.assets import Asset, located


def addressed(html: str, domain: str) -> str:
    """Return HTML whose pictures are parts of its own message (RFC 2392)."""
    return located(html, "cid:", f"@{domain}")


def opening(outer: str, inner: str) -> bytes:
    """Return what opens the part that holds HTML and pictures; `inner` is its boundary, `outer` the one around it."""
    kind = f'Content-Type: multipart/related; type="text/html";\r\n boundary="{inner}"\r\n'
    return f"\r\n--{outer}\r\n{kind}".encode()


def closing(inner: str, domain: str, assets: Iterable[Asset]) -> bytes:
    """Return the pictures and the end of the part that holds them."""
    parts = [f"\r\n--{inner}\r\n".encode() + _part(asset, domain) for asset in assets]
    return b"".join([*parts, f"\r\n--{inner}--\r\n".encode()])


def _part(asset: Asset, domain: str) -> bytes:
    headers = (
        f'Content-Type: {asset.media_type}; name="{asset.name}"',
        "Content-Transfer-Encoding: base64",
        f"Content-ID: <{asset.name}@{domain}>",
        f'Content-Disposition: inline; filename="{asset.name}"',
    )
    encoded = base64.encodebytes(asset.data).replace(b"\n", b"\r\n").rstrip()
    return "".join(f"{line}\r\n" for line in headers).encode("ascii") + b"\r\n" + encoded

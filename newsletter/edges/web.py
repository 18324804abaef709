"""The web, as readers' mail programs reach it: whether pictures and the unsubscribe page are where they should be."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener, urlopen

from newsletter.core.diagnosis.facts import Cause, Reply, Unseen
from newsletter.errors import EdgeError

PATIENCE = 10.0  # seconds
# 403 is what a bucket answers that may not be listed.
_NOT_THERE = frozenset({403, 404, 410})
_UNREACHED = (OSError, http.client.HTTPException, UnicodeError)  # the last: a host that cannot be a name in the DNS


class Web:
    """Addresses that begin alike; `base` ends with a slash."""

    def __init__(self, base: str) -> None:
        self._base = base

    def missing(self, names: Sequence[str]) -> Sequence[str]:
        """Return which of these pictures nobody would see."""
        return [name for name in names if not self._is_there(self._base + name)]

    def _is_there(self, url: str) -> bool:
        """Ask with HEAD (RFC 9110 9.3.2): the answer is that to GET, without the picture."""
        request = Request(url, method="HEAD", headers={"User-Agent": "newsletter"})  # noqa: S310 - https, by its type
        try:
            with urlopen(request, timeout=PATIENCE):  # noqa: S310 - likewise
                return True
        except HTTPError as err:
            err.close()
            if err.code in _NOT_THERE:
                return False
            raise EdgeError(f"{url} answers {err.code}", hint="try again later, or look at it in a browser") from err
        except _UNREACHED as err:
            said = getattr(err, "reason", err)
            raise EdgeError(f"{url} cannot be reached: {said}", hint="check the network, and assets.url") from err


class Visitor:
    """Visits a page once, as it is told, and follows nothing. Implements `diagnosis.ports.Visitor`."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._opener = build_opener(_Staying, HTTPSHandler(context=ssl.create_default_context()))

    def visit(self, method: str, url: str) -> Reply | Unseen:
        """Send one request, without cookies or a login; a POST says what RFC 8058 3.2 has mail programs say."""
        body = b"List-Unsubscribe=One-Click" if method == "POST" else None
        request = Request(url, body, {"User-Agent": "newsletter"}, method=method)  # noqa: S310 - http(s), by its type
        try:
            with self._opener.open(request, timeout=self._patience) as answer:
                return Reply(answer.status)
        except HTTPError as err:
            err.close()
            return Reply(err.code, str(err.headers.get("Location", "")))
        except _UNREACHED as err:
            return _unseen(getattr(err, "reason", err), url, self._patience)


class _Staying(HTTPRedirectHandler):
    """Takes a redirection for the answer that it is."""

    def redirect_request(self, *_: Any) -> None:
        """Return no further request."""


def _unseen(cause: object, url: str, patience: float) -> Unseen:
    host = urlsplit(url).hostname
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = f"its certificate is not valid: {cause.verify_message}"
        return Unseen(Cause.FAILED, why, "renew the certificate for this very host name, chain included")
    if isinstance(cause, TimeoutError):
        return Unseen(Cause.FAILED, f"no answer within {patience:g} seconds", "look at the load of what answers there")
    if isinstance(cause, socket.gaierror | UnicodeError):
        return Unseen(Cause.FAILED, f"the name {host} cannot be found", "check public_url, and its record in the DNS")
    return Unseen(Cause.FAILED, f"cannot be reached: {cause}", "check that the public pages run, and public_url")

"""AWS's signature of a POST without a query (version 4), with what the requests of a day have in common made once.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. botocore finds out anew with
each request what may be any request, and derives the day's key again: that would be most of what a call costs.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from botocore.utils import normalize_url_path

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.credentials import ReadOnlyCredentials

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_TIMESTAMP: Final = "%Y%m%dT%H%M%SZ"
_DAY: Final = slice(0, 8)  # of a timestamp


class Signer:
    """Signs for one service in one region with the same credentials; any number of threads may use it."""

    def __init__(self, credentials: ReadOnlyCredentials, service: str, region: str) -> None:
        self.credentials = credentials
        self._service, self._region = service, region
        self._of_day = "", b""

    def signed(self, path: str, headers: dict[str, str], hashed: str, at: datetime) -> dict[str, str]:
        """Return the headers with those of the signature, given at a moment (UTC).

        `headers` are in the order of their names, none after `x`; `hashed` is the content's SHA-256 in hexadecimal.
        """
        time = at.strftime(_TIMESTAMP)
        signed = {**headers, "X-Amz-Date": time}
        if self.credentials.token:
            signed["X-Amz-Security-Token"] = self.credentials.token
        names = ";".join(signed).lower()
        lines = "".join([f"{name.lower()}:{' '.join(value.split())}\n" for name, value in signed.items()])
        request = f"POST\n{_canonical(path)}\n\n{lines}\n{names}\n{hashed}"
        day = time[_DAY]
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        text = f"{_ALGORITHM}\n{time}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = _mac(self._key(day), text).hex()
        stated = f"Credential={self.credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        return {**signed, "Authorization": f"{_ALGORITHM} {stated}"}

    def _key(self, day: str) -> bytes:
        known, key = self._of_day
        if day != known:
            key = f"AWS4{self.credentials.secret_key}".encode()
            for part in (day, self._region, self._service, "aws4_request"):
                key = _mac(key, part)
            self._of_day = day, key
        return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


@lru_cache
def _canonical(path: str) -> str:
    return quote(normalize_url_path(path), safe="/~")

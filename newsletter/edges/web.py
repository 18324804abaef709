"""The web, as readers' mail programs reach it: whether pictures are where an editor says that they are."""

from __future__ import annotations

import http.client
from collections.abc import Sequence
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from newsletter.errors import EdgeError

PATIENCE = 10.0  # seconds
# 403 is what a bucket answers that may not be listed.
_NOT_THERE = frozenset({403, 404, 410})


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
        except (OSError, http.client.HTTPException) as err:
            said = getattr(err, "reason", err)
            raise EdgeError(f"{url} cannot be reached: {said}", hint="check the network, and assets.url") from err

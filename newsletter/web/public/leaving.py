"""The door out: one click in a mail program (RFC 8058), or a page with one button; nothing else takes anybody off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.core.links import Bearer
from newsletter.web.public.door import Door, two_ways
from newsletter.web.public.pages import Button

UNSUBSCRIBE = "unsubscribe"


def _no_way_back(_: Bearer) -> Button | None:
    return None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Asks on GET and takes somebody off on POST, whatever its body says.

    RFC 8058 has mail programs send `List-Unsubscribe=One-Click`, and so does the page's own button. No scanner that
    follows links sends a POST, and nobody who does should be kept on the list for how it was written.
    `leave` does it, or sees to it; `back` gives the button that undoes it, where that is possible.
    """

    door: Door
    leave: Callable[[Bearer], None]
    back: Callable[[Bearer], Button | None] = _no_way_back

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [two_ways(f"{self.door.served}/{UNSUBSCRIBE}/{{token}}", self._ask, self._go)]

    async def _ask(self, request: Request) -> Response:
        bearer = self.door.bearer(UNSUBSCRIBE, request)
        if isinstance(bearer, Response):
            return bearer
        return self.door.says("unsubscribe", Button(self.door.pages.words["unsubscribe"]))

    async def _go(self, request: Request) -> Response:
        bearer = self.door.bearer(UNSUBSCRIBE, request)
        if isinstance(bearer, Response):
            return bearer
        await run_in_threadpool(self.leave, bearer)
        return self.door.says("unsubscribed", self.back(bearer))

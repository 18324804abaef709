"""The door out: one click in a mail program (RFC 8058), or a page with one button; nothing else takes anybody off."""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.core.links import INERT, Bearer, LinkMaker
from newsletter.web.public.pages import Button, Pages

UNSUBSCRIBE = "unsubscribe"
NOT_FOUND = 404


def bearer_or_page(name: str, request: Request, links: LinkMaker, pages: Pages) -> Bearer | Response:
    """Return whom the link of a request was made for, or the page that says why it leads nowhere."""
    token = request.path_params["token"]
    if token == INERT:
        return HTMLResponse(pages.message("test"))
    return links.read(name, token) or HTMLResponse(pages.message("broken"), NOT_FOUND)


class Leaving:
    """Asks on GET and takes somebody off on POST, whatever its body says.

    RFC 8058 has mail programs send `List-Unsubscribe=One-Click`, and so does the page's own button. No scanner that
    follows links sends a POST, and nobody who does should be kept on the list for how it was written.
    """

    def __init__(
        self,
        pages: Pages,
        links: LinkMaker,
        leave: Callable[[Bearer], None],
        back: Callable[[Bearer], Button | None] = lambda _: None,
    ) -> None:
        """`leave` does it, or sees to it; `back` gives the button that undoes it, where that is possible."""
        self._pages = pages
        self._links = links
        self._leave = leave
        self._back = back

    def routes(self, base: str) -> list[Route]:
        """Return the routes below a path."""
        path = f"{base}/{UNSUBSCRIBE}/{{token}}"
        return [Route(path, self._ask, methods=["GET"]), Route(path, self._go, methods=["POST"])]

    async def _ask(self, request: Request) -> Response:
        bearer = bearer_or_page(UNSUBSCRIBE, request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        return HTMLResponse(self._pages.message("unsubscribe", Button(self._pages.words["unsubscribe"])))

    async def _go(self, request: Request) -> Response:
        bearer = bearer_or_page(UNSUBSCRIBE, request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        await run_in_threadpool(self._leave, bearer)
        return HTMLResponse(self._pages.message("unsubscribed", self._back(bearer)))

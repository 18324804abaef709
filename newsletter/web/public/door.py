"""What every door has: the publication's pages, and the links that lead to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.core.links import INERT, Bearer, LinkMaker
from newsletter.web.public.pages import Button, Pages

WRONG, NOT_FOUND, TOO_LARGE, TOO_OFTEN, BROKEN, LATER = 400, 404, 413, 429, 500, 503
MOST_FIELDS = 100

Answering = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Door:
    """The pages of a publication, whose links begin with `public`."""

    pages: Pages
    links: LinkMaker
    public: str

    @property
    def base(self) -> str:
        """Return the path that everything stands below, as links in mail have it."""
        return path_of(self.public)

    @property
    def served(self) -> str:
        """Return the same path as requests have it when they come here: without escapes (RFC 3986 2.1)."""
        return unquote(self.base)

    def path(self, name: str, bearer: Bearer) -> str:
        """Return the path of a link that only one subscriber gets."""
        return self.base + self.links.make(name, bearer).removeprefix(self.public)

    def bearer(self, name: str, request: Request) -> Bearer | Response:
        """Return whom the link of a request was made for, or the page that says why it leads nowhere."""
        token = request.path_params["token"]
        if token == INERT:
            return self.says("test")
        return self.links.read(name, token) or self.says("broken", status=NOT_FOUND)

    def says(
        self,
        name: str,
        button: Button | None = None,
        *,
        link: tuple[str, str] | None = None,
        status: int = 200,
        wait: int = 0,
    ) -> Response:
        """Return a page that says something; `wait` is after how many seconds another try is welcome."""
        headers = {"Retry-After": str(wait)} if wait else None
        return HTMLResponse(self.pages.message(name, button, link=link), status, headers=headers)

    def absent(self) -> Response:
        """Return the page for whoever is not on the list."""
        return self.says("absent", link=(f"{self.base}/subscribe", self.pages.words["sign_up"]))


def path_of(public: str) -> str:
    """Return the path of the address that links begin with."""
    return urlsplit(public).path.rstrip("/")


def two_ways(path: str, look: Answering, do: Answering) -> Route:
    """Return one route for GET, which looks, and POST, which does: an answer to others then names both."""

    async def answer(request: Request) -> Response:
        return await (do if request.method == "POST" else look)(request)

    return Route(path, answer, methods=["GET", "POST"])


def ip_of(request: Request) -> str:
    """Return the reader's IP address; what a proxy that is trusted says of it, uvicorn has put here. Empty: unknown."""
    host = request.client.host if request.client else ""
    try:
        return str(ip_address(host))
    except ValueError:
        return ""


async def form_of(request: Request) -> FormData:
    """Return the form that was sent, without files."""
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


def text_of(form: FormData, name: str) -> str:
    """Return what stands in a field, empty if it is not there."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def topics_of(form: FormData) -> frozenset[str]:
    """Return the topics that are ticked."""
    return frozenset(value for value in form.getlist("topic") if isinstance(value, str))

"""The public doors' routes. GET and HEAD change nothing: whatever follows links in mail may look at every page."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import assert_never
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from newsletter.core.assets import Asset
from newsletter.core.links import Bearer
from newsletter.core.ports import Whom
from newsletter.core.subscriber import address_key
from newsletter.errors import NewsletterError
from newsletter.flows import readers as flow
from newsletter.flows.readers import Asked, Reception, Wishes
from newsletter.web.public.guard import TOO_LARGE, SafeHeaders, SmallBodies
from newsletter.web.public.leaving import NOT_FOUND, UNSUBSCRIBE, Leaving, bearer_or_page
from newsletter.web.public.limits import Limit, household
from newsletter.web.public.pages import Button, Emblem, Pages, SignUpForm

AS_LONG_FOR_ALL = 1.0  # seconds that a sign-up takes at least, so that its time does not tell who is on the list
PER_HOUSEHOLD = (20, 600.0)  # sign-ups in so many seconds from an IP address
PER_ADDRESS = (5, 3600.0)  # for an email address
MOST_FIELDS = 100
_WRONG, _TOO_OFTEN, _LATER = 400, 429, 503
# A mail is somebody's HTML with styles in it; it may load pictures and do nothing.
_VIEW_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)

Report = Callable[[Exception], str]


def path_of(public: str) -> str:
    """Return the path that everything stands below, as links in mail have it."""
    return urlsplit(public).path.rstrip("/")


class Doors:
    """The answers to readers. Every page is made from what was read when the program started."""

    def __init__(self, reception: Reception, report: Report, *, at_least: float = AS_LONG_FOR_ALL) -> None:
        """Open the doors of a publication; `report` tells the editor of a defect, and nobody else."""
        edition = reception.letters.confirmation
        self._publication = edition.publication
        self._base = path_of(self._publication.public)
        self._at = reception
        self._report = report
        self._at_least = at_least
        self._logo: Asset | None = None
        self._pages = Pages(self._publication, edition.layout.tokens, self._emblem())
        self._links = reception.post.links
        self._leaving = Leaving(self._pages, self._links, lambda bearer: flow.leave(reception, bearer), self._back)
        self._per_household, self._per_address = Limit(*PER_HOUSEHOLD), Limit(*PER_ADDRESS)

    def app(self) -> ASGIApp:
        """Return the doors as an ASGI application."""
        base, get, post = self._base, ["GET"], ["POST"]
        routes = [
            Route("/healthz", self._healthy, methods=get),
            Route(f"{base}/subscribe", self._sign_up_form, methods=get),
            Route(f"{base}/subscribe", self._sign_up, methods=post),
            Route(f"{base}/embed", self._snippet, methods=get),
            Route(f"{base}/confirm/{{token}}", self._confirm_page, methods=get),
            Route(f"{base}/confirm/{{token}}", self._confirm, methods=post),
            *self._leaving.routes(base),
            Route(f"{base}/return/{{token}}", self._come_back, methods=post),
            Route(f"{base}/preferences/{{token}}", self._preferences_page, methods=get),
            Route(f"{base}/preferences/{{token}}", self._prefer, methods=post),
            Route(f"{base}/view/{{token}}", self._view, methods=get),
            *(Route(f"{base}/{name}", self._own, methods=get) for name in (UNSUBSCRIBE, "preferences", "view")),
            Route(f"{base}/pictures/{{mailing}}/{{name}}", self._picture, methods=get),
            Route(f"{base}/logo", self._logo_itself, methods=get),
        ]
        refusal = HTMLResponse(self._pages.message("refused"), TOO_LARGE)
        inner = Starlette(
            routes=routes,
            middleware=[Middleware(SmallBodies, refusal)],
            exception_handlers={
                HTTPException: self._refused,
                NewsletterError: self._unavailable,
                Exception: self._defect,
            },
        )
        return SafeHeaders(inner, self._pages.policy, encrypted=self._publication.public.startswith("https://"))

    def _emblem(self) -> Emblem | None:
        album, logo = self._at.letters.confirmation.album, self._publication.logo
        if logo is None:
            return None
        shown = album.shown(logo, 400, 96)
        self._logo = next(each for each in album.assets if each.reference == shown.reference)
        return Emblem(f"{self._base}/logo", shown.width, shown.height, shown.alt or self._publication.name)

    def _path(self, name: str, bearer: Bearer) -> str:
        """Return the path of a link that only one subscriber gets."""
        return self._base + self._links.make(name, bearer).removeprefix(self._publication.public)

    async def _healthy(self, _: Request) -> Response:
        """Answer once the store has."""
        await run_in_threadpool(self._at.readers.find, Whom(uid="nobody"))
        return PlainTextResponse("ok\n")

    async def _sign_up_form(self, _: Request) -> Response:
        return HTMLResponse(self._pages.sign_up(SignUpForm()), headers={"X-Robots-Tag": "all"})

    async def _sign_up(self, request: Request) -> Response:
        begun = time.monotonic()
        if wait := self._per_household.wait(household(_ip(request)), begun):
            return self._too_often(wait)
        form = await _form(request)
        filled = SignUpForm(_text(form, "address").strip(), *_names(form), topics=_chosen(form))
        if wait := self._per_address.wait(address_key(filled.address), begun):
            return self._too_often(wait)
        asked = Asked.YES
        if not _text(form, "homepage"):  # people do not see that field; programs fill it in
            wishes = Wishes(first_name=filled.first_name, last_name=filled.last_name, topics=filled.topics)
            asked = await run_in_threadpool(flow.sign_up, self._at, filled.address, wishes, _ip(request))
        await asyncio.sleep(max(0.0, begun + self._at_least - time.monotonic()))
        match asked:
            case Asked.YES:
                return HTMLResponse(self._pages.message("asked"))
            case Asked.LATER:
                return HTMLResponse(self._pages.message("later"), _LATER)
            case Asked.WRONG:
                wrong = self._pages.words["wrong_address"]
                form_again = SignUpForm(
                    filled.address, filled.first_name, filled.last_name, topics=filled.topics, wrong=wrong
                )
                return HTMLResponse(self._pages.sign_up(form_again), _WRONG)
        assert_never(asked)

    def _too_often(self, wait: int) -> Response:
        return HTMLResponse(self._pages.message("often"), _TOO_OFTEN, headers={"Retry-After": str(wait)})

    async def _snippet(self, _: Request) -> Response:
        return PlainTextResponse(self._pages.snippet(f"{self._publication.public}/subscribe"))

    async def _confirm_page(self, request: Request) -> Response:
        bearer = bearer_or_page("confirm", request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        return HTMLResponse(self._pages.message("confirm", Button(self._pages.words["confirm"])))

    async def _confirm(self, request: Request) -> Response:
        bearer = bearer_or_page("confirm", request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        return self._welcomed(await run_in_threadpool(flow.confirm, self._at, bearer, _ip(request)), bearer)

    def _back(self, bearer: Bearer) -> Button:
        words = self._pages.words
        return Button(words["come_back"], self._path("return", bearer), words["come_back_text"])

    async def _come_back(self, request: Request) -> Response:
        bearer = bearer_or_page("return", request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        return self._welcomed(await run_in_threadpool(flow.come_back, self._at, bearer, _ip(request)), bearer)

    def _welcomed(self, is_on_the_list: bool, bearer: Bearer) -> Response:  # noqa: FBT001 - an answer handed on
        if not is_on_the_list:
            return self._absent()
        to_preferences = (self._path("preferences", bearer), self._pages.words["preferences_title"])
        return HTMLResponse(self._pages.message("confirmed", link=to_preferences))

    def _absent(self) -> Response:
        return HTMLResponse(
            self._pages.message("absent", link=(f"{self._base}/subscribe", self._pages.words["sign_up"]))
        )

    async def _preferences_page(self, request: Request) -> Response:
        bearer = bearer_or_page("preferences", request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        reader = await run_in_threadpool(flow.reader_of, self._at, bearer)
        leave = self._path(UNSUBSCRIBE, bearer)
        return HTMLResponse(self._pages.preferences(reader, leave=leave)) if reader else self._absent()

    async def _prefer(self, request: Request) -> Response:
        bearer = bearer_or_page("preferences", request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        form, leave = await _form(request), self._path(UNSUBSCRIBE, bearer)
        until, right = _pause(_text(form, "pause"), self._at.now)
        if not right:
            reader = await run_in_threadpool(flow.reader_of, self._at, bearer)
            wrong = self._pages.words["wrong_day"]
            page = self._pages.preferences(reader, leave=leave, wrong=wrong) if reader else None
            return HTMLResponse(page, _WRONG) if page else self._absent()
        first_name, last_name = _names(form)
        wishes = Wishes(first_name=first_name, last_name=last_name, topics=_chosen(form))
        reader = await run_in_threadpool(flow.prefer, self._at, bearer, wishes, until)
        return HTMLResponse(self._pages.preferences(reader, leave=leave, saved=True)) if reader else self._absent()

    async def _view(self, request: Request) -> Response:
        bearer = bearer_or_page("view", request, self._links, self._pages)
        if isinstance(bearer, Response):
            return bearer
        pictures = f"{self._base}/pictures/{bearer.mailing_uid}/"
        html = await run_in_threadpool(
            lambda: flow.view(self._at, bearer, pictures=pictures, door=lambda name: f"{self._base}/{name}")
        )
        if html is None:
            link = (self._publication.archive, self._pages.words["archive"])
            return HTMLResponse(self._pages.message("gone", link=link), NOT_FOUND)
        return HTMLResponse(html, headers={"Content-Security-Policy": _VIEW_POLICY})

    async def _own(self, _: Request) -> Response:
        """Answer where the links of somebody else's mail lead."""
        return HTMLResponse(self._pages.message("own"))

    async def _picture(self, request: Request) -> Response:
        mailing, name = request.path_params["mailing"], request.path_params["name"]
        return _shown(await run_in_threadpool(flow.picture, self._at, mailing, name))

    async def _logo_itself(self, _: Request) -> Response:
        return _shown(self._logo)

    async def _refused(self, _: Request, err: Exception) -> Response:
        status = err.status_code if isinstance(err, HTTPException) else _WRONG
        headers = err.headers if isinstance(err, HTTPException) else None
        name = "broken" if status == NOT_FOUND else "refused"
        return HTMLResponse(self._pages.message(name), status, headers=headers)

    async def _unavailable(self, _: Request, err: Exception) -> Response:
        """Answer when the database or the disk failed."""
        self._at.tell(f"a reader was asked to try again later: {err}")
        return HTMLResponse(self._pages.message("later"), _LATER, headers={"Retry-After": "60"})

    async def _defect(self, _: Request, err: Exception) -> Response:
        self._report(err)
        return HTMLResponse(self._pages.message("later"), 500)


def _ip(request: Request) -> str:
    """Return the reader's IP address; what a proxy that is trusted says of it, uvicorn has put here."""
    return request.client.host if request.client else ""


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=MOST_FIELDS)


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _names(form: FormData) -> tuple[str, str]:
    return _text(form, "first_name"), _text(form, "last_name")


def _chosen(form: FormData) -> frozenset[str]:
    return frozenset(value for value in form.getlist("topic") if isinstance(value, str))


def _pause(text: str, now: datetime) -> tuple[datetime | None, bool]:
    """Return the moment at which a day begins, UTC, and whether it is possible; no day is."""
    if not text.strip():
        return None, True
    try:
        until = datetime.combine(date.fromisoformat(text.strip()), time_of_day(), UTC)
    except ValueError:
        return None, False
    return until, flow.may_pause(until, now)


def _shown(asset: Asset | None) -> Response:
    if asset is None:
        raise HTTPException(NOT_FOUND)
    keep = {"Cache-Control": "public, max-age=3600"}
    return Response(asset.data, media_type=asset.media_type, headers=keep)

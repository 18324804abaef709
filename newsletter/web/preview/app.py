"""The studio's routes: one page, what it shows as JSON, the proof for its frame, its pictures, and the news of changes.

GET only, for this machine only: another Host (a rebound DNS name) is refused, and every answer forbids what it does not
need. The proof is somebody's HTML, so it may run no scripts, wherever it is opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from importlib.resources import files
from typing import assert_never
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter.core.assets import located
from newsletter.core.build import GMAIL_CLIPS_AT
from newsletter.flows.build import about_picture
from newsletter.flows.preview import Broken, Fault, Shown, Sight
from newsletter.web.preview.changes import Changes
from newsletter.web.preview.proof import Scheme, proof
from newsletter.web.preview.sights import Report, Sights
from newsletter.web.preview.watching import Watch
from newsletter.wiring import Here

PACKAGE = "newsletter.web.preview"

STUDIO_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PROOF_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline' https:; img-src http: https: data:; font-src https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


class Studio:
    """The answers to what the page asks. Close `changes` before the server waits for its connections to end."""

    def __init__(self, here: Here, report: Report) -> None:
        """Show the issues of a project; `report` tells the editor of a defect and returns where its details are."""
        self.changes = Changes()
        self._report = report
        self._sights = Sights(here, report)
        self._watch = Watch(here.project, self._renew)
        self._page_html = files(PACKAGE).joinpath("static/studio.html").read_text(encoding="utf-8")

    def app(self) -> Starlette:
        """Return the studio as an ASGI application."""
        return Starlette(
            routes=[
                Route("/", self._page, methods=["GET"]),
                Route("/api/issues", self._issues, methods=["GET"]),
                Route("/api/issues/{issue}", self._issue, methods=["GET"]),
                Route("/api/changes", self._news, methods=["GET"]),
                Route("/proof/{issue}", self._proof, methods=["GET"]),
                Route("/assets/{issue}/{name}", self._picture, methods=["GET"]),
                Mount("/static", StaticFiles(packages=[(PACKAGE, "static")])),
            ],
            middleware=[
                Middleware(_SafeHeaders),
                Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False),
            ],
            exception_handlers={Exception: self._defect},
            lifespan=self._open,
        )

    @asynccontextmanager
    async def _open(self, _: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch.run())
            yield
            self._watch.stop()
        self._sights.close()

    def _renew(self) -> None:
        self._sights.forget()
        self.changes.announce()

    async def _page(self, _: Request) -> Response:
        return HTMLResponse(self._page_html)

    async def _issues(self, _: Request) -> Response:
        return JSONResponse({"issues": self._sights.issues()})

    async def _issue(self, request: Request) -> Response:
        """Answer with the sight of an issue; that it is broken or gone is an answer too, not an HTTP error."""
        return JSONResponse(_as_json(await self._sights.of(request.path_params["issue"])))

    async def _news(self, _: Request) -> Response:
        return StreamingResponse(self.changes.stream(), media_type="text/event-stream")

    async def _proof(self, request: Request) -> Response:
        sight = await self._sights.of(request.path_params["issue"])
        if isinstance(sight, Broken):
            return PlainTextResponse(sight.message, status_code=404)
        scheme = Scheme.DARK if request.query_params.get("scheme") == Scheme.DARK else Scheme.LIGHT
        version = request.query_params.get("version", "0")
        if version not in map(str, range(len(sight.versions))):
            return PlainTextResponse("there is no such variant", status_code=404)
        html = proof(located(sight.versions[int(version)].html, f"/assets/{quote(sight.issue)}/"), scheme)
        return HTMLResponse(html, headers={"Content-Security-Policy": PROOF_POLICY})

    async def _picture(self, request: Request) -> Response:
        sight = await self._sights.of(request.path_params["issue"])
        pictures = sight.pictures if isinstance(sight, Shown) else ()
        for picture in pictures:
            if picture.name == request.path_params["name"]:
                # Other bytes would have another name; keeping them spares a flicker at every save.
                keep = {"Cache-Control": "private, max-age=3600, immutable"}
                return Response(picture.data, media_type=picture.media_type, headers=keep)
        return PlainTextResponse("there is no such picture", status_code=404)

    async def _defect(self, _: Request, err: Exception) -> Response:
        return PlainTextResponse(f"A defect of this program: {type(err).__name__}. {self._report(err)}", 500)


def _as_json(sight: Sight) -> dict[str, object]:
    match sight:
        case Shown():
            about = asdict(replace(sight, pictures=()))
            about["pictures"] = [about_picture(each) for each in sight.pictures]
            for version in about["versions"]:
                del version["html"]  # the proof has it
            return {"state": "shown", **about, "limit": GMAIL_CLIPS_AT}
        case Broken(message, hint, faults):
            return {"state": "broken", "message": message, "hint": hint, "faults": [_fault(each) for each in faults]}
        case _:
            assert_never(sight)


def _fault(fault: Fault) -> dict[str, object]:
    problem = fault.problem
    return {
        "file": problem.file,
        "line": problem.mark.line,
        "column": problem.mark.column,
        "path": problem.path,
        "message": problem.message,
        "hint": problem.hint,
        "source": fault.line,
    }


class _SafeHeaders:
    """Adds to every answer what it is not allowed to do, unless the answer says so itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", STUDIO_POLICY)
                headers.setdefault("Cache-Control", "no-store")
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
                headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)

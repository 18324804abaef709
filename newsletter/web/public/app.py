"""All public doors as one application. GET and HEAD change nothing: whatever follows links in mail may look at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from newsletter.core.assets import Asset
from newsletter.core.ports.readers import Whom
from newsletter.core.publication import Publication
from newsletter.errors import NewsletterError
from newsletter.flows import readers as flow
from newsletter.flows.readers import Reception
from newsletter.web.public.choosing import Choosing
from newsletter.web.public.door import BROKEN, LATER, NOT_FOUND, TOO_LARGE, WRONG, Door, path_of
from newsletter.web.public.guard import SafeHeaders, SmallBodies
from newsletter.web.public.joining import AS_LONG_FOR_ALL, Joining
from newsletter.web.public.leaving import Leaving
from newsletter.web.public.pages import Emblem, Pages
from newsletter.web.public.viewing import LOGO, Viewing

_TRY_AGAIN = 60  # seconds


def public_app(at: Reception, report: Callable[[Exception], object], *, at_least: float = AS_LONG_FOR_ALL) -> ASGIApp:
    """Return the doors of a publication, with what it was when the program started.

    `report` tells the editor of a defect, and nobody else. `at_least` is how many seconds a sign-up takes.
    """
    edition, logo = at.letters.confirmation, _logo(at)
    publication = edition.publication
    pages = Pages(publication, edition.layout.tokens, _emblem(publication, logo) if logo else None)
    door = Door(pages, at.post.links, publication.public)
    joining = Joining(door, at, at_least)
    leaving = Leaving(door, lambda bearer: flow.leave(at, bearer), joining.back)
    rest = [*Choosing(door, at).routes(), *Viewing(door, at, logo).routes()]
    health = Route("/healthz", _Health(at).answer, methods=["GET"])
    return guarded([health, *joining.routes(), *leaving.routes(), *rest], door, Trouble(door, at.tell, report))


def guarded(routes: Sequence[Route], door: Door, trouble: Trouble) -> SafeHeaders:
    """Return routes as an application that answers every mistake with a page, and every answer with safe headers."""
    inner = Starlette(
        routes=[Route("/favicon.ico", _no_icon, methods=["GET"]), *routes],
        middleware=[Middleware(SmallBodies, door.says("refused", status=TOO_LARGE))],
        exception_handlers={
            HTTPException: trouble.refused,
            NewsletterError: trouble.unavailable,
            Exception: trouble.defect,
        },
    )
    return SafeHeaders(inner, door.pages.policy, encrypted=door.public.startswith("https://"))


@dataclass(frozen=True, slots=True)
class Trouble:
    """The pages for what goes wrong. Readers learn no more than what to do; `tell` and `report` tell the editor."""

    door: Door
    tell: Callable[[str], None]
    report: Callable[[Exception], object]

    async def refused(self, _: Request, err: Exception) -> Response:
        """Answer a request that nothing here is for."""
        known = err if isinstance(err, HTTPException) else HTTPException(WRONG)
        answer = self.door.says("broken" if known.status_code == NOT_FOUND else "refused", status=known.status_code)
        answer.headers.update(known.headers or {})
        return answer

    async def unavailable(self, _: Request, err: Exception) -> Response:
        """Answer when the database, the disk or the queue failed."""
        self.tell(f"a reader was asked to try again later: {err}")
        return self.door.says("later", status=LATER, wait=_TRY_AGAIN)

    async def defect(self, _: Request, err: Exception) -> Response:
        """Answer when this program is wrong."""
        self.report(err)
        return self.door.says("later", status=BROKEN)


@dataclass(frozen=True, slots=True)
class _Health:
    """Says whether the store answers."""

    at: Reception

    async def answer(self, _: Request) -> Response:
        """Answer 200, or raise what the store raises."""
        await run_in_threadpool(self.at.readers.find, Whom(uid="nobody"))
        return PlainTextResponse("ok\n")


async def _no_icon(_: Request) -> Response:
    """Answer a browser that asks for an icon: there is none, which is no mistake."""
    return Response(status_code=204)


def _logo(at: Reception) -> Asset | None:
    """Return the publication's logo as v2g shows it."""
    logo, album = at.letters.publication.logo, at.letters.confirmation.album
    if logo is None:
        return None
    shown = album.shown(logo, 400, 96)
    return next(each for each in album.assets if each.reference == shown.reference)


def _emblem(publication: Publication, logo: Asset) -> Emblem:
    width = logo.shown or logo.width
    alt = (publication.logo.alt if publication.logo else "") or publication.name
    return Emblem(f"{path_of(publication.public)}/{LOGO}", width, round(logo.height * width / logo.width), alt)

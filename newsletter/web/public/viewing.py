"""The door to issues in the browser, and to the pictures that pages here show."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from newsletter.core.assets import Asset
from newsletter.flows import readers as flow
from newsletter.flows.readers import Reception
from newsletter.web.public.choosing import PREFERENCES
from newsletter.web.public.door import NOT_FOUND, Door
from newsletter.web.public.leaving import UNSUBSCRIBE

VIEW, LOGO = "view", "logo"
# A mail is somebody's HTML with styles in it; it may load pictures and do nothing.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


@dataclass(frozen=True, slots=True)
class Viewing:
    """Shows what a mailing sent to a reader, without the links that are theirs alone."""

    door: Door
    at: Reception
    logo: Asset | None

    def routes(self) -> list[Route]:
        """Return the routes; the links of a mail that is shown lead to those without a token."""
        base, get = self.door.served, ["GET"]
        return [
            Route(f"{base}/{VIEW}/{{token}}", self._view, methods=get),
            *(Route(f"{base}/{name}", self._own, methods=get) for name in (UNSUBSCRIBE, PREFERENCES, VIEW)),
            Route(f"{base}/pictures/{{mailing}}/{{name}}", self._picture, methods=get),
            Route(f"{base}/{LOGO}", self._emblem, methods=get),
        ]

    async def _view(self, request: Request) -> Response:
        bearer = self.door.bearer(VIEW, request)
        if isinstance(bearer, Response):
            return bearer
        base = self.door.base
        html = await run_in_threadpool(
            flow.view,
            self.at,
            bearer,
            pictures=f"{base}/pictures/{bearer.mailing_uid}/",
            door=lambda name: f"{base}/{name}",
        )
        if html is None:
            archive = self.at.letters.publication.archive, self.door.pages.words["archive"]
            return self.door.says("gone", link=archive, status=NOT_FOUND)
        return HTMLResponse(html, headers={"Content-Security-Policy": _POLICY})

    async def _own(self, _: Request) -> Response:
        return self.door.says("own")

    async def _picture(self, request: Request) -> Response:
        mailing, name = request.path_params["mailing"], request.path_params["name"]
        return _shown(await run_in_threadpool(flow.picture, self.at, mailing, name))

    async def _emblem(self, _: Request) -> Response:
        return _shown(self.logo)


def _shown(asset: Asset | None) -> Response:
    if asset is None:
        raise HTTPException(NOT_FOUND)
    return Response(asset.data, media_type=asset.media_type, headers={"Cache-Control": "public, max-age=3600"})

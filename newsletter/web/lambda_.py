"""The door out as an AWS Lambda function of one's own, behind whatever Mangum knows: no server, and no database.

`newsletter aws setup --unsubscribe` makes one that answers the same and is no package (`newsletter.web.inline`).

The signed token alone says who wants to leave, and `NEWSLETTER_SECRET` whether it is real. The wish goes into the SQS
queue `ses.feedback_queue` (`edges.wishes` says how it looks), and takes effect when `newsletter feedback` drains it.
The function's package holds publication.yaml and, if it is the publication's own, the layout. Its handler is
`newsletter.web.lambda_.handler`, and it needs `sqs:SendMessage` on the queue.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

from mangum import Mangum
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter import wiring
from newsletter.core.links import Bearer
from newsletter.web.public.app import Trouble, guarded
from newsletter.web.public.choosing import PREFERENCES
from newsletter.web.public.door import Door
from newsletter.web.public.guard import SafeHeaders
from newsletter.web.public.leaving import UNSUBSCRIBE, Leaving
from newsletter.web.public.pages import pages_of
from newsletter.web.public.viewing import VIEW
from newsletter.wiring import Here

SEE_OTHER = 303


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request, as Lambda calls it."""
    return dict(_ready()(event, context))


@cache
def _ready() -> Mangum:
    return Mangum(leaving_app(wiring.here(None)), lifespan="off")


def leaving_app(here: Here) -> SafeHeaders:
    """Return the door out of a project's publication.

    Raises:
        NotConfigured: the key or the queue is missing.
    """
    publication, pages = pages_of(here.project, here.environment)
    wishes, clock = wiring.wishes(publication), wiring.clock()

    def leave(bearer: Bearer) -> None:
        wishes.leave(bearer, clock.now())

    door = Door(pages, wiring.links(here, publication), publication.public)
    routes = [*Leaving(door, leave).routes(), *_without_list(door, publication.archive)]
    return guarded(routes, door, Trouble(door, _tell, _report))


def _without_list(door: Door, archive: str) -> list[Route]:
    """Return where a mail's other links lead, as nobody can see here which issue it was or what its reader chose."""

    async def view(_: Request) -> Response:
        return RedirectResponse(archive, SEE_OTHER)

    async def choose(request: Request) -> Response:
        bearer = door.bearer(PREFERENCES, request)
        if isinstance(bearer, Response):
            return bearer
        return RedirectResponse(door.path(UNSUBSCRIBE, bearer), SEE_OTHER)

    return [
        Route(f"{door.served}/{name}/{{token}}", answer, methods=["GET"])
        for name, answer in ((VIEW, view), (PREFERENCES, choose))
    ]


def _tell(line: str) -> None:
    """Write a line into the function's log."""
    sys.stderr.write(line + "\n")


def _report(err: Exception) -> None:
    _tell(f"error: a defect of this program: {type(err).__name__}")

"""The door out as an AWS Lambda function with a function URL: no server, and no database.

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

from newsletter import wiring
from newsletter.core.layout import parse_layout
from newsletter.core.links import Bearer
from newsletter.core.source import read
from newsletter.web.public.app import Trouble, guarded
from newsletter.web.public.door import Door
from newsletter.web.public.guard import SafeHeaders
from newsletter.web.public.leaving import Leaving
from newsletter.web.public.pages import Pages
from newsletter.wiring import Here


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
    publication = here.publication()
    files, tokens = here.project.layout(publication.layout)
    layout = parse_layout(
        publication.layout,
        files,
        read(tokens, f"layouts/{publication.layout}/tokens.yaml"),
        publication=publication,
        source=read(here.project.publication(), "publication.yaml"),
    )
    wishes, clock = wiring.wishes(publication), wiring.clock()

    def leave(bearer: Bearer) -> None:
        wishes.leave(bearer, clock.now())

    door = Door(Pages(publication, layout.tokens), wiring.links(here, publication), publication.public)
    return guarded(Leaving(door, leave).routes(), door, Trouble(door, _tell, _report))


def _tell(line: str) -> None:
    """Write a line into the function's log."""
    sys.stderr.write(line + "\n")


def _report(err: Exception) -> None:
    _tell(f"error: a defect of this program: {type(err).__name__}")

"""`newsletter serve`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from newsletter.cli import talk

LOOPBACK = ["127.0.0.1", "::1"]


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Address of this machine to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port; 0 is any that is free.")
    ] = 8080,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="NETWORK",
            help="Address or network of a proxy whose X-Forwarded-For is believed, besides this machine; repeatable.",
        ),
    ] = None,
) -> None:
    """Serve the pages for readers: sign-up, confirming, leaving, preferences, issues in the browser.

    Put a web server with TLS before it, so that what it gets below public_url arrives here with the same path. It reads
    publication, layout and welcome once: start it again when they change. /healthz answers 200 as long as the store
    does. SIGTERM and Ctrl-C end it once answers under way are finished.
    """
    from newsletter import wiring
    from newsletter.cli.defect import report
    from newsletter.web.public.app import public_app
    from newsletter.web.public.door import path_of
    from newsletter.web.public.server import DoorsServer

    here = wiring.here(context.obj)
    publication = here.publication()
    with wiring.reception(here, publication, talk.say, report) as reception:
        server = DoorsServer(public_app(reception, report), host, port, [*LOOPBACK, *(proxy or ())])
        base = path_of(publication.public)
        talk.data(f"{server.url}{base}/subscribe")
        sys.stdout.flush()  # who started us with a pipe waits for the address
        talk.say(f"the form for pages of your own: {server.url}{base}/embed")
        talk.say(f"links in mail lead to {publication.public}; end with Ctrl-C")
        server.serve()

"""`newsletter preview`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from newsletter.cli import talk
from newsletter.cli.words import IssueOrNewest


def preview(
    context: typer.Context,
    issue: IssueOrNewest = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="PORT", min=0, max=65535, help="Port; by default 8025 or the next free one."),
    ] = None,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the browser (only done from a terminal).")
    ] = True,
) -> None:
    """Show an issue in the browser as it will look, following every save, until Ctrl-C.

    The page shows it on phone and desktop, light and dark, as HTML, as plain text and as a row of the inbox, and while
    a file is broken, what is wrong where. Only this machine can open it.
    """
    from newsletter import wiring
    from newsletter.cli.defect import report
    from newsletter.web.preview.server import StudioServer

    here = wiring.here(context.obj)
    name = here.project.issue_name(issue) if issue else None
    server = StudioServer(here, port, report)
    url = f"{server.url}?issue={name}" if name else server.url
    talk.data(url)
    sys.stdout.flush()  # who started us with a pipe waits for the address
    talk.say("follows every save; end with Ctrl-C")
    if open_browser and sys.stdout.isatty():
        _open(url)
    server.serve()


def _open(url: str) -> None:
    """Open the browser from a thread: one that runs in the terminal would keep the server from starting."""
    import threading
    import webbrowser

    threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()

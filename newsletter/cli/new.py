"""`newsletter new`."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.cli import talk


def new(
    context: typer.Context,
    issue: Annotated[
        str | None, typer.Argument(metavar="ISSUE", help="Name, like vol-2-issue-4; by default the next one.")
    ] = None,
) -> None:
    """Begin an issue: write issues/ISSUE.yaml with the usual blocks, to be written over."""
    from newsletter import wiring
    from newsletter.flows.new import new as new_flow

    here = wiring.here(context.obj)
    file = new_flow(here.project, issue, wiring.clock().now().date())
    talk.data(f"{file}")
    talk.say(f"see it while you write: newsletter preview {file.stem}")

"""`newsletter status`."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import typer

from newsletter import wiring
from newsletter.cli import talk
from newsletter.cli.build import IssueName
from newsletter.core.delivery import State


def status(
    context: typer.Context,
    issue: IssueName = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the mailings as JSON.")] = False,
) -> None:
    """Show the mailings of an issue, or of all: the account, and by name who was refused or is in doubt.

    Examples: newsletter status; newsletter status vol-2-issue-3 --json
    """
    from newsletter.flows.status import Standings, status as status_flow

    here = wiring.here(context.obj)
    name = here.project.issue_name(issue) if issue else None
    with wiring.store(here, here.publication()) as store:
        found = status_flow(store.mailings, store.ledger, name)
        if as_json:
            talk.document([_as_json(each) for each in found])
            return
        if not found:
            talk.say("no mailings yet; send an issue with: newsletter send ISSUE")
        for each in found:
            _show(each)

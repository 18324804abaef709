"""`newsletter pause`, `resume` and `cancel`: for a mailing that is being sent, from another terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.cli import talk
from newsletter.cli.words import Issue

if TYPE_CHECKING:
    from newsletter.core.orders import Wish
    from newsletter.flows.control import Told


def pause(context: typer.Context, issue: Issue) -> None:
    """Pause a mailing: what is in flight is finished, nothing more goes out until it is resumed."""
    from newsletter.core.orders import Wish

    told = _tell(context, issue, Wish.PAUSE)
    talk.data(f"{told.mailing.issue} is paused; newsletter resume {told.mailing.issue} lets it go on")


def resume(context: typer.Context, issue: Issue) -> None:
    """Let a paused mailing go on; if nobody is sending it any more, `newsletter send` does."""
    from newsletter.core.orders import Wish

    told = _tell(context, issue, Wish.GO)
    name = told.mailing.issue
    if told.news:
        talk.data(f"{name} may go on; if its sender has ended, run: newsletter send {name}")
    else:
        talk.data(f"unchanged: {name} is not paused; if its sender has ended, run: newsletter send {name}")


def cancel(context: typer.Context, issue: Issue) -> None:
    """Cancel a mailing: whoever has not got it will not, and is accounted for as suppressed."""
    from newsletter.core.orders import Wish

    told = _tell(context, issue, Wish.CANCEL)
    talk.data(f"{told.mailing.issue} is cancelled")
    talk.data(talk.account_line(told.account))
    if told.account.open:
        talk.say(f"its sender settles what it has claimed; if it has ended, run: newsletter send {told.mailing.issue}")


def _tell(context: typer.Context, issue: str, wish: Wish) -> Told:
    from newsletter import wiring
    from newsletter.flows import receipt
    from newsletter.flows.control import Desk, tell

    here = wiring.here(context.obj)
    publication = here.publication()
    with wiring.store(here, publication) as store:
        name = here.project.issue_name(issue)
        desk = Desk(store.mailings, store.ledger, store.events, wiring.clock(), publication.transport)
        told = tell(desk, name, wish)
        if not told.account.open:
            receipt.write_finished(here.project, store.mailings, store.ledger, name)
        return told

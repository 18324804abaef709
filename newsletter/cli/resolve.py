"""`newsletter resolve`: settle deliveries in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from newsletter.cli import talk
from newsletter.cli.words import Issue

if TYPE_CHECKING:
    from newsletter.core.ports.sending import Ledger
    from newsletter.flows.resolve import Doubts


def resolve(
    context: typer.Context,
    issue: Issue,
    events: Annotated[
        list[Path] | None,
        typer.Option("--events", metavar="FILE", exists=True, dir_okay=False, help="Events of SES, one JSON a line."),
    ] = None,
    accepted: Annotated[
        list[str] | None, typer.Option("--accepted", metavar="DELIVERY", help="Take this one for accepted; or: all.")
    ] = None,
    again: Annotated[
        list[str] | None, typer.Option("--again", metavar="DELIVERY", help="Send this one again; or: all.")
    ] = None,
) -> None:
    """List the deliveries of an issue that are in doubt, and settle them.

    What an event of SES proves is settled by it. For the rest you decide: --accepted never mails them again, --again
    may mail somebody twice. With `all` it concerns all that are in doubt.
    """
    from newsletter import wiring
    from newsletter.core.delivery import State
    from newsletter.flows import receipt
    from newsletter.flows import resolve as flow

    here = wiring.here(context.obj)
    name = here.project.issue_name(issue)
    now = wiring.clock().now()
    with wiring.store(here, here.publication()) as store:
        for file in events or ():
            with _opened(file) as lines:
                count = flow.prove(store.events, lines, str(file), now)
            talk.data(f"{file}: {count:,} are settled")
        for wanted, state in ((accepted, State.ACCEPTED), (again, State.PENDING)):
            if wanted:
                which = None if wanted == ["all"] else wanted
                count = flow.decide(store.mailings, store.ledger, name, which, state, now)
                talk.data(f"{count:,} are {'taken for accepted' if state is State.ACCEPTED else 'pending again'}")
        if events or accepted or again:
            receipt.write_finished(here.project, store.mailings, store.ledger, name)
        found = flow.doubts(store.mailings, store.ledger, name)
        for each in found:
            _show(store.ledger, each)
        if again:
            talk.say(f"to send them: newsletter send {name}")
        _say_what_next(name, found)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Open a file that is read twice: what comes through a pipe is put aside first."""
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    with file.open("rb") as given:
        if given.seekable():
            yield given
            return
        with TemporaryFile() as aside:
            copyfileobj(given, aside)
            aside.seek(0)
            yield aside


def _show(ledger: Ledger, doubts: Doubts) -> None:
    from itertools import islice

    from newsletter.flows.resolve import named

    mailing = doubts.mailing
    if not doubts.count:
        return
    talk.data(f"{mailing.issue}, begun {mailing.created_at:%Y-%m-%d %H:%M} UTC: {doubts.count:,} in doubt")
    for each in islice(named(ledger, mailing), talk.SHOWN):
        talk.data(f"  {each.delivery_id}  {each.address}  ({each.reason})")
    if doubts.count > talk.SHOWN:
        more = f"  and {doubts.count - talk.SHOWN:,} more; all of them: newsletter status {mailing.issue} --json"
        talk.data(more)


def _say_what_next(issue: str, found: Sequence[Doubts]) -> None:
    if any(each.count for each in found):
        talk.say("what no event proves is yours to decide, for all or by their ids:")
        talk.say(f"  newsletter resolve {issue} --accepted all    leaves it at that")
        talk.say(f"  newsletter resolve {issue} --again all       sends once more, perhaps twice to somebody")
    else:
        talk.say("nothing is in doubt")
    if claimed := sum(each.claimed for each in found):
        talk.say(f"{claimed:,} with a sender; if that has died, newsletter send {issue} says what became of them")

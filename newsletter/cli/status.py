"""`newsletter status`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson

LOOK_EVERY = 1.0  # seconds

if TYPE_CHECKING:
    from newsletter.edges.store import Store
    from newsletter.flows.status import Echo, Standings


def status(
    context: typer.Context,
    issue: Annotated[
        str | None, typer.Argument(metavar="ISSUE", help="Name or file of the issue; by default all of them.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on showing the accounts of open mailings.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the account of every mailing, and by name who was refused or is in doubt."""
    from newsletter import wiring
    from newsletter.flows.status import status as status_flow

    here = wiring.here(context.obj)
    name = here.project.issue_name(issue) if issue else None
    with wiring.store(here, here.publication()) as store:
        found = status_flow(store.mailings, store.ledger, name)
        if as_json:
            talk.document([_as_json(each, store) for each in found])
            return
        if not found:
            talk.say("no mailings yet; see: newsletter send --help")
        for each in found:
            _show(each, store)
        if watch:
            _watch(store, name)


def _watch(store: Store, name: str | None) -> None:
    """Print each account of an open mailing when it has changed, until all are finished."""
    from newsletter import wiring
    from newsletter.flows.status import status as status_flow

    clock, seen = wiring.clock(), dict[str, str]()
    while True:
        found = [each for each in status_flow(store.mailings, store.ledger, name) if not each.mailing.finished_at]
        for each in found:
            line = talk.account_line(each.account)
            if seen.get(each.mailing.uid) != line:
                paused = " (paused)" if each.mailing.wish == "pause" else ""
                talk.data(f"{clock.now():%H:%M:%S} {each.mailing.issue}{paused}: {line}")
                seen[each.mailing.uid] = line
        talk.flush()
        if not found:
            return
        clock.sleep(LOOK_EVERY)


def _show(standings: Standings, store: Store) -> None:
    from newsletter import wiring
    from newsletter.flows.status import echo, named

    mailing = standings.mailing
    state = f"finished {mailing.finished_at:%Y-%m-%d %H:%M} UTC" if mailing.finished_at else "not finished"
    begin = mailing.orders.begin
    if begin and not mailing.finished_at:
        due = wiring.clock().now() >= begin
        state += f", {'due since' if due else 'to begin'} {begin:%Y-%m-%d %H:%M} UTC"
    state += {"go": "", "pause": ", paused", "cancel": ", cancelled"}[mailing.wish]
    talk.data(f"{mailing.issue}, begun {mailing.created_at:%Y-%m-%d %H:%M} UTC, {state}")
    talk.data(f"  {talk.account_line(standings.account)}")
    for line in _lines(echo(store.events, mailing)):
        talk.data(f"  {line}")
    rows = named(store.ledger, mailing)
    for kind, each in islice(rows, talk.SHOWN):
        talk.data(f"  {kind}: {each.address} ({each.reason})")
    if rest := sum(1 for _ in rows):
        talk.data(f"  and {rest:,} more; all of them: newsletter status {mailing.issue} --json")


def _lines(echo: Echo) -> Iterator[str]:
    """Yield what came back, in words; nothing of what nobody told."""
    if any(echo.returns.values()):
        yield "of those accepted: " + ", ".join(f"{count:,} {kind}" for kind, count in echo.returns.items() if count)
    seen = echo.attention
    if seen.opened or seen.clicked or seen.opened_by_machines or seen.clicked_by_machines:
        machines = f"{seen.opened_by_machines:,} and {seen.clicked_by_machines:,}"
        yield f"opened by {seen.opened:,} readers, clicked in by {seen.clicked:,}; by programs alone: {machines}"


def _as_json(standings: Standings, store: Store) -> dict[str, Any]:
    from newsletter.flows.status import echo, named

    mailing = standings.mailing
    back = echo(store.events, mailing)
    parts = {str(state): count for state, count in standings.account.parts}
    return {
        "issue": mailing.issue,
        "mailing": mailing.uid,
        "digest": mailing.digest,
        "transport": mailing.transport,
        "audience": mailing.audience,
        "created_at": mailing.created_at,
        "begins_at": mailing.orders.begin,
        "finished_at": mailing.finished_at,
        "wish": mailing.wish,
        "account": {"intended": standings.account.intended, **parts},
        "returns": {str(kind): count for kind, count in back.returns.items()},
        "attention": asdict(back.attention),
        "named": [
            {"state": state, "address": each.address, "reason": each.reason, "delivery": each.delivery_id}
            for state, each in named(store.ledger, mailing)
        ],
    }

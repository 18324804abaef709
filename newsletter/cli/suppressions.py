"""`newsletter suppressions`: the addresses that must not be mailed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.opened import opened
from newsletter.cli.words import AsJson, examples
from newsletter.errors import Declined

if TYPE_CHECKING:
    from newsletter.core.subscriber import Subscriber
    from newsletter.flows.suppressions import Synced

app = typer.Typer(
    help="Addresses not to be mailed: list, add, remove, sync.",
    epilog=examples("suppressions list", "suppressions sync --dry-run"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address, in any case.")]


@app.command(
    "list", short_help="List who is blocked, and why.", epilog=examples("suppressions list", "suppressions list --json")
)
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List who bounced, complained or was disabled, with the reason and since when."""
    with opened(context) as store:
        found = store.suppressions.blocked()
        if as_json:
            talk.documents(_as_json(each) for each in found)
            return
        count = 0
        for count, each in enumerate(found, 1):  # noqa: B007 - the last number is the count
            since = f"{each.since:%Y-%m-%d}" if each.since else ""
            reason = f"  ({each.reason})" if each.reason else ""
            talk.data(f"{each.standing:<11} {since:<10}  {each.address}{reason}")
        talk.say(f"{count:,} suppressed")


@app.command(
    short_help="Block an address, on the list or not.",
    epilog=examples("suppressions add eve@example.org --reason bounce", "suppressions add eve@example.org"),
)
def add(
    context: typer.Context,
    address: Address,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; bounce and complaint are reasons that SES knows too.")
    ] = "",
) -> None:
    """Block an address, whether it is on the list or not: it is mailed by nobody, and no import changes that."""
    from newsletter import wiring
    from newsletter.flows import suppressions as flow

    with opened(context) as store:
        step = flow.block(store.readers, address, reason, wiring.clock().now())
    talk.data(f"{'' if step.entry else 'unchanged: '}{step.subscriber.address} is {step.subscriber.standing}")


@app.command(
    short_help="Take a block off again.",
    epilog=examples("suppressions remove eve@example.org --reason 'their mailbox works again'"),
)
def remove(
    context: typer.Context,
    address: Address,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why they may be mailed again.")] = "",
) -> None:
    """Take a block off again, for a reason that history keeps. Who unsubscribed is not brought back by this.

    Who once agreed to be mailed is active then; who never did has still to sign up.
    """
    from newsletter import wiring
    from newsletter.flows import suppressions as flow

    reason = reason or talk.ask(f"Why may {address} be mailed again? ")
    with opened(context) as store:
        step = flow.release(store.readers, address, reason, wiring.clock().now())
    talk.data(f"{'' if step.entry else 'unchanged: '}{step.subscriber.address} is {step.subscriber.standing}")
    if step.entry:
        talk.say("if SES blocks it too, newsletter suppressions sync takes it off there")


@app.command(
    short_help="Keep the list and that of SES in step.",
    epilog=examples("suppressions sync --dry-run", "suppressions sync --yes"),
)
def sync(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep the list and the suppression list of the SES account in step, both ways.

    What SES lists is blocked here, also addresses that are on no list here, unless it was released here since. What was
    released here since is taken off SES's list; what bounced or complained here is put on it. SES takes about one
    address a second: a first time can take long. It can be stopped, and goes on where it stopped.
    """
    from newsletter import wiring
    from newsletter.flows import suppressions as flow

    here = wiring.here(context.obj)
    publication, clock = here.publication(), wiring.clock()
    with wiring.store(here, publication) as store, wiring.suppression_list(publication) as there:
        done = flow.sync(store.suppressions, there, clock, rehearsal=True)
        if dry_run or not done.changes:
            _tell(done, to_do=True, as_json=as_json)
            return
        if not yes:
            talk.say(_account(done, to_do=True))
            if talk.ask("Type yes to do it: ") != "yes":
                raise Declined("nothing was changed", hint="--yes does it without asking")
        with talk.progress("Keeping in step") as show:
            planned, began = done.changes, clock.monotonic()

            def tell(now: Synced) -> None:
                from newsletter.flows.progress import Progress

                rate = now.changes / max(clock.monotonic() - began, 1e-3)
                show(Progress(now.changes, max(planned, now.changes), rate))

            done = flow.sync(store.suppressions, there, clock, rehearsal=False, tell=tell)
    _tell(done, to_do=False, as_json=as_json)


def _tell(done: Synced, *, to_do: bool, as_json: bool) -> None:
    if as_json:
        counts = {name: value for name, value in asdict(done).items() if name not in {"why", "in_a_row"}}
        talk.document(counts)
        return
    talk.data(_account(done, to_do=to_do))
    if done.refused:
        talk.say(f"SES does not take {done.refused:,} of them: {done.why}")


def _account(done: Synced, *, to_do: bool) -> str:
    will = "to be " if to_do else ""
    there = f"{done.lifted:,} {will}taken off there, {done.put:,} {will}put there"
    return f"{done.listed:,} on the list of SES: {done.blocked:,} {will}blocked here, {there}"


def _as_json(each: Subscriber) -> dict[str, Any]:
    return {"email": each.address, "standing": each.standing, "reason": each.reason, "since": each.since}

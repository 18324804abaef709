"""`newsletter send`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli import asking, planning, talk
from newsletter.cli.words import AnyTag, AsJson, Issue
from newsletter.errors import Declined, Interrupted, MailingStopped

if TYPE_CHECKING:
    from newsletter.flows.office import Office
    from newsletter.flows.planning import Plan
    from newsletter.flows.send import Sent
    from newsletter.wiring import Here

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def send(
    context: typer.Context,
    issue: Issue,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="EXPRESSION", help="Only these, for instance 'tag:us and not got vol-2-issue-2'."),
    ] = None,
    tag: AnyTag = None,
    only_missing: Annotated[
        bool, typer.Option("--only-missing", help="Only those whom earlier mailings of this issue did not reach.")
    ] = False,
    rate: Annotated[
        float | None,
        typer.Option("--rate", metavar="NUMBER", help="At most so many a second, below the account's own rate."),
    ] = None,
    keep_free: Annotated[
        str | None,
        typer.Option("--keep-free", metavar="PERCENT", help="Leave this share of the quota to others."),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="When the daily quota is spent, wait and go on rather than stop.")
    ] = False,
    between: Annotated[
        str | None, typer.Option("--between", metavar="HOURS", help="Send in these hours (UTC) alone: 08:00-20:00.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="TIME",
            help="Freeze the audience now, send at this time: '2026-12-01 09:00' in UTC, or '2026-12-01 09:00-05:00'.",
        ),
    ] = None,
    canary: Annotated[
        str | None, typer.Option("--canary", metavar="N", help="Send to the first N, or N%, and see what comes back.")
    ] = None,
    canary_minutes: Annotated[
        float,
        typer.Option(
            "--canary-minutes",
            metavar="MINUTES",
            min=0,
            max=10_080,
            help="How long the canary's feedback is waited for.",
        ),
    ] = 15.0,
    warm_up: Annotated[
        str | None, typer.Option("--warm-up", metavar="N", help="New domain: N on the first day, then N times 1.5 ...")
    ] = None,
    join: Annotated[bool, typer.Option("--join", help="Help other processes with their mailing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done and stop there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the issue's name to be typed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send an issue to the list, and account for every recipient.

    Shows the plan and asks for the issue's name. Interrupted and run again it continues where it stopped. Nobody
    gets an issue twice; a delivery whose fate nobody knows is named as in doubt and not sent again.

    How --to is written: newsletter audience count --help
    """
    from newsletter import wiring
    from newsletter.core.orders import Orders
    from newsletter.flows.build import edition
    from newsletter.flows.planning import Request, plan
    from newsletter.flows.send import begin

    orders = Orders(
        begin=asking.moment(at, wiring.clock().now()) if at else None,
        rate=asking.pace(rate) if rate is not None else None,
        keep_free=asking.share(keep_free) if keep_free else 0.0,
        wait=wait,
        window=asking.window(between) if between else None,
        warm_up=asking.warm_up(warm_up) if warm_up else None,
    )
    here = wiring.here(context.obj)
    made = edition(here.project, here.project.issue_name(issue), here.environment)
    request = Request(asking.audience(made.publication, to, tag), orders, join, only_missing)
    with wiring.office(here, made.publication, talk.say) as office:
        planned = plan(made, request, office)
        if canary is not None:
            birds = asking.canary(canary, canary_minutes, planned.to_send)
            request = replace(request, orders=replace(orders, canary=birds))
            planned = plan(made, request, office)
        if as_json and dry_run:
            talk.document(planning.as_json(planned))
        elif not as_json:
            planning.show(planned)
        if dry_run:
            return
        if not planned.to_send and not planned.unfinished:
            talk.say(f"nothing to do: {_why_nothing(planned)}")
            return
        planned.allowance.check()
        if not yes:
            _confirm(made.build.issue)
        if at:
            planning.show_schedule(begin(planned, office), here.project.root, as_json=as_json)
        else:
            carry_out(planned, office, here, as_json=as_json)


def carry_out(planned: Plan, office: Office, here: Here, *, as_json: bool) -> None:
    """Send what was planned, with a progress bar and an ear for Ctrl-C, and show the account.

    Raises:
        MailingStopped: something stopped it before its end.
        Interrupted: the editor did.
    """
    from newsletter import wiring
    from newsletter.flows import receipt
    from newsletter.flows.build import sample_message
    from newsletter.flows.send import send as send_flow

    made = planned.edition
    with talk.progress(made.build.issue) as tell, _stop_asked() as stop_asked:
        sent = send_flow(planned, office, tell=tell, stop_asked=stop_asked)
    paper = ""
    if not sent.account.open:
        (mailing,) = (each for each in office.mailings.of(made.build.issue) if each.id == sent.mailing.id)
        sample = sample_message(made, made.build.variants[0])
        paper = str(receipt.write(here.project, receipt.of(mailing, office.ledger), sample))
    where = wiring.way_out(here, made.publication, sent.mailing.uid)
    _show_account(sent, where=where, paper=paper, as_json=as_json)


def _why_nothing(planned: Plan) -> str:
    if planned.forecast.already:
        return "everybody in this audience has been accounted for"
    if planned.forecast.suppressed:
        return "nobody in this audience may be mailed"
    return "nobody is in this audience; see: newsletter subscribers list"


def _confirm(name: str) -> None:
    if talk.ask(f"Type {name} to send: ") != name:
        raise Declined("not sent: that is not the issue's name", hint="--yes sends without asking")


def _show_account(sent: Sent, *, where: str, paper: str, as_json: bool) -> None:
    if as_json:
        parts = {str(state): count for state, count in sent.account.parts}
        account = {"intended": sent.account.intended, **parts}
        talk.document({"mailing": sent.mailing.uid, "digest": sent.mailing.digest, "account": account})
    else:
        talk.data(talk.account_line(sent.account))
        talk.data(f"through {where}")
        if paper:
            talk.data(f"receipt in {paper}")
    if sent.newly_in_doubt:
        talk.say(f"{sent.newly_in_doubt:,} more in doubt; settle them: newsletter resolve {sent.mailing.issue}")
    if sent.stopped:
        raise MailingStopped(f"stopped: {sent.stopped}", hint=sent.hint)
    if sent.interrupted:
        raise Interrupted("interrupted", hint=f"newsletter send {sent.mailing.issue} goes on where this stopped")
    if sent.account.intended != sum(count for state, count in sent.account.parts if state.ends):
        raise MailingStopped("some deliveries are still open", hint="run the same command again")


@contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C, SIGTERM or closing of the terminal finish what is in flight, the second end at once."""
    asked = False

    def handle(_signal: int, _frame: object) -> None:
        nonlocal asked
        if asked:
            talk.let_go()
            os._exit(130)
        asked = True
        with suppress(OSError, RuntimeError):  # the terminal is gone, or was being written to
            talk.say("\nstopping: finishing what is in flight; press Ctrl-C again to stop at once")

    nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heeded = [number for number in STOPS if not (nohup and number == signal.SIGHUP)]
    before = {number: signal.signal(number, handle) for number in heeded}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

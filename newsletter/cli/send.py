"""`newsletter send`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, Issue
from newsletter.errors import Declined, Interrupted, MailingStopped

if TYPE_CHECKING:
    from newsletter.core.build import Build
    from newsletter.flows.send import Plan, Sent

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def send(
    context: typer.Context,
    issue: Issue,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="Only subscribers with this tag; repeated: with any of them."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done and stop there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the issue's name to be typed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Send an issue to the list, and account for every recipient.

    Shows the plan and asks for the issue's name. Interrupted and run again it continues where it stopped. Nobody
    gets an issue twice; a delivery whose fate nobody knows is named as in doubt and not sent again.
    """
    from newsletter import wiring
    from newsletter.core.audience import Audience
    from newsletter.flows.build import edition
    from newsletter.flows.send import plan
    from newsletter.flows.send import send as send_flow

    here = wiring.here(context.obj)
    made = edition(here.project, here.project.issue_name(issue), here.environment)
    with wiring.office(here, made.publication) as office:
        planned = plan(made, Audience(tuple(sorted(set(tag or ())))), office)
        if as_json and dry_run:
            talk.document(_plan_as_json(planned))
        elif not as_json:
            _show_plan(planned)
        if dry_run:
            return
        if not planned.to_send and not planned.unfinished:
            talk.say("nothing to do: everybody in this audience has been accounted for")
            return
        if not yes:
            _confirm(made.build.issue)
        with talk.progress(made.build.issue) as tell, _stop_asked() as stop_asked:
            sent = send_flow(planned, office, tell=tell, stop_asked=stop_asked)
    _show_account(sent, where=wiring.way_out(here, made.publication, sent.mailing.uid), as_json=as_json)


def _show_plan(planned: Plan) -> None:
    publication, build = planned.edition.publication, planned.edition.build
    tested = f"{planned.tested_at:%Y-%m-%d %H:%M} UTC" if planned.tested_at else "never; see newsletter test-send"
    forecast = planned.forecast
    rows: list[tuple[str, object]] = [
        ("issue", build.issue),
        ("subject", build.restored(build.subject)),
        ("from", f"{publication.sender.name} <{publication.sender.address}>"),
        ("audience", planned.audience),
        ("to send", f"{planned.to_send:,}"),
        ("variants", _variants(planned.edition.build)),
        ("digest", planned.digest),
        ("test-sent", tested),
        ("transport", publication.transport),
    ]
    if planned.unfinished:
        rows.insert(1, ("continues", f"the mailing begun {planned.unfinished.created_at:%Y-%m-%d %H:%M} UTC"))
    elif forecast.already:
        rows.insert(5, ("have it already", f"{forecast.already:,}"))
    if forecast.suppressed and not planned.unfinished:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(forecast.suppressed.items()))
        rows.insert(5, ("suppressed", reasons))
    allowance = planned.allowance
    if allowance.per_second:
        hours = talk.duration(planned.to_send / allowance.per_second)
        rows.append(("rate", f"{allowance.per_second:g} a second, so about {hours}"))
    if allowance.left_today is not None:
        short = "; the rest must wait" if allowance.left_today < planned.to_send else ""
        rows.append(("quota left", f"{allowance.left_today:,} in these 24 hours{short}"))
    if planned.pictures:
        rows.append(("pictures", f"{planned.pictures.count}, at {planned.pictures.base}"))
    if allowance.notice:
        rows.append(("note", allowance.notice))
    talk.table(rows)


def _variants(build: Build) -> str:
    names = "; ".join(map(build.readers, build.variants))
    return f"{len(build.variants)}, each checked: {names}" if build.others else "1, the same for everybody"


def _plan_as_json(planned: Plan) -> dict[str, Any]:
    return {
        "issue": planned.edition.build.issue,
        "digest": planned.digest,
        "tested_at": planned.tested_at,
        "audience": {"tags": list(planned.audience.tags)},
        "continues": planned.unfinished.uid if planned.unfinished else None,
        "to_send": planned.to_send,
        "already": planned.forecast.already,
        "suppressed": dict(planned.forecast.suppressed),
        "variants": [sorted(map(sorted, each.readers)) for each in planned.edition.build.variants],
        "per_second": planned.allowance.per_second,
        "left_today": planned.allowance.left_today,
        "pictures": {"count": planned.pictures.count, "at": planned.pictures.base} if planned.pictures else None,
    }


def _confirm(name: str) -> None:
    if talk.ask(f"Type {name} to send: ") != name:
        raise Declined("not sent: that is not the issue's name", hint="--yes sends without asking")


def _show_account(sent: Sent, *, where: str, as_json: bool) -> None:
    from newsletter.flows.send import account_parts

    if as_json:
        parts = {str(state): count for state, count in account_parts(sent.account)}
        account = {"intended": sent.account.intended, **parts}
        talk.document({"mailing": sent.mailing.uid, "digest": sent.mailing.digest, "account": account})
    else:
        talk.data(talk.account_line(sent.account))
        talk.data(f"through {where}")
    if sent.newly_in_doubt:
        talk.say(f"{sent.newly_in_doubt:,} more in doubt, by name: newsletter status {sent.mailing.issue}")
    if sent.stopped:
        raise MailingStopped(f"stopped: {sent.stopped}", hint=sent.hint)
    if sent.interrupted:
        raise Interrupted("interrupted", hint=f"newsletter send {sent.mailing.issue} goes on where this stopped")
    if sent.account.intended != sum(count for state, count in account_parts(sent.account) if state.ends):
        raise MailingStopped("some deliveries are still open", hint="run the same command again")


@contextmanager
def _stop_asked() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C, SIGTERM or closing of the terminal finish what is in flight, the second end at once."""
    asked = False

    def handle(_signal: int, _frame: object) -> None:
        nonlocal asked
        if asked:
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

"""`newsletter outbox run`: send whatever is open and due."""

from __future__ import annotations

import typer

from newsletter.cli import talk
from newsletter.cli.send import carry_out
from newsletter.cli.words import examples
from newsletter.errors import Interrupted, MailingBusy, NewsletterError

app = typer.Typer(
    help="Mailings that were begun and are not finished.",
    epilog=examples("outbox run"),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _commands() -> None:
    """Mailings that were begun and are not finished."""


@app.command(short_help="Send every open mailing that is due.", epilog=examples("outbox run"))
def run(context: typer.Context) -> None:
    """Send every open mailing that is due: scheduled ones whose time has come, and interrupted ones.

    Paused mailings are left alone, and those whose canary waits for your look. For a crontab or a systemd timer:
    when nothing is due, it says nothing.
    """
    from newsletter import wiring
    from newsletter.flows.build import edition
    from newsletter.flows.outbox import due
    from newsletter.flows.planning import Request, plan

    here = wiring.here(context.obj)
    publication, failed = here.publication(), list[NewsletterError]()
    with wiring.office(here, publication, talk.say) as office:
        ports = office.mailings, office.ledger, office.feedback
        for mailing in due(*ports, publication.transport, office.clock.now()):
            talk.say(f"{mailing.issue}:")
            try:
                made = edition(here.project, mailing.issue, here.environment)
                carry_out(plan(made, Request(), office), office, here, as_json=False)
            except MailingBusy:
                talk.say("is being sent already")
            except Interrupted:
                raise
            except NewsletterError as err:  # the others are due all the same
                talk.error(err)
                failed.append(err)
    if failed:
        raise typer.Exit(failed[0].exit_code)

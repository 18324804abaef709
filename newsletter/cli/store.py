"""`newsletter store`: the database behind the list and its mailings."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, examples

app = typer.Typer(
    help="Move the list and its mailings to another database.",
    epilog=examples("store copy sqlite:///.newsletter/newsletter.db postgresql+psycopg://me@db.example.org/newsletter"),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _only_a_group() -> None:
    """Keep `copy` a command of its own: Typer would make the only one the group itself."""


@app.command(
    epilog=examples(
        "store copy sqlite:///.newsletter/newsletter.db postgresql+psycopg://me@db.example.org/newsletter",
        "store copy postgresql+psycopg://me@db.example.org/newsletter sqlite:///backup.db --json",
    )
)
def copy(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help="URL of the store to copy, as in NEWSLETTER_STORE.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="URL of an empty database, or of a file not yet there.")],
    as_json: AsJson = False,
) -> None:
    """Copy everything from one store to another.

    That is the list, the mailings and the account of every reader; all of it or nothing. Nobody may be sending
    meanwhile. A password can be left out of the URLs and stand in PGPASSWORD. The first store stays as it is: point
    NEWSLETTER_STORE at the second one afterwards.
    """
    from newsletter import wiring
    from newsletter.flows.copy_store import copy_store

    contents = copy_store(wiring.copying(wiring.here(context.obj), source, target), wiring.clock())
    if as_json:
        talk.document({"rows": dict(contents.rows), "ledger": contents.ledger})
        return
    talk.table((name.replace("_", " "), f"{count:,}") for name, count in contents.rows.items())
    talk.data(f"copied and compared; digest of the ledger {contents.ledger[:12]}")

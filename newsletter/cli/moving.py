"""`newsletter subscribers import`: a list from elsewhere, with an account of every row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson
from newsletter.errors import BadInput

if TYPE_CHECKING:
    from newsletter.core.arrivals.account import Account, Named
    from newsletter.core.arrivals.columns import Wish

FORMATS = "auto, mailchimp, substack, buttondown, ghost, beehiiv, kit, listmonk, keila or csv"


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV or JSON file, or a ZIP file as it was exported.")],
    format_: Annotated[
        str, typer.Option("--from", metavar="FORMAT", help=f"Where it was exported: {FORMATS}.")
    ] = "auto",
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="COLUMN=FIELD", help="What a column is; nothing after = leaves it out."),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be repeated.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the account, and import nothing.")] = False,
    as_json: AsJson = False,
) -> int:
    """Import a list from elsewhere, and account for every row.

    Files of Mailchimp, Substack, Buttondown, Ghost, beehiiv, Kit, listmonk, Keila and this tool are recognised by their
    columns. Whoever unsubscribed, bounced, complained or was blocked there comes in as such and is not mailed, and
    nobody who left here is taken back. Of any other CSV or JSON file the columns email, first_name, last_name, name,
    tags and status are understood; all others become fields. Rows that cannot be used are named, and the rest is
    imported. Importing again changes nothing.
    """
    from newsletter import wiring
    from newsletter.flows.move_in import move_in

    wish, sheets = _wish(format_, columns or (), tag or ()), wiring.exported(file)
    here = wiring.here(context.obj)
    with wiring.store(here, here.publication()) as store, talk.counter("rows read", silent=as_json) as tell:
        account = move_in(
            store.subscribers,
            sheets,
            wish,
            at=wiring.clock().now(),
            rehearsal=dry_run,
            tell=tell,
        )
    if as_json:
        talk.document(_as_json(account, dry_run=dry_run))
    else:
        _show(account, dry_run=dry_run)
    return 1 if account.refused.count else 0


def _wish(name: str, columns: Sequence[str], tags: Sequence[str]) -> Wish:
    from newsletter.core.arrivals.columns import Wish
    from newsletter.core.arrivals.formats import NAMES
    from newsletter.core.typed import did_you_mean

    if name not in NAMES:
        raise BadInput(f"{name!r} is not a format", hint=did_you_mean(name, NAMES))
    pairs = [each.rpartition("=") for each in columns]
    for each, (column, equals, _) in zip(columns, pairs, strict=True):
        if not equals or not column.strip():
            raise BadInput(f"{each!r} does not name a column", hint="write it like --map 'E-Mail=email'")
    return Wish(name, {column.strip(): target.strip() for column, _, target in pairs}, tags)


def _show(account: Account, *, dry_run: bool) -> None:
    for each in account.files:
        talk.data(f"{each.name}: {each.format}, {each.encoding}, {_counted(each.rows, 'row')}")
    for name, why in account.passed_over[: talk.SHOWN]:
        talk.data(f"{name}: passed over, {why}")
    if len(account.passed_over) > talk.SHOWN:
        talk.data(f"{len(account.passed_over) - talk.SHOWN:,} more files were passed over")
    _name(account.refused, "refused")
    _name(account.noted, "taken, but")
    parts = [f"{count:,} {change}" for change, count in account.changes().items()]
    parts += [f"{_counted(account.intake.duplicates, 'duplicate')} merged", f"{account.refused.count:,} refused"]
    talk.data(f"{_counted(account.rows, 'row')} = {' + '.join(parts)}")
    if suppressed := account.suppressed():
        named = ", ".join(f"{count:,} {standing}" for standing, count in suppressed.items())
        talk.data(f"not to be mailed, of these: {named}")
    talk.data(f"{account.intake.on_the_list:,} on the list" + (", had this been no dry run" if dry_run else ""))


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count != 1 else ''}"


def _name(named: Named, what: str) -> None:
    for problem in named.first[: talk.SHOWN]:
        talk.say(f"{what}: {problem}")
    if named.count > talk.SHOWN:
        talk.say(f"and {named.count - talk.SHOWN:,} more; --json names them all")


def _as_json(account: Account, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry run": dry_run,
        "files": [
            {"file": each.name, "format": each.format, "encoding": each.encoding, "rows": each.rows}
            for each in account.files
        ],
        "passed over": [{"file": name, "why": why} for name, why in account.passed_over],
        "rows": account.rows,
        **{str(change): count for change, count in account.changes().items()},
        "duplicates": account.intake.duplicates,
        "refused": account.refused.count,
        "suppressed": {str(standing): count for standing, count in account.suppressed().items()},
        "on the list": account.intake.on_the_list,
        "refusals": _problems(account.refused),
        "notes": _problems(account.noted),
    }


def _problems(named: Named) -> list[dict[str, Any]]:
    return [
        {
            "file": problem.file,
            "line": problem.mark.line,
            "column": problem.path,
            "message": problem.message,
            "hint": problem.hint,
        }
        for problem in named.first
    ]

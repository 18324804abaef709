"""`newsletter layout`: how issues look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, examples

if TYPE_CHECKING:
    from collections.abc import Sequence

    from newsletter.core.library import Shelved
    from newsletter.core.source import Problem
    from newsletter.flows.layout_check import Checked

app = typer.Typer(
    help="Change how issues look: list, show, new, check.",
    epilog=examples("layout show", "layout new autumn", "layout check autumn"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

InUseOrNamed = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Name of the layout; by default the one in use.")
]


@app.command("list", short_help="List the layouts.", epilog=examples("layout list", "layout list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the layouts, where each lives, and which one the publication uses."""
    from newsletter import wiring
    from newsletter.flows import layouts as flow

    here = wiring.here(context.obj)
    found = flow.listed(here.project, here.environment)
    if as_json:
        talk.document([{**_place(each), "in_use": in_use} for each, in_use in found])
        return
    talk.table((each.name, _where(each) + (", in use" if in_use else "")) for each, in_use in found)


@app.command(short_help="Show what a layout is made of.", epilog=examples("layout show", "layout show v2g --json"))
def show(context: typer.Context, name: InUseOrNamed = None, as_json: AsJson = False) -> None:
    """Show what a layout is made of: its files, the kinds of block that it can show or adds, its tokens."""
    from newsletter import wiring
    from newsletter.flows import layouts as flow

    here = wiring.here(context.obj)
    about = flow.about(here.project, name, here.environment)
    if as_json:
        tokens = {each.name: {"value": each.value, "own": each.own} for each in about.tokens}
        own = {kind.name: {key.name: str(key) for key in kind.keys} for kind in about.own}
        made = {"in_use": about.in_use, "kinds": about.kinds, "own": own, "files": about.files, "tokens": tokens}
        talk.document({**_place(about.place), **made})
        return
    talk.data(f"{about.place.name}: {_where(about.place)}" + (", in use" if about.in_use else ""))
    talk.table([("shows", ", ".join(about.kinds)), *(("file", file) for file in about.files)])
    if about.own:
        talk.data("kinds of block of its own, each with its keys:")
        talk.table((kind.name, "; ".join(f"{key.name}: {key}" for key in kind.keys) or "no keys") for kind in about.own)
    talk.data("tokens, each to be replaced under `tokens:` in publication.yaml:")
    notes = {
        each.name: f"  (publication.yaml; the layout's own is {each.own})" for each in about.tokens if each.replaced
    }
    talk.table((each.name, each.value + notes.get(each.name, "")) for each in about.tokens)


@app.command(
    short_help="Copy a layout to change it.", epilog=examples("layout new autumn", "layout new autumn --from v2g")
)
def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new layout: letters, digits, - and _.")],
    source: Annotated[str, typer.Option("--from", metavar="LAYOUT", help="The layout to copy.")] = "v2g",
) -> None:
    """Copy a layout into layouts/NAME, to be changed there. Nothing is ever replaced."""
    from newsletter import wiring
    from newsletter.flows import layouts as flow

    here = wiring.here(context.obj)
    folder = flow.new(here.project, name, source)
    talk.data(f"{folder}")
    talk.say(f"use it: write `layout: {name}` into publication.yaml, and see it change: newsletter preview")
    talk.say(f"check it: newsletter layout check {name}")


@app.command(
    short_help="Say what is wrong with a layout.", epilog=examples("layout check", "layout check autumn --json")
)
def check(context: typer.Context, name: InUseOrNamed = None, as_json: AsJson = False) -> None:
    """Check a layout: its MJML, and a made-up issue with every kind of block, rendered from template to message.

    Errors would not come out as written, and no issue builds with them. Warnings come out, but less than good.
    """
    from newsletter import wiring
    from newsletter.flows.layout_check import check as check_flow

    here = wiring.here(context.obj)
    checked = check_flow(here.project, name, here.environment)
    if as_json:
        found = [*(("error", each) for each in checked.errors), *(("warning", each) for each in checked.warnings)]
        problems = [_as_json(severity, each) for severity, each in found]
        talk.document({"name": checked.name, "kinds": checked.kinds, "cannot_show": checked.missing, "found": problems})
    else:
        _print(checked)
    if checked.errors:
        raise typer.Exit(2)


def _print(checked: Checked) -> None:
    for each in checked.errors:
        talk.data(f"{each}")
    for each in checked.warnings:
        talk.data(f"{each.file}:{each.mark.line}:{each.mark.column}: warning: {each.message}; {each.hint}")
    counted = f"{_count(checked.errors, 'error')}, {_count(checked.warnings, 'warning')}"
    shown = ", ".join(checked.kinds) or "no block"
    talk.data(f"{checked.name}: {counted} in {checked.templates} templates; shows {shown}")
    if checked.missing:
        talk.say(f"cannot show {', '.join(checked.missing)}: add both templates to blocks/ if issues use them")


def _count(problems: Sequence[Problem], word: str) -> str:
    return f"{len(problems)} {word}" + ("" if len(problems) == 1 else "s")


def _where(place: Shelved) -> str:
    return "shipped with the tool" if place.shipped else f"layouts/{place.name}"


def _place(place: Shelved) -> dict[str, Any]:
    return {"name": place.name, "folder": str(place.folder), "shipped": place.shipped}


def _as_json(severity: str, problem: Problem) -> dict[str, Any]:
    where = {"file": problem.file, "line": problem.mark.line, "column": problem.mark.column}
    return {"severity": severity, **where, "message": problem.message, "hint": problem.hint}

"""`newsletter assets`: where readers load the pictures of issues from."""

from __future__ import annotations

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, IssueOrNewest, examples

app = typer.Typer(
    help="Put pictures where readers load them from: push.",
    epilog=examples("assets push", "assets push vol-2-issue-3"),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _options() -> None:
    """Make a group of the one command."""


@app.command(
    short_help="Upload the pictures of an issue.", epilog=examples("assets push", "assets push vol-2-issue-3 --json")
)
def push(context: typer.Context, issue: IssueOrNewest = None, as_json: AsJson = False) -> None:
    """Upload the pictures of an issue to the bucket of publication.yaml; only those that are not there.

    A picture is named for its bytes: another picture never takes its place, and what was sent stays as it was.
    """
    from newsletter import wiring
    from newsletter.flows import assets as flow
    from newsletter.flows.build import edition

    here = wiring.here(context.obj)
    made = edition(here.project, here.project.issue_name(issue), here.environment)
    with wiring.asset_store(made.publication) as (store, base):
        done = flow.push(made, store)
        where = str(store)
    if as_json:
        found = [*((each, True) for each in done.pushed), *((each, False) for each in done.there)]
        pictures = [
            {"name": each.name, "url": base + each.name, "bytes": len(each.data), "pushed": new} for each, new in found
        ]
        talk.document({"issue": made.build.issue, "to": where, "pictures": pictures})
        return
    assets = made.build.assets
    if not assets:
        talk.data(f"{made.build.issue} has no pictures")
        return
    weight = talk.size(sum(len(each.data) for each in assets))
    talk.data(f"{made.build.issue}: {len(done.pushed)} of {len(assets)} pictures pushed to {where}, {weight} in all")
    talk.table(("pushed", f"{talk.size(len(each.data)):>12}  {base}{each.name}") for each in done.pushed)
    talk.table(("there", f"{talk.size(len(each.data)):>12}  {base}{each.name}") for each in done.there)

"""`newsletter aws`: what the publication needs at Amazon Web Services, as a template and set up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli import talk
from newsletter.cli.words import examples
from newsletter.errors import Declined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from newsletter.core.aws.cloud import Change, Cloud, Part, Stack
    from newsletter.core.aws.template import Design
    from newsletter.core.publication import Publication
    from newsletter.wiring import Here

app = typer.Typer(
    help="Set up what is needed at Amazon: template, setup.",
    epilog=examples("aws setup", "aws setup --unsubscribe --assets"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="What the names begin with; by default the publication's name."),
]
WithUnsubscribe = Annotated[
    bool, typer.Option("--unsubscribe", help="Add a function that takes unsubscribe wishes, without a server.")
]
WithAssets = Annotated[bool, typer.Option("--assets", help="Add a bucket that readers load pictures from.")]


@app.command(
    short_help="Print a CloudFormation template.",
    epilog=examples("aws template", "aws template --unsubscribe --assets > aws.yaml"),
)
def template(
    context: typer.Context, name: Name = None, unsubscribe: WithUnsubscribe = False, assets: WithAssets = False
) -> None:
    """Print what the publication needs at Amazon, as a CloudFormation template with comments.

    It is the way of SES's events into a queue, and the rights that this tool needs; `aws setup` applies it.
    """
    from newsletter import wiring

    here = wiring.here(context.obj)
    design = _design(here.publication(), name, unsubscribe=unsubscribe, assets=assets)
    talk.data(_written(here, design).rstrip("\n"))


@app.command(
    short_help="Set it up at Amazon, or undo that.",
    epilog=examples("aws setup --dry-run", "aws setup --unsubscribe --assets", "aws setup --undo"),
)
def setup(
    context: typer.Context,
    name: Name = None,
    unsubscribe: WithUnsubscribe = False,
    assets: WithAssets = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Remove what was set up.")] = False,
) -> None:
    """Apply the template through CloudFormation: show what will change, ask, do it, and say what to write down.

    What an earlier run made stays, and one that was interrupted goes on. Amazon makes every change or none.
    """
    from newsletter import wiring
    from newsletter.flows.aws import proposed

    here = wiring.here(context.obj)
    publication = here.publication()
    design = _design(publication, name, unsubscribe=unsubscribe, assets=assets)

    def goes_on() -> bool:
        if not (dry_run or yes) and talk.ask(f"Type {design.name} to go on: ") != design.name:
            raise Declined("nothing was changed: that is not the name", hint="--yes goes on without asking")
        return not dry_run

    with wiring.cloud(publication, design.name) as cloud:
        if undo:
            _undo(cloud, goes_on)
            return
        keys = wiring.keys_of_links(here)
        with proposed(cloud, design, lambda each: _written(here, each), keys) as proposal:
            _show(cloud, proposal.changes)
            if not proposal.changes:
                _tell_what_to_write_down(publication, cloud.region, cloud.look())
            elif goes_on():
                talk.say("Amazon is at work, for some minutes; if you interrupt it here, the same command goes on")
                _tell_what_to_write_down(publication, cloud.region, proposal.carry_out())


def _written(here: Here, design: Design) -> str:
    from newsletter.core.aws.template import template
    from newsletter.web.inline import function_code
    from newsletter.web.public.pages import pages_of

    publication, pages = pages_of(here.project, here.environment)
    return template(design, publication, function_code(pages))


def _undo(cloud: Cloud, goes_on: Callable[[], bool]) -> None:
    from newsletter.flows import aws as flow

    plan = flow.undoing(cloud)
    if plan is None:
        talk.data(f"{cloud}: nothing is there")
        return
    talk.data(f"{cloud}:")
    talk.table(("remove", f"{each.name:<24}  {each.kind}{_unless(each)}") for each in plan.stack.parts)
    if plan.unread:
        talk.data(f"unread messages that would be lost: about {plan.unread:,}; newsletter feedback reads them")
    if any(each.kind == "Lambda Url" for each in plan.stack.parts):
        talk.data("links to unsubscribe in mail that was sent lead to the function, and end with it")
    if goes_on():
        gone = flow.undo(cloud, plan)
        talk.data("removed; take its names out of publication.yaml")
        if not gone:
            talk.data(f"the bucket {plan.bucket} stays: it has pictures, which letters that were sent show")


def _unless(part: Part) -> str:
    return ", if nothing is in it" if part.kind == "S3 Bucket" else ""


def _show(cloud: Cloud, changes: Sequence[Change]) -> None:
    if not changes:
        talk.data(f"{cloud}: everything is there already")
        return
    talk.data(f"{cloud}:")
    actions = {"modify": "change", "import": "take in"}
    talk.table(
        ("replace" if each.replaced else actions.get(each.action, each.action), f"{each.name:<24}  {each.kind}")
        for each in changes
    )


def _tell_what_to_write_down(publication: Publication, region: str, stack: Stack | None) -> None:
    from newsletter.core.aws.settings import settings

    if stack:
        talk.data("\nWrite this into publication.yaml:\n")
        talk.data(settings(publication, region, stack.outputs))
        talk.data(f"\nAttach this policy to the user or role that the tool runs as:\n{stack.outputs['ToolPolicy']}")


def _design(publication: Publication, name: str | None, *, unsubscribe: bool, assets: bool) -> Design:
    from newsletter.core.aws.template import Design, name_for

    return Design(name or name_for(publication), unsubscribe=unsubscribe, assets=assets)

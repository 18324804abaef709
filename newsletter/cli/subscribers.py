"""`newsletter subscribers`: the list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from newsletter.cli import asking, talk
from newsletter.cli.moving import import_
from newsletter.cli.opened import opened
from newsletter.cli.readers import Address, Fields, edit, erase, pair, remove, show, tag
from newsletter.cli.readers import as_json as described
from newsletter.cli.stats import stats
from newsletter.cli.words import AnyTag, AsJson, Expr, examples

if TYPE_CHECKING:
    from newsletter.core.audience import Audience
    from newsletter.core.ports.readers import Subscribers

app = typer.Typer(
    help="Keep the list: move it in and out, look after each reader.",
    epilog=examples("subscribers import readers.csv", "subscribers list --tag us"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be repeated.")]


@app.command(
    epilog=examples(
        "subscribers add ana@example.org --first-name Ana --tag us", "subscribers add b@example.org -f city=Bath"
    )
)
def add(
    context: typer.Context,
    address: Address,
    first_name: Annotated[str, typer.Option("--first-name", metavar="NAME", help="First name.")] = "",
    last_name: Annotated[str, typer.Option("--last-name", metavar="NAME", help="Last name.")] = "",
    tag: Tags = None,
    field: Fields = None,
) -> None:
    """Add a subscriber, or add to what is known of them. Somebody who left is not taken back."""
    from newsletter import wiring
    from newsletter.flows import subscribers as flow

    fields = dict(pair(each) for each in field or ())
    with _list(context) as subscribers:
        now = wiring.clock().now()
        change = flow.add(subscribers, address, names=(first_name, last_name), tags=tag or (), fields=fields, at=now)
    talk.data(f"{change}: {address}")


app.command(
    "import",
    short_help="Move a list in: a CSV or JSON file, or another service's export.",
    epilog=examples("subscribers import readers.csv --tag us", "subscribers import mailchimp-export.zip --dry-run"),
)(import_)


@app.command("list", epilog=examples("subscribers list --tag us", "subscribers list 'standing = bounced' --json"))
def list_(context: typer.Context, expression: Expr = None, tag: AnyTag = None, as_json: AsJson = False) -> None:
    """List the subscribers, all or those of an audience."""
    from newsletter.core.audience import EVERYBODY

    with _audience(context, expression, tag) as (subscribers, audience):
        found = subscribers.stream(audience)
        if as_json:
            talk.documents(described(each) for each in found)
            return
        count = 0
        for count, each in enumerate(found, 1):  # noqa: B007 - the last number is the count
            tags = f"  [{', '.join(sorted(each.tags))}]" if each.tags else ""
            talk.data(f"{each.standing:<13}{each.address}  {each.display_name}{tags}".rstrip())
        if count or audience.expression != EVERYBODY.expression:
            talk.say(f"{count:,} subscriber{'s' if count != 1 else ''}" if count else "nobody belongs to this audience")
        else:
            talk.say("nobody yet; see: newsletter subscribers import --help")


@app.command(
    short_help="Write the list to stdout as CSV or JSON.",
    epilog=examples("subscribers export > readers.csv", "subscribers export 'field.city = Bath' --json > bath.jsonl"),
)
def export(context: typer.Context, expression: Expr = None, tag: AnyTag = None, as_json: AsJson = False) -> None:
    """Write the list, or an audience, as CSV or as JSON Lines; both can be imported again, without loss.

    Standing, consent and those removed are included, so that nobody comes back elsewhere who left. A cell of CSV that a
    spreadsheet program would take for a formula has an apostrophe before it, which the import takes away again.
    """
    from newsletter.flows import subscribers as flow

    with _audience(context, expression, tag) as (subscribers, audience):
        if as_json:
            talk.documents(described(each) for each in flow.people(subscribers, audience))
            return
        for line in flow.export(subscribers, audience):
            talk.data(line.removesuffix("\n"))


app.command(
    short_help="Show how the list stands and has grown.",
    epilog=examples("subscribers stats", "subscribers stats --json"),
)(stats)
app.command(short_help="Show all that is known of somebody.", epilog=examples("subscribers show ana@example.org"))(show)
app.command(
    short_help="Change names, fields or the address of a subscriber.",
    epilog=examples("subscribers edit ana@example.org --first-name Ana -f city=Bath"),
)(edit)
app.command(
    epilog=examples("subscribers tag ana@example.org --add fleet", "subscribers tag --tag us --add usa --remove us")
)(tag)
app.command(short_help="Take somebody off the list for good.", epilog=examples("subscribers remove ana@example.org"))(
    remove
)
app.command(short_help="Erase a person, for good.", epilog=examples("subscribers erase ana@example.org"))(erase)


@contextmanager
def _audience(
    context: typer.Context, expression: str | None, tags: list[str] | None
) -> Iterator[tuple[Subscribers, Audience]]:
    from newsletter import wiring
    from newsletter.core.audience import Audience
    from newsletter.core.audience.terms import Everybody

    here = wiring.here(context.obj)
    publication = here.publication()
    asked = asking.audience(publication, expression, tags) or Everybody()
    with wiring.store(here, publication) as store:
        yield store.subscribers, Audience.at(asked, wiring.clock().now(), publication.transport)


@contextmanager
def _list(context: typer.Context) -> Iterator[Subscribers]:
    with opened(context) as store:
        yield store.subscribers

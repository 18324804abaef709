"""`newsletter subscribers`: the list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import asking, talk
from newsletter.cli.words import AnyTag, AsJson, Expr, examples
from newsletter.errors import BadInput, NotFound

if TYPE_CHECKING:
    from newsletter.core.audience import Audience
    from newsletter.core.ports import Subscribers
    from newsletter.core.subscriber import Subscriber

app = typer.Typer(
    help="Keep the list: add, import, list, remove, export.",
    epilog=examples("subscribers import readers.csv", "subscribers list --tag us"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="An email address, in any case.")]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="A tag; may be repeated.")]


@app.command(
    epilog=examples(
        "subscribers add ana@example.org --first-name Ana --tag us", "subscribers add b@example.org -f city=Bath"
    )
)
def add(
    context: typer.Context,
    address: Address,
    first_name: Annotated[str, typer.Option("--first-name", help="First name.")] = "",
    last_name: Annotated[str, typer.Option("--last-name", help="Last name.")] = "",
    tag: Tags = None,
    field: Annotated[
        list[str] | None, typer.Option("--field", "-f", metavar="NAME=VALUE", help="A field of the list's own.")
    ] = None,
) -> None:
    """Add a subscriber, or add to what is known of them. Somebody who left is not taken back."""
    from newsletter import wiring
    from newsletter.flows import subscribers as flow

    fields = dict(_pair(each) for each in field or ())
    with _list(context) as subscribers:
        now = wiring.clock().now()
        change = flow.add(subscribers, address, names=(first_name, last_name), tags=tag or (), fields=fields, at=now)
    talk.data(f"{change}: {address}")


@app.command("import", epilog=examples("subscribers import readers.csv --tag us"))
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A CSV file whose header names a column email.")],
    tag: Tags = None,
    as_json: AsJson = False,
) -> None:
    """Import a CSV file, all of it or, if a row is wrong, nothing.

    Known columns are email, first_name, last_name, tags (separated by semicolons), standing, consent_source and
    consent_at; every other column becomes a field of the subscriber. Importing again changes nothing, and nobody who
    unsubscribed, bounced or complained is taken back.
    """
    from newsletter import wiring
    from newsletter.flows import subscribers as flow

    try:
        data = file.read_bytes()
    except OSError as err:
        raise NotFound(f"{file} cannot be read: {err.strerror}") from err
    with _list(context) as subscribers:
        changes = flow.import_file(subscribers, data, str(file), tags=tag or (), at=wiring.clock().now())
        total = subscribers.count()
    counted = {str(change): count for change, count in changes.items()}
    if as_json:
        talk.document({**counted, "on the list": total})
    else:
        talk.data(", ".join(f"{count:,} {change}" for change, count in counted.items()))
        talk.data(f"{total:,} on the list")


@app.command("list", epilog=examples("subscribers list --tag us", "subscribers list 'standing = bounced' --json"))
def list_(context: typer.Context, expression: Expr = None, tag: AnyTag = None, as_json: AsJson = False) -> None:
    """List the subscribers, all or those of an audience."""
    with _audience(context, expression, tag) as (subscribers, audience):
        found = subscribers.stream(audience)
        if as_json:
            talk.documents(_as_json(each) for each in found)
            return
        count = 0
        for count, each in enumerate(found, 1):  # noqa: B007 - the last number is the count
            tags = f"  [{', '.join(sorted(each.tags))}]" if each.tags else ""
            talk.data(f"{each.standing:<13}{each.address}  {each.display_name}{tags}".rstrip())
        talk.say(f"{count:,} subscribers" if count else "nobody yet; see: newsletter subscribers import --help")


@app.command(epilog=examples("subscribers remove ana@example.org"))
def remove(context: typer.Context, address: Address) -> None:
    """Take somebody off the list for good; no import brings them back."""
    from newsletter import wiring
    from newsletter.flows import subscribers as flow

    with _list(context) as subscribers:
        flow.remove(subscribers, address, wiring.clock().now())
    talk.data(f"removed: {address}")


@app.command(epilog=examples("subscribers export > readers.csv", "subscribers export 'field.city = Bath' > bath.csv"))
def export(context: typer.Context, expression: Expr = None, tag: AnyTag = None) -> None:
    """Write the list, or an audience, as CSV that can be imported again.

    Standing and consent are included.
    """
    from newsletter.flows import subscribers as flow

    with _audience(context, expression, tag) as (subscribers, audience):
        for line in flow.export(subscribers, audience):
            talk.data(line.rstrip("\n"))


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
    from newsletter import wiring

    here = wiring.here(context.obj)
    with wiring.store(here, here.publication()) as store:
        yield store.subscribers


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadInput(f"{text!r} is not a field", hint="write it like --field city=Bath")
    return name.strip(), value.strip()


def _as_json(each: Subscriber) -> dict[str, Any]:
    return {
        "email": each.address,
        "first_name": each.first_name,
        "last_name": each.last_name,
        "tags": sorted(each.tags),
        "fields": dict(each.fields),
        "standing": each.standing,
        "consent_source": each.consent.source,
        "consent_at": each.consent.at,
    }

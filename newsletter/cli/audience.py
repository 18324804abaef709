"""`newsletter audience`: how many belong to an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import asking, talk
from newsletter.cli.words import AsJson, examples
from newsletter.errors import BadInput

if TYPE_CHECKING:
    from newsletter.core.audience import Audience, Size
    from newsletter.core.audience.terms import Expression
    from newsletter.core.publication import Publication
    from newsletter.edges.store import Store

app = typer.Typer(
    help="Count audiences; name them in publication.yaml.",
    epilog=examples("audience count 'tag:us and not got vol-2-issue-3'", "audience list"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

GRAMMAR = """\b
An audience is one of these, or several joined by and, or, not and ( ):
  everybody               tag:us   tag:"long name"    a name of audiences: in publication.yaml
  field.city = Bath       field.city != Bath          address contains "@example.org"
  first_name is set       field.city is missing       standing = bounced
  joined since 2026-01-01 consent before 2026-01-01   mailed in last 30 days
  got vol-2-issue-3       opened vol-2-issue-3        clicked in last 90 days
  standing != active
"""


@app.command(epilog=f"{GRAMMAR}\n{examples('audience count tag:us', 'audience count everybody --json')}")
def count(
    context: typer.Context,
    expression: Annotated[
        str, typer.Argument(metavar="EXPRESSION", help="Whom, for instance 'tag:us and joined since 2026-01-01'.")
    ],
    as_json: AsJson = False,
) -> None:
    """Count who belongs to an audience, and who of them can be mailed.

    A send mails those who are active; the others it accounts for as suppressed.
    """
    from newsletter import wiring
    from newsletter.core.audience.terms import Everybody

    here = wiring.here(context.obj)
    publication = here.publication()
    asked = asking.audience(publication, expression, None) or Everybody()
    with wiring.store(here, publication) as store:
        audience, size = _counted(store, asked, publication)
    if as_json:
        talk.document(_as_json(audience, size))
    else:
        talk.table([("audience", audience), *_rows(size)])


@app.command("list", epilog=examples("audience list", "audience list --json"))
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """Count the audiences that publication.yaml names."""
    from newsletter import wiring

    here = wiring.here(context.obj)
    publication = here.publication()
    with wiring.store(here, publication) as store:
        found = {name: _tried(store, each, publication) for name, each in publication.named_audiences.items()}
    if as_json:
        talk.document(
            {
                name: {"unknown": each.message} if isinstance(each, BadInput) else _as_json(*each)
                for name, each in found.items()
            }
        )
        return
    if not found:
        talk.say("no audiences: in publication.yaml; see: newsletter audience count --help")
    talk.table((name, _line(publication.audiences[name], each)) for name, each in found.items())


def _counted(store: Store, expression: Expression, publication: Publication) -> tuple[Audience, Size]:
    from newsletter import wiring
    from newsletter.core.audience import Audience

    now = wiring.clock().now()
    audience = Audience.at(expression, now, publication.transport)
    return audience, store.audiences.size(audience, now)


def _tried(store: Store, expression: Expression, publication: Publication) -> tuple[Audience, Size] | BadInput:
    """Return how many belong, or why nobody can tell: the other audiences are counted all the same."""
    try:
        return _counted(store, expression, publication)
    except BadInput as err:
        return err


def _rows(size: Size) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = [("on the list", f"{size.everybody:,}"), ("active", f"{size.active:,}")]
    if size.paused:
        rows.append(("paused", f"{size.paused:,} of those active"))
    return [*rows, *((standing, f"{count:,}") for standing, count in sorted(size.suppressed.items()))]


def _line(text: str, found: tuple[Audience, Size] | BadInput) -> str:
    said = found.message if isinstance(found, BadInput) else f"{found[1].active:,} active of {found[1].everybody:,}"
    return f"{said}  ({' '.join(text.split())})"


def _as_json(audience: Audience, size: Size) -> dict[str, Any]:
    from newsletter.core.audience.writing import written

    return {
        "audience": written(audience.expression),
        "on the list": size.everybody,
        "active": size.active,
        "paused": size.paused,
        "suppressed": dict(sorted(size.suppressed.items())),
    }

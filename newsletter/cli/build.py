"""`newsletter build`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, IssueOrNewest

if TYPE_CHECKING:
    from newsletter.core.assets import Asset
    from newsletter.core.render.costs import Costs
    from newsletter.flows.build import Built

SOFT = 1.5  # pixels of a file for each one shown, below which phones show a picture that is not quite sharp


def build(
    context: typer.Context,
    issue: IssueOrNewest = None,
    as_json: AsJson = False,
) -> None:
    """Render an issue into build/ISSUE/: email.html, email.txt, email.eml, build.json, and its pictures in assets/.

    The same source gives the same bytes and the same digest on every machine.
    """
    from newsletter import wiring
    from newsletter.flows.build import about_picture
    from newsletter.flows.build import build as build_flow

    here = wiring.here(context.obj)
    built = build_flow(here.project, issue, here.environment)
    made = built.edition.build
    if as_json:
        talk.document(
            {
                "issue": made.issue,
                "digest": made.digest,
                "folder": str(built.folder),
                "bytes": dict(built.sizes),
                "pictures": [about_picture(each) for each in made.assets],
                "blocks": [asdict(cost) for cost in built.largest.blocks],
            }
        )
        return
    talk.data(f"{made.issue}: {made.restored(made.subject)}")
    notes = dict(_notes(built))
    rows = [(name, count, notes.get(name, "")) for name, count in built.sizes.items()]
    rows += [(each.origin, len(each.data), _pixels(each)) for each in made.assets]
    if len(made.assets) > 1:
        rows.append(("all pictures", sum(len(each.data) for each in made.assets), ""))
    talk.table((name, f"{talk.size(count):>12}  {note}".rstrip()) for name, count, note in rows)
    talk.table([("digest", made.digest), ("in", built.folder)])
    _show_costs(built.largest)


def _notes(built: Built) -> Iterator[tuple[str, str]]:
    """Yield what there is to say of the HTML files: how near the clip each is, and for whom."""
    from newsletter.core.build import GMAIL_CLIPS_AT

    made = built.edition.build
    for number, variant in enumerate(made.variants, 1):
        file = "email.html" if number == 1 else f"email.{number}.html"
        share = f"{built.sizes[file] / GMAIL_CLIPS_AT:.0%} of what Gmail shows before it clips"
        yield file, f"{share}; for: {made.readers(variant)}" if made.others else share


def _show_costs(costs: Costs) -> None:
    from newsletter.core.build import GMAIL_CLIPS_AT

    room = GMAIL_CLIPS_AT - costs.whole
    clip = f"{talk.size(room)} until Gmail clips it" if room >= 0 else f"Gmail hides the last {talk.size(-room)}"
    talk.data(f"\nHTML by block ({clip}):")
    rows = [*((cost.kind, cost.bytes, cost.title) for cost in costs.blocks), ("frame", costs.frame, "")]
    talk.table((kind, f"{talk.size(count):>12}  {title}".rstrip()) for kind, count, title in rows)


def _pixels(picture: Asset) -> str:
    size = f"{picture.width} × {picture.height} pixels"
    if picture.width >= SOFT * picture.shown:
        return size
    return f"{size}, shown {picture.shown} wide; phones would show {2 * picture.shown}"

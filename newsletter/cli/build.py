"""`newsletter build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, IssueOrNewest

if TYPE_CHECKING:
    from newsletter.core.assets import Asset

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
    from newsletter.core.build import GMAIL_CLIPS_AT
    from newsletter.flows.build import about_picture
    from newsletter.flows.build import build as build_flow

    here = wiring.here(context.obj)
    built = build_flow(here.project, issue, here.environment)
    made = built.edition.build
    if as_json:
        about = {"issue": made.issue, "digest": made.digest, "folder": str(built.folder), "bytes": dict(built.sizes)}
        talk.document({**about, "pictures": [about_picture(each) for each in made.assets]})
        return
    share = built.sizes["email.html"] / GMAIL_CLIPS_AT
    notes = {"email.html": f"{share:.0%} of what Gmail shows before it clips"}
    if made.others:
        for number, variant in enumerate(made.variants, 1):
            file = "email.html" if number == 1 else f"email.{number}.html"
            notes[file] = f"{built.sizes[file] / GMAIL_CLIPS_AT:.0%} of what Gmail shows; for: {made.readers(variant)}"
    talk.data(f"{made.issue}: {made.restored(made.subject)}")
    rows = [(name, count, notes.get(name, "")) for name, count in built.sizes.items()]
    rows += [(each.origin, len(each.data), _pixels(each)) for each in made.assets]
    if len(made.assets) > 1:
        rows.append(("all pictures", sum(len(each.data) for each in made.assets), ""))
    talk.table((name, f"{talk.size(count):>12}  {note}".rstrip()) for name, count, note in rows)
    talk.table([("digest", made.digest), ("in", built.folder)])


def _pixels(picture: Asset) -> str:
    size = f"{picture.width} × {picture.height} pixels"
    if picture.width >= SOFT * picture.shown:
        return size
    return f"{size}, shown {picture.shown} wide; phones would show {2 * picture.shown}"

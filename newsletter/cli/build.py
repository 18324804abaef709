"""`newsletter build`."""

from __future__ import annotations

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, IssueOrNewest


def build(
    context: typer.Context,
    issue: IssueOrNewest = None,
    as_json: AsJson = False,
) -> None:
    """Render an issue into build/ISSUE/: email.html, email.txt, email.eml and build.json.

    The same source gives the same bytes and the same digest on every machine.
    """
    from newsletter import wiring
    from newsletter.core.build import GMAIL_CLIPS_AT
    from newsletter.flows.build import build as build_flow

    here = wiring.here(context.obj)
    built = build_flow(here.project, issue, here.environment)
    made = built.edition.build
    if as_json:
        about = {"issue": made.issue, "digest": made.digest, "folder": str(built.folder), "bytes": dict(built.sizes)}
        talk.document(about)
        return
    share = built.sizes["email.html"] / GMAIL_CLIPS_AT
    notes = {"email.html": f"{share:.0%} of what Gmail shows before it clips"}
    if made.others:
        for number, variant in enumerate(made.variants, 1):
            file = "email.html" if number == 1 else f"email.{number}.html"
            notes[file] = f"{built.sizes[file] / GMAIL_CLIPS_AT:.0%} of what Gmail shows; for: {made.readers(variant)}"
    talk.data(f"{made.issue}: {made.restored(made.subject)}")
    talk.table((name, f"{talk.size(count):>12}  {notes.get(name, '')}".rstrip()) for name, count in built.sizes.items())
    talk.table([("digest", made.digest), ("in", built.folder)])

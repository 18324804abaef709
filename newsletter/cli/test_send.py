"""`newsletter test-send`."""

from __future__ import annotations

from typing import Annotated

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson, Issue


def test_send(
    context: typer.Context,
    issue: Issue,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="A recipient; may be repeated.")
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", metavar="NAME", help="A group of reviewers in publication.yaml.")
    ] = None,
    seen_as: Annotated[
        str | None, typer.Option("--as", metavar="SUBSCRIBER", help="Fill in this subscriber's name and fields.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Send test copies: the very bytes a subscriber would get, [TEST] before the subject, links that change nothing.

    Recipients need not be subscribers. The digest that was tested is remembered and shown by send.
    """
    from newsletter import wiring
    from newsletter.flows import test_send as flow
    from newsletter.flows.assets import in_place
    from newsletter.flows.build import edition

    here = wiring.here(context.obj)
    made = edition(here.project, here.project.issue_name(issue), here.environment)
    addresses = flow.reviewers(made.publication, to or (), group or ())
    if made.publication.pictures_at:  # else each copy carries its pictures with it
        with wiring.picture_place(made.publication) as place:
            in_place(made, place)
    with wiring.transport(here, made.publication) as transport, wiring.store(here, made.publication) as store:
        tested = flow.send_test(
            made,
            addresses,
            transport=transport,
            tests=store.test_sends,
            clock=wiring.clock(),
            seen_as=flow.reader(store.subscribers, seen_as),
        )
    if as_json:
        outcomes = {address: flow.said(outcome) for address, outcome in tested.outcomes}
        talk.document({"issue": made.build.issue, "digest": tested.digest, "outcomes": outcomes})
    else:
        talk.table((address, flow.said(outcome)) for address, outcome in tested.outcomes)
        talk.table(
            [("digest", tested.digest), ("through", wiring.way_out(here, made.publication, flow.mailing_name(made)))]
        )
    if tested.accepted < len(tested.outcomes):
        raise typer.Exit(1)

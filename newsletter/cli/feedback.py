"""`newsletter feedback`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson

if TYPE_CHECKING:
    from newsletter.flows.feedback import Haul

WAIT_WATCHING = 20.0  # seconds; the longest that SQS lets one wait, and so the cheapest


def feedback(
    context: typer.Context,
    watch: Annotated[bool, typer.Option("--watch", help="Go on taking in what comes, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take in what Amazon SES tells of mail that went out, from the queue that `ses.feedback_queue` names.

    Who bounced for good or complained is not mailed again; deliveries in doubt are settled by proof. What is read is
    deleted from the queue; what cannot be read is set aside in .newsletter/feedback-set-aside.jsonl.
    """
    from newsletter import wiring
    from newsletter.flows.feedback import WAIT, drain

    here = wiring.here(context.obj)
    with wiring.post(here, here.publication()) as post:
        _show(drain(post, wait=WAIT), as_json=as_json)
        if watch:
            talk.say("watching the queue; end with Ctrl-C")
        while watch:
            haul = drain(post, wait=WAIT_WATCHING)
            if haul.messages:
                _show(haul, as_json=as_json)


def _show(haul: Haul, *, as_json: bool) -> None:
    if as_json:
        talk.documents([_as_json(haul)])
    else:
        talk.data(_line(haul))
    talk.flush()
    for name in haul.set_aside[: talk.SHOWN]:
        talk.say(f"set aside, see .newsletter/feedback-set-aside.jsonl: {name}")


def _line(haul: Haul) -> str:
    """Return the account of a haul in one line."""
    if not haul.messages:
        return "no messages"
    parts = [f"{count:,} {kind}" for kind, count in sorted(haul.kinds.items())]
    parts += [f"{haul.notices:,} of SNS itself"] if haul.notices else []
    applied = haul.applied
    results = [
        (applied.settled, "settled"),
        (sum(applied.suppressed.values()), "suppressed"),
        (applied.repeated, "known already"),
        (haul.ignored, "ignored (see track in publication.yaml)"),
        (applied.unknown, "of unknown mail"),
        (len(haul.set_aside), "set aside"),
    ]
    what = ", ".join(parts) or "none of them an event"
    came = ", ".join(f"{count:,} {words}" for count, words in results if count)
    messages = f"{haul.messages:,} message{'s' if haul.messages != 1 else ''}"
    return f"{messages}: {what}" + (f"; {came}" if came else "")


def _as_json(haul: Haul) -> dict[str, Any]:
    applied = haul.applied
    return {
        "messages": haul.messages,
        "kinds": {kind.value: count for kind, count in sorted(haul.kinds.items())},
        "notices": haul.notices,
        "kept": applied.news,
        "known_already": applied.repeated,
        "ignored": haul.ignored,
        "unknown": applied.unknown,
        "settled": applied.settled,
        "suppressed": {standing.value: count for standing, count in sorted(applied.suppressed.items())},
        "set_aside": list(haul.set_aside),
    }

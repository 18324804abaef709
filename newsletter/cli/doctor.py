"""`newsletter doctor`."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.words import AsJson
from newsletter.errors import Declined, NewsletterError

if TYPE_CHECKING:
    from newsletter.core.diagnosis.line import Line, Status
    from newsletter.wiring import Here

FORMAT = 1  # of --json; it changes when a key changes its meaning or goes away
WIDEST, NARROWEST = 110, 72  # columns
_LABEL = 21
_INDENT = 18


def doctor(
    context: typer.Context,
    online: Annotated[
        bool, typer.Option("--online", help="Ask AWS, the DNS and the unsubscribe page too; nothing is changed there.")
    ] = False,
    roundtrip: Annotated[
        bool,
        typer.Option("--roundtrip", help="Also send to Amazon's mailbox simulator, and wait for what comes back."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the round trip.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything that mail needs to arrive, and say what is wrong, what to do, and which DNS record to add.

    Without --online nothing leaves the machine. An error keeps mail from arriving or breaks a rule of those who
    receive it, a warning does not yet. Ends with 1 if there is an error. With --roundtrip three messages go to
    Amazon's mailbox simulator, which costs as much as three others, and feedback is taken in meanwhile.
    """
    from newsletter import wiring
    from newsletter.core.diagnosis.line import Status, worst

    if roundtrip and not online:
        raise typer.BadParameter("the round trip goes through Amazon SES; add --online")
    if roundtrip and not yes and talk.ask("Send three messages to the mailbox simulator? Type yes: ") != "yes":
        raise Declined("nothing was looked at: the round trip was not agreed to", hint="--yes sends without asking")
    if online:
        minutes = "; the round trip takes a minute, three at most" if roundtrip else ""
        talk.patience(f"looking at AWS, the DNS and the unsubscribe page{minutes} ...")
    lines = _lines(wiring.here(context.obj), online=online, roundtrip=roundtrip)
    verdict = worst(line.status for line in lines)
    if as_json:
        talk.document(_document(lines, online=online))
    else:
        _show(lines)
        if not online:
            talk.say("nothing left this machine; look further with: newsletter doctor --online")
    if verdict is Status.ERROR:
        raise typer.Exit(1)


def _lines(here: Here, *, online: bool, roundtrip: bool) -> Sequence[Line]:
    from newsletter import wiring
    from newsletter.flows.doctor import examine

    ground = wiring.ground(here, online=online)
    try:
        publication = here.publication() if online else None
    except NewsletterError:
        publication = None  # the diagnosis says why, and needs no more
    if publication is None:
        return examine(ground)
    trip = partial(wiring.trip, here, publication) if roundtrip else None
    with wiring.outside(here, publication) as outside:
        return examine(ground, outside, trip)


def _document(lines: Sequence[Line], *, online: bool) -> dict[str, Any]:
    from newsletter.core.diagnosis.line import Status

    counts = Counter(line.status for line in lines)
    verdict = next((each for each in (Status.ERROR, Status.WARNING) if counts[each]), Status.OK)
    return {
        "format": FORMAT,
        "verdict": verdict,
        "online": online,
        "counts": {each.value: counts[each] for each in Status},
        "lines": [asdict(line) for line in lines],
    }


def _show(lines: Sequence[Line]) -> None:
    from newsletter.core.diagnosis.line import Group, Status
    from newsletter.core.diagnosis.rules import SOURCES

    for group, members in groupby(lines, key=lambda line: line.group):
        talk.data(f"{group}")
        for line in members:
            for text in _written(line):
                talk.data(text)
        if group is Group.RULES:
            talk.data("")
            for text in _listed(SOURCES):
                talk.data(text)
        talk.data("")
    counts = Counter(line.status for line in lines)
    talk.data(
        f"{counts[Status.OK]} ok, {_many(counts[Status.WARNING], 'warning')}, {_many(counts[Status.ERROR], 'error')}, "
        f"{counts[Status.UNSEEN]} not looked at"
    )


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _written(line: Line) -> Iterator[str]:
    """Yield a check as it is printed: its standing, its name, what was seen; below what to do, and the DNS records."""
    from newsletter.core.diagnosis.line import Group

    source = f" [{line.source}]" if line.source and line.group is Group.RULES else ""
    seen = _wrapped(f"{line.seen}{source}", _INDENT + _LABEL + 2)
    yield f"  {_coloured(line.status)}{line.check:<{_LABEL}} {seen[0]}"
    yield from (" " * (_INDENT + _LABEL + 1) + text for text in seen[1:])
    if line.remedy:
        first, *rest = _wrapped(line.remedy, _INDENT + 4)
        yield f"{'':{_INDENT}}-> {first}"
        yield from (f"{'':{_INDENT}}   {text}" for text in rest)
    for record in line.records:  # each in one piece, to be pasted
        yield f"{'':{_INDENT}}   {record}"


def _listed(sources: Mapping[str, str]) -> Iterator[str]:
    width = max(map(len, sources))
    for name, title in sources.items():
        first, *rest = _wrapped(title, width + 4)
        yield f"  {name:<{width}}  {first}"
        yield from (" " * (width + 4) + text for text in rest)


def _wrapped(text: str, indent: int) -> list[str]:
    width = max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 0)).columns))
    return textwrap.wrap(text, width - indent, break_long_words=False, break_on_hyphens=False) or [""]


def _coloured(status: Status) -> str:
    """Return a standing as a word of fixed width, in colour at a terminal."""
    from newsletter.core.diagnosis.line import Status

    word = f"{status:<{_INDENT - 2}}"
    colours = {Status.OK: "32", Status.WARNING: "33", Status.ERROR: "31;1", Status.UNSEEN: "2"}
    shown = sys.stdout.isatty() and not os.environ.get("NO_COLOR")  # https://no-color.org
    return f"\033[{colours[status]}m{word}\033[0m" if shown else word

"""`newsletter report`: how an issue did."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from newsletter.cli import talk
from newsletter.cli.stats import NARROWEST, WIDEST, mark
from newsletter.cli.words import AsJson

if TYPE_CHECKING:
    from newsletter.core.report import Outcome, Report
    from newsletter.core.report.telling import Table

_SHORTEST = 20  # characters of an address
_FEWEST = 4  # characters of the longest bar; where there is no room for so many, there are none


def report(
    context: typer.Context,
    issue: Annotated[
        str | None, typer.Argument(metavar="ISSUE", help="Name or file of the issue; by default the last one sent.")
    ] = None,
    html: Annotated[
        bool, typer.Option("--html", help="Write build/ISSUE/report.html, a page with charts, and print where it is.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print what a sponsor may know, as Markdown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how an issue did: its account, what came back, opens and clicks if tracked, its links, the list's growth.

    Shares stand beside those of the mailings before, and beside the limits of SES and Gmail. No address is in it. What
    waits in the queue is not in it yet: run newsletter feedback first.
    """
    from newsletter import wiring
    from newsletter.core.report.sponsor import for_sponsors
    from newsletter.errors import BadInput
    from newsletter.flows import report as flow

    if html + markdown + as_json > 1:
        raise BadInput("--html, --markdown and --json are three answers", hint="ask for one of them")
    here = wiring.here(context.obj)
    with wiring.reporting(here, here.publication()) as desk:
        found = flow.report(desk, Path(issue).stem if issue and issue.endswith((".yaml", ".yml")) else issue)
    if as_json:
        talk.document({"mailings": [_as_json(each) for each in found]})
    elif not found:
        talk.say("nothing was sent yet; see: newsletter send --help")
    elif markdown:
        talk.data(for_sponsors(found).rstrip())
    elif html:
        talk.data(str(flow.write_page(here.project, found, desk.publication)))
    else:
        columns = shutil.get_terminal_size((80, 24)).columns
        for line in lines(found, columns, bar=mark()):
            talk.data(line)


def lines(reports: Sequence[Report], columns: int, *, bar: str) -> Iterator[str]:
    """Yield reports line by line; bars are as long as there is room, notes are folded, addresses are not."""
    from newsletter.core.report.telling import chapters, heading

    for number, (each, tables) in enumerate(chapters(reports)):
        yield from ("", "") if number else ()
        yield from _folded(heading(each), columns, "", "  ")
        for table in tables:
            yield ""
            yield table.title
            yield from _table(table, columns, bar)
            yield from _notes(table, columns)


def _notes(table: Table, columns: int) -> Iterator[str]:
    for note in table.notes:
        yield from _folded(note, columns, "  ", "  ")


def _folded(text: str, columns: int, first: str, others: str) -> list[str]:
    """Return lines of words, each behind what its kind begins with; addresses stay whole, to be copied."""
    from textwrap import TextWrapper

    wrapper = TextWrapper(max(40, columns), initial_indent=first, subsequent_indent=others)
    wrapper.break_long_words = wrapper.break_on_hyphens = False
    return wrapper.wrap(text)


def _table(table: Table, columns: int, bar: str) -> Iterator[str]:
    if not table.rows:
        return
    every = _fitted([table.heads, *table.rows], columns - 3)
    widths = _widths(every)
    if sum(widths) + 2 * len(widths) > columns:
        yield from _told(table, columns)
        return
    left = min(WIDEST, columns - sum(widths) - 2 * (len(widths) + 1))
    room = left if left >= _FEWEST else 0
    for number, row in enumerate(every):
        cells = [
            cell.ljust(width) if place < table.words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        length = -(-round(table.bars[number - 1] * room * 1000) // 1000) if number and table.bars else 0
        yield f"  {'  '.join(cells)}  {bar * length}".rstrip()


def _told(table: Table, columns: int) -> Iterator[str]:
    """Yield rows one below the other, each cell behind its head, where they are too wide to stand in columns."""
    for first, *others in table.rows:
        cells = [f"{head} {cell}".strip() for head, cell in zip(table.heads[1:], others, strict=True) if cell]
        yield from _folded(f"{first.strip()}: {', '.join(cells)}", columns, "  ", "    ")


def _fitted(rows: Sequence[Sequence[str]], columns: int) -> Sequence[Sequence[str]]:
    """Return rows whose addresses are cut in the middle where lines would be longer than a terminal is wide."""
    widths = _widths(rows)
    room = max(_SHORTEST, columns - sum(widths) - 2 * len(widths) - NARROWEST + max(widths))
    return [[_cut(cell, room) if "://" in cell else cell for cell in row] for row in rows]


def _cut(address: str, room: int) -> str:
    shown = address.partition("://")[2]
    if len(address) <= room:
        return address
    before, after = (room - 1) * 2 // 3, room - 1 - (room - 1) * 2 // 3
    return shown if len(shown) <= room else f"{shown[:before]}…{shown[-after:]}"


def _widths(rows: Sequence[Sequence[str]]) -> Sequence[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _as_json(each: Report) -> dict[str, Any]:
    from newsletter.core.report.rates import rates, share

    mailing, heard = each.mailing, each.heard
    return {
        "issue": mailing.issue,
        "mailing": mailing.uid,
        "subject": mailing.subject,
        "transport": mailing.transport,
        "created_at": mailing.created_at,
        "finished_at": mailing.finished_at,
        "feedback": str(each.hearing),
        "account": {
            "intended": each.account.intended,
            **{str(state): count for state, count in each.account.counts.items()},
        },
        "outcome": _outcome(each.outcome) if heard else None,
        "bounces": [{**asdict(one), "hard": one.hard} for one in each.bounces],
        "providers": [asdict(one) for one in each.providers],
        "rates": [
            {
                "name": one.name,
                "count": one.count,
                "share": share(one.count, one.of),
                "warns_at": one.warns_at,
                "fails_at": one.fails_at,
                "level": str(one.level),
            }
            for one in (rates(each) if heard else ())
        ],
        "opens": asdict(each.opens) if each.opens else None,
        "clicks": asdict(each.clicks) if each.clicks else None,
        "links": [asdict(one) for one in each.links],
        "source_changed": each.source_changed,
        "earlier": [_outcome(one) for one in each.earlier],
        "growth": [asdict(one) for one in each.months],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "issue": outcome.mailing.issue,
        "mailing": outcome.mailing.uid,
        "created_at": outcome.mailing.created_at,
        "accepted": outcome.accepted,
        "delivered": outcome.delivered,
        "bounced": outcome.bounced,
        "complained": outcome.complained,
        "nothing_heard": outcome.silent,
        "unsubscribed": outcome.left,
        "opened": outcome.opened,
        "clicked": outcome.clicked,
    }

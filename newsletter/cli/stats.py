"""`newsletter subscribers stats`: how the list stands, and how it has grown, drawn with characters."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from newsletter.cli import talk
from newsletter.cli.opened import opened
from newsletter.cli.words import AsJson

if TYPE_CHECKING:
    from newsletter.core.growth import Figures, Month

MONTHS = 24  # as many as fit on a screen; all of them are in the JSON
NARROWEST = 10  # columns for the longest bar
WIDEST = 60


def stats(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how the list stands, its most common tags, and how it has grown month by month."""
    from newsletter import wiring
    from newsletter.core.growth import growth

    with opened(context) as store:
        figures = store.statistics.figures(wiring.clock().now())
    months = growth(figures.courses)
    if as_json:
        talk.document(
            {
                "standings": {str(standing): count for standing, count in figures.standings.items()},
                "paused": figures.paused,
                "erased": figures.erased,
                "tags": dict(figures.tags),
                "months": [
                    {"month": each.month, "joined": each.joined, "left": each.left, "total": each.total}
                    for each in months
                ],
            }
        )
        return
    _show(figures)
    for line in chart(months[-MONTHS:], shutil.get_terminal_size((80, 24)).columns, mark=mark()):
        talk.data(line)
    if len(months) > MONTHS:
        talk.say(f"{len(months) - MONTHS:,} months before; all of them: newsletter subscribers stats --json")


def chart(months: Sequence[Month], columns: int, *, mark: str) -> Iterator[str]:
    """Yield the chart of growth, line by line, at most so many columns wide: a bar is who was on the list."""
    if not months:
        return
    rows = [(each.month, f"+{each.joined:,}", f"-{each.left:,}", f"{each.total:,}") for each in months]
    heads = ("month", "joined", "left", "active")
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    yield from ("", "  ".join(head.rjust(width) for head, width in zip(heads, widths, strict=True)))
    room = min(WIDEST, max(NARROWEST, columns - sum(widths) - 2 * len(widths)))
    most = max(each.total for each in months) or 1
    for each, row in zip(months, rows, strict=True):
        bar = mark * (-(-each.total * room // most))  # rounded up: nobody and somebody look different
        cells = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        yield f"{cells}  {bar}".rstrip()


def _show(figures: Figures) -> None:
    standings = [(str(standing), count) for standing, count in figures.standings.items() if count]
    if not standings:
        talk.say("nobody yet; see: newsletter subscribers import --help")
        return
    paused = f", {figures.paused:,} of them paused" if figures.paused else ""
    if figures.erased:
        standings.append(("erased", figures.erased))
    width = max(len(f"{count:,}") for _, count in standings)
    talk.table((name, f"{count:>{width},}{paused if name == 'active' else ''}") for name, count in standings)
    if figures.tags:
        talk.data("")
        talk.data(f"tags of those who are active: {', '.join(f'{tag} {count:,}' for tag, count in figures.tags)}")


def mark() -> str:
    """Return what bars are made of: blocks on a terminal that has them, else a plain character."""
    blocks = "utf" in (sys.stdout.encoding or "").lower()
    return "█" if sys.stdout.isatty() and blocks else "#"

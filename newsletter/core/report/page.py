"""A report as one HTML page: tables and charts, by day, by night and on paper; it asks nobody for anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final, Literal

from newsletter.core.chart import Chart, Series
from newsletter.core.merge import gapped
from newsletter.core.render.charts import Colours, in_svg
from newsletter.core.report import Report
from newsletter.core.report.rates import share
from newsletter.core.report.telling import MONTHS, Table, chapters, heading

WIDTH: Final = 480  # CSS pixels of a chart, and what a table has at least; a phone shows it at some two thirds
_LINKS: Final = 10  # in the chart; the table has all
_COLOURS: Final = Colours(*(f"var(--{each})" for each in ("accent", "ink", "muted", "rule", "paper")))
_THROUGH: Final = {"ses": "Through Amazon SES", "outbox": "To the outbox"}
_STYLE: Final = """
:root {
  color-scheme: light dark;
  --accent: #0A624A; --ink: #1E1D1B; --muted: #5E5A54; --rule: #D8D4CC; --paper: #FFFFFF;
}
@media screen and (prefers-color-scheme: dark) {
  :root { --accent: #6CCFAB; --ink: #EAE7E2; --muted: #B5AFA6; --rule: #4A463F; --paper: #1D1C1A; }
}
@media (forced-colors: active) {
  :root { --accent: CanvasText; --ink: CanvasText; --muted: CanvasText; --rule: GrayText; --paper: Canvas; }
}
@media print { :root { color-scheme: light; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 'Segoe UI', Roboto, Arial, sans-serif; }
main { max-width: 960px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 20px; line-height: 1.3; margin: 40px 0 4px; overflow-wrap: anywhere; }
h3 { font-size: 17px; margin: 32px 0 8px; }
p { margin: 4px 0; color: var(--muted); }
section { break-inside: avoid; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: min(100%, 480px); font-variant-numeric: tabular-nums; }
th, td { padding: 6px 12px 6px 0; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; }
th { font-weight: 600; }
thead th { color: var(--muted); font-weight: 400; font-size: 14px; }
th:last-child, td:last-child { padding-right: 0; }
th[scope=row] { white-space: nowrap; }
.word { text-align: left; }
.long { overflow-wrap: anywhere; min-width: 11em; }
tr.alarm { font-weight: 700; }
svg { display: block; max-width: 100%; height: auto; margin: 8px 0; overflow: visible; }
figure { margin: 8px 0 20px; }
figcaption { color: var(--muted); font-size: 14px; }
@media screen and (max-width: 600px) {
  table { font-size: 14px; }
  th, td { padding-right: 8px; }
  .long { min-width: 7em; }
}
@media print { main { max-width: none; padding: 0; } .wide { overflow: visible; } body { font-size: 11pt; } }
"""


def page(reports: Sequence[Report], publication: str) -> str:
    """Return the page of all mailings of an issue."""
    subject = gapped(reports[0].mailing.subject)
    body = "".join(
        _mailing(each, tables, f"chart-{number}") for number, (each, tables) in enumerate(chapters(reports), 1)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex">\n<link rel="icon" href="data:,">\n'
        f"<title>Report: {escape(subject)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(subject)}</h1>\n<p>{escape(publication)}</p>\n{body}</main>\n</body>\n</html>\n"
    )


def _mailing(report: Report, tables: Sequence[Table], name: str) -> str:
    charts = dict(_charts(report, tables))
    parts = [_section(table, charts.get(table.title), f"{name}-{number}") for number, table in enumerate(tables, 1)]
    through = _THROUGH.get(report.mailing.transport, report.mailing.transport)
    return f"<h2>{escape(heading(report))}</h2>\n<p>{escape(through)}</p>\n{''.join(parts)}"


def _section(table: Table, chart: Chart | None, name: str) -> str:
    notes = "".join(f"<p>{escape(note)}</p>\n" for note in table.notes)
    picture = _picture(chart, name) if chart else ""
    return f"<section>\n<h3>{escape(table.title)}</h3>\n{picture}{_table(table)}{notes}</section>\n"


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    heads = "".join(
        _cell("th" if head else "td", head, place, table, 'scope="col"') for place, head in enumerate(table.heads)
    )
    rows = "".join(_row(row, table) for row in table.rows)
    # What can be scrolled must be reached with the keyboard too.
    label = escape(table.title)
    return (
        f'<div class="wide" tabindex="0" role="group" aria-label="{label}">'
        f"<table><thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table></div>\n"
    )


def _row(row: Sequence[str], table: Table) -> str:
    cells = "".join(
        _cell("td" if place else "th", cell, place, table, "" if place else 'scope="row"')
        for place, cell in enumerate(row)
    )
    alarm = ' class="alarm"' if {"WARNING", "ERROR"} & set(row) else ""
    return f"<tr{alarm}>{cells}</tr>\n"


def _cell(tag: Literal["td", "th"], text: str, place: int, table: Table, scope: str) -> str:
    classes = " ".join((["word"] if place < table.words else []) + (["long"] if "://" in text else []))
    attributes = (f' class="{classes}"' if classes else "") + (f" {scope}" if scope and tag == "th" else "")
    return f"<{tag}{attributes}>{escape(text.strip())}</{tag}>"


def _picture(chart: Chart, name: str) -> str:
    svg = in_svg(chart, WIDTH, _COLOURS, name)
    return f"<figure><figcaption>{escape(chart.title)}</figcaption>\n{svg}</figure>\n"


def _charts(report: Report, tables: Sequence[Table]) -> Iterator[tuple[str, Chart]]:
    """Yield charts by the title of the table that says the same in figures."""
    for table in tables:
        if table.title.startswith("What came back of"):
            yield from _chart(table.title, "Of those accepted, without those delivered", _spoilt(report), "readers")
        elif table.title == "Links":
            links = [
                (f"block {each.place.block}, link {each.place.position}", each.clicks)
                for each in report.links
                if each.place and each.clicks > 0
            ]
            best = sorted(links, key=lambda each: -each[1])[:_LINKS]
            yield from _chart(table.title, "The links with the most clicks", best, "clicks")
    months = report.months[-MONTHS:]
    yield from _chart(
        "Growth of the list", "Active readers", [(each.month, each.total) for each in months], "readers", "columns"
    )
    yield from _beside(report)


def _spoilt(report: Report) -> Sequence[tuple[str, int]]:
    outcome = report.outcome
    hard = sum(each.people for each in report.bounces if each.hard)
    return (
        ("complained", outcome.complained),
        ("bounced hard", hard),
        ("bounced soft", outcome.bounced - hard),
        ("nothing heard yet", outcome.silent),
        ("unsubscribed", outcome.left),
    )


def _chart(
    title: str, shown: str, figures: Sequence[tuple[str, int]], unit: str, style: Literal["bars", "columns"] = "bars"
) -> Iterator[tuple[str, Chart]]:
    """Yield one chart, if there is anything to see in it."""
    if any(count > 0 for _, count in figures):
        labels, values = zip(*((label, str(max(0, count))) for label, count in figures), strict=True)
        alt = f"Chart: {shown.lower()}. The table below has the figures."
        yield title, Chart(kind="chart", title=shown, style=style, labels=labels, values=values, unit=unit, alt=alt)


def _beside(report: Report) -> Iterator[tuple[str, Chart]]:
    """Yield the chart of shares over the last mailings: who opened and clicked, or where that is off who was lost."""
    outcomes = [report.outcome, *report.earlier][::-1]
    if not report.heard or len(outcomes) < 2:
        return
    tracked = [("opened", [each.opened for each in outcomes]), ("clicked", [each.clicked for each in outcomes])]
    lost = [("bounced", [each.bounced for each in outcomes]), ("unsubscribed", [each.left for each in outcomes])]
    seen = [(name, counts) for name, counts in tracked if None not in counts and any(counts)]
    of = [each.delivered if seen else each.accepted for each in outcomes]
    series = tuple(
        Series(name=name, values=tuple(_percent(count or 0, whole) for count, whole in zip(counts, of, strict=True)))
        for name, counts in seen or lost
    )
    labels = tuple(each.mailing.issue for each in outcomes)
    shown = "Percent of those delivered" if seen else "Percent of those accepted"
    alt = f"Chart: {shown.lower()}, over the last {len(outcomes)} mailings. The table below has the figures."
    yield (
        "Beside the mailings before",
        Chart(kind="chart", title=shown, style="bars", labels=labels, series=series, unit="%", alt=alt),
    )


def _percent(count: int, of: int) -> str:
    return f"{100 * (share(count, of) or 0.0):.1f}"

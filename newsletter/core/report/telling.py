"""A report as tables with notes: what the terminal, the page and a sponsor's text all show, each in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.core.delivery import State
from newsletter.core.report import (
    FEWEST_OF_A_DOMAIN,
    LEFT_WITHIN,
    Hearing,
    LinkFigures,
    Outcome,
    Report,
    Watched,
)
from newsletter.core.report.rates import Level, rates, share

MONTHS = 12
_UNHEARD = {
    Hearing.OUTBOX: "These messages went to the outbox: nobody got them, and nothing comes back of them.",
    Hearing.NO_QUEUE: "What came back is not known: ses.feedback_queue is not set in publication.yaml.",
}
_PARTS = (State.ACCEPTED, State.REFUSED, State.SUPPRESSED, State.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; `bars` gives each row a length from 0 to 1. The first `words` columns are no numbers."""

    title: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    bars: Sequence[float] = ()
    notes: Sequence[str] = ()
    words: int = 1


def chapters(reports: Sequence[Report]) -> Iterator[tuple[Report, Sequence[Table]]]:
    """Yield the mailings of an issue with their tables, in the order in which they are read.

    The growth of the list is no mailing's own: it comes once, last of all.
    """
    for each in reports:
        yield each, [*_tables(each), *([_growth(each)] if each is reports[-1] else [])]


def _tables(report: Report) -> Iterator[Table]:
    yield _account(report)
    if not report.heard:
        yield Table("What came back", notes=[_UNHEARD[report.hearing]])
    else:
        yield _returns(report)
        yield _bounces(report)
        yield _providers(report)
        yield _limits(report)
        yield _attention(report)
        if report.clicks:
            yield links_table(report.links, changed=report.source_changed)
        yield _compared(report)


def heading(report: Report) -> str:
    """Return which mailing it is, in a line."""
    mailing = report.mailing
    state = f"finished {mailing.finished_at:%Y-%m-%d %H:%M} UTC" if mailing.finished_at else "still under way"
    return f"{mailing.issue}, begun {mailing.created_at:%Y-%m-%d %H:%M} UTC, {state}"


def percent(count: int, of: int) -> str:
    """Return a share for reading: one decimal, two below one percent; of nobody there is none."""
    part = share(count, of)
    if part is None:
        return "–"
    return f"{part:.1%}" if part >= 0.01 or not part else f"{part:.2%}"


def links_table(links: Sequence[LinkFigures], *, changed: bool) -> Table:
    """Return the clicks by block and position; last those on links that no block has, by host."""
    most = max((each.clicks for each in links), default=0) or 1
    rows, notes = [], list[str]()
    for each in links:
        where = f"{each.place.block} {each.place.kind}".rstrip() if each.place else "other"
        number = f"{each.place.position}" if each.place else ""
        also = f" (also in block {', '.join(map(str, each.place.also))})" if each.place and each.place.also else ""
        shown = each.place.url + also if each.place else each.host or "unknown"
        rows.append((where, number, shown, f"{each.people:,}", f"{each.clicks:,}"))
    if changed:
        notes.append("The issue's file is not what was sent; links may have stood elsewhere, or count as other.")
    if not rows:
        notes.append("No clicks yet.")
    bars = [max(0, each.clicks) / most for each in links]
    return Table("Links", ("block", "link", "address", "readers", "clicks"), rows, bars, notes, words=3)


def _account(report: Report) -> Table:
    account = report.account
    rows = [(str(state), f"{account[state]:,}", percent(account[state], account.intended)) for state in _PARTS]
    bars = [share(account[state], account.intended) or 0.0 for state in _PARTS]
    notes = []
    if account.open:
        rows.append(("still to be sent", f"{account.open:,}", percent(account.open, account.intended)))
        bars.append(account.open / account.intended)
        notes.append("The mailing is still under way: these figures go on changing.")
    return Table(f"{account.intended:,} intended", ("", "readers", "share"), rows, bars, notes)


def _returns(report: Report) -> Table:
    outcome = report.outcome
    hard = sum(each.people for each in report.bounces if each.hard)
    counts = (
        ("delivered", outcome.delivered),
        ("  of these complained", outcome.complained),
        ("bounced hard", hard),
        ("bounced soft", outcome.bounced - hard),
        ("nothing heard yet", outcome.silent),
        ("unsubscribed", outcome.left),
    )
    rows = [(name, f"{count:,}", percent(count, outcome.accepted)) for name, count in counts]
    bars = [share(count, outcome.accepted) or 0.0 for _, count in counts]
    notes = [
        f"Unsubscribed: by a link of this mailing, or within {LEFT_WITHIN.days} days of it and before the next issue."
    ]
    if outcome.unanswered:
        notes.append(
            "Nothing has come back yet. newsletter feedback takes in what waits in the queue; if there is nothing, "
            "newsletter doctor --roundtrip finds out why."
        )
    return Table(f"What came back of {outcome.accepted:,} accepted", ("", "readers", "share"), rows, bars, notes)


def _bounces(report: Report) -> Table:
    rows = [
        ("hard" if each.hard else "soft", each.subtype or each.type or "unknown", f"{each.people:,}")
        for each in sorted(report.bounces, key=lambda each: (not each.hard, -each.people))
    ]
    notes = () if rows else ("None.",)
    return Table("Bounces", ("kind", "in the words of SES", "readers"), rows, notes=notes, words=2)


def _providers(report: Report) -> Table:
    named = [(each.domain, each.accepted, each.bounced, each.complained) for each in report.providers]
    sums = [sum(counts) for counts in zip(*(each[1:] for each in named), strict=True)] or [0, 0, 0]
    outcome = report.outcome
    bounced = sum(each.people for each in report.bounces)
    rest = outcome.accepted - sums[0], max(0, bounced - sums[1]), max(0, outcome.complained - sums[2])
    if rest[0] > 0:
        named.append(("all others" if named else "all", *rest))
    rows = [
        (domain, f"{accepted:,}", f"{bounced:,}", percent(bounced, accepted), f"{complained:,}")
        for domain, accepted, bounced, complained in named
    ]
    notes = [f"A domain with fewer than {FEWEST_OF_A_DOMAIN} readers is not named."] if rest[0] > 0 else ()
    return Table("Providers", ("domain", "accepted", "bounced", "share", "complained"), rows, notes=notes)


def _limits(report: Report) -> Table:
    marks = {Level.OK: "ok", Level.WARNING: "WARNING", Level.ERROR: "ERROR", Level.FEW: "too few"}
    rows = [(each.name, percent(each.count, each.of), marks[each.level], each.rule) for each in rates(report)]
    notes = (
        "SES and Gmail judge by all that is sent over some time; these are the rates of this mailing.",
        "Gmail tells SES of no complaint: its own rate is in Google Postmaster Tools.",
    )
    return Table("Limits", ("rate", "here", "", "rule"), rows, notes=notes, words=4)


def _attention(report: Report) -> Table:
    rows, notes = list[Sequence[str]](), list[str]()
    delivered = report.outcome.delivered
    for name, watched, key in (("opened", report.opens, "opens"), ("clicked", report.clicks, "clicks")):
        if watched is None:
            rows.append((name, "off", "", "", "", ""))
            notes.append(f"{key.capitalize()} are not tracked (track.{key} in publication.yaml).")
            continue
        rows.append((name, *_seen(watched, delivered)))
    if report.opens or report.clicks:
        notes.append("Programs: scanners and privacy proxies, by stated rules; some pass for readers all the same.")
    heads = ("", "readers", "of delivered", "times", "by programs alone", "times by programs")
    return Table("Opens and clicks", heads, rows, notes=notes)


def _seen(watched: Watched, delivered: int) -> Sequence[str]:
    totals = watched.totals
    alone, by_machines = f"{watched.only_machines:,}", f"{totals.by_machines:,}"
    return f"{watched.people:,}", percent(watched.people, delivered), f"{totals.by_people:,}", alone, by_machines


def _compared(report: Report) -> Table:
    heads = ("mailing", "accepted", "delivered", "bounced", "complained", "left", "opened", "clicked")
    rows = [_beside(each) for each in (report.outcome, *report.earlier)]
    notes = () if report.earlier else ("The first: there are no earlier ones to compare it with.",)
    return Table("Beside the mailings before", heads, rows, notes=notes)


def _beside(outcome: Outcome) -> Sequence[str]:
    """Return a row of shares: opens and clicks of those delivered, everything else of those accepted."""
    of_accepted = (outcome.delivered, outcome.bounced, outcome.complained, outcome.left)
    seen = (
        "off" if count is None else percent(count, outcome.delivered) for count in (outcome.opened, outcome.clicked)
    )
    shares = (percent(count, outcome.accepted) for count in of_accepted)
    return (outcome.mailing.issue, f"{outcome.accepted:,}", *shares, *seen)


def _growth(report: Report) -> Table:
    months = report.months[-MONTHS:]
    most = max((each.total for each in months), default=0) or 1
    rows = [(each.month, f"+{each.joined:,}", f"−{each.left:,}", f"{each.total:,}") for each in months]
    bars = [each.total / most for each in months]
    return Table("Growth of the list", ("month", "joined", "left", "active"), rows, bars)

"""A report for a sponsor, in Markdown: how many got the issue, and who clicked on the sponsor's links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from newsletter.core.merge import gapped
from newsletter.core.report import LinkFigures, Report
from newsletter.core.report.telling import percent


def for_sponsors(reports: Sequence[Report]) -> str:
    """Return what sponsors may know of the mailings of an issue; no bounces, no domains, and nobody by name.

    A mailing that reached nobody, because it was cancelled for instance, is left out beside others.
    """
    reached = [report for report in reports if report.outcome.accepted] or reports[:1]
    return "\n\n".join("\n".join(_lines(report)) for report in reached) + "\n"


def _lines(report: Report) -> Iterator[str]:
    mailing, outcome = report.mailing, report.outcome
    yield f"# {escaped(gapped(mailing.subject))}"
    yield ""
    yield f"{mailing.issue}, sent {mailing.goes_out_at:%Y-%m-%d}" + ("" if mailing.finished_at else ", still under way")
    yield ""
    yield "| | readers | share |"
    yield "| --- | ---: | ---: |"
    yield f"| recipients | {outcome.accepted:,} | |"
    if not report.heard or outcome.unanswered:
        yield "| delivered | not known yet | |" if report.heard else "| delivered | not known | |"
        return
    yield f"| delivered | {outcome.delivered:,} | {percent(outcome.delivered, outcome.accepted)} of recipients |"
    for name, watched in (("opened", report.opens), ("clicked", report.clicks)):
        if watched is None:
            yield f"| {name} | not tracked | |"
        else:
            yield f"| {name} | {watched.people:,} | {percent(watched.people, outcome.delivered)} of delivered |"
    if report.clicks:
        yield ""
        yield from _links([each for each in report.links if each.place and each.place.kind == "sponsor"])
    if report.opens or report.clicks:
        yield ""
        yield "Scanners and privacy proxies are left out as far as they can be told."


def _links(links: Sequence[LinkFigures]) -> Iterator[str]:
    if not links:
        yield "No block of a sponsor is known in this issue."
        return
    yield "| sponsor | link | readers | clicks |"
    yield "| --- | --- | ---: | ---: |"
    for each in links:
        if each.place:
            yield f"| {escaped(each.place.title)} | {escaped(each.place.url)} | {each.people:,} | {each.clicks:,} |"


def escaped(text: str) -> str:
    """Return words in which Markdown sees neither emphasis nor the end of a cell."""
    for mark in "\\|*_`[]<":
        text = text.replace(mark, "\\" + mark)
    return text

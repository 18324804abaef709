"""Report on the mailings of an issue: gather their figures, and those of the mailings before them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from newsletter.core.account import Account
from newsletter.core.blocks import Block
from newsletter.core.build import Build
from newsletter.core.delivery import Mailing, Return, State
from newsletter.core.feedback import Kind
from newsletter.core.growth import Month, growth
from newsletter.core.library import Receipts
from newsletter.core.machines import Attention
from newsletter.core.ports.feedback import Events, Reports
from newsletter.core.ports.readers import Statistics
from newsletter.core.ports.sending import Clock, Ledger, Mailings
from newsletter.core.publication import Publication, TransportName
from newsletter.core.report import (
    COMPARED,
    FEWEST_OF_A_DOMAIN,
    LEFT_WITHIN,
    MOST_DOMAINS,
    Clicked,
    Hearing,
    Outcome,
    Place,
    Report,
    Totals,
    Watched,
)
from newsletter.core.report.links import figures, places, places_built
from newsletter.core.report.page import page
from newsletter.errors import NotFound


@dataclass(frozen=True, slots=True)
class Source:
    """The issue as it is written now: its blocks, and what they become."""

    blocks: Sequence[Block]
    build: Build

    @property
    def places(self) -> Sequence[Place]:
        """Return its links, as far as can be as clicks name them."""
        return places_built(self.blocks, self.build) or places(self.blocks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a report is made from. `source` returns an issue by its name, or None: it cannot be built any more."""

    mailings: Mailings
    ledger: Ledger
    events: Events
    reports: Reports
    statistics: Statistics
    clock: Clock
    publication: Publication
    source: Callable[[str], Source | None]

    @property
    def track(self) -> frozenset[Kind]:
        """Return which of the readers' doings are kept."""
        wanted = ((Kind.OPEN, self.publication.track.opens), (Kind.CLICK, self.publication.track.clicks))
        return frozenset(kind for kind, wish in wanted if wish)


def report(desk: Desk, issue: str | None) -> Sequence[Report]:
    """Return the report of each mailing of an issue, oldest first; by default of the one that went out last.

    The mailings are those through the transport of the publication, and of a named issue that has none of these, the
    others. Nothing was sent yet: nothing.

    Raises:
        NotFound: the named issue was never sent.
    """
    every = desk.mailings.of()
    way = [each for each in every if each.transport == desk.publication.transport.value]
    if issue is None:
        last = max(way, key=lambda each: (each.finished_at is not None, _place(each)), default=None)
        chosen = [each for each in way if last and each.issue == last.issue]
    else:
        chosen = [each for each in way if each.issue == issue] or [each for each in every if each.issue == issue]
        if not chosen:
            raise NotFound(f"{issue} was never sent", hint="see: newsletter status")
    months = growth(desk.statistics.figures(desk.clock.now()).courses)
    return [_report(desk, mailing, every, months) for mailing in chosen]


def write_page(shelf: Receipts, reports: Sequence[Report], publication: Publication) -> Path:
    """Write the reports of an issue as one page beside its build; return where it is."""
    issue = reports[0].mailing.issue
    made = page(reports, publication.name).encode()
    return shelf.write_beside_build(issue, {"report.html": made}) / "report.html"


def _report(desk: Desk, mailing: Mailing, every: Sequence[Mailing], months: Sequence[Month]) -> Report:
    account = desk.ledger.account(mailing)
    alike = [each for each in every if each.transport == mailing.transport]
    outcome, opens, clicks = _outcome(desk, mailing, account, alike)
    before = sorted((each for each in alike if _place(each) < _place(mailing) and each.finished_at), key=_place)
    made = Report(
        outcome=outcome,
        account=account,
        hearing=_hearing(desk, outcome),
        tally=desk.events.tally(mailing),
        opens=replace(opens, totals=desk.reports.opens(mailing)) if opens else None,
        clicks=clicks,
        months=months,
    )
    if not made.heard:
        return made
    made = replace(
        made,
        bounces=desk.reports.bounces(mailing),
        providers=desk.reports.providers(mailing, fewest=FEWEST_OF_A_DOMAIN, limit=MOST_DOMAINS),
        earlier=[
            _outcome(desk, each, desk.ledger.account(each), alike, past=True)[0]
            for each in reversed(before[1 - COMPARED :])
        ],
    )
    return _with_links(desk, made) if clicks else made


def _outcome(
    desk: Desk, mailing: Mailing, account: Account, alike: Sequence[Mailing], *, past: bool = False
) -> tuple[Outcome, Watched | None, Watched | None]:
    """Return what came of a mailing, and who opened and clicked; how often is counted for the mailing in hand alone.

    A `past` one of which neither was ever seen went out before there was any tracking: nought would be wrong.
    """
    seen = desk.events.attention(mailing)
    track = desk.track if seen != Attention() or not past else frozenset[Kind]()
    opens = clicks = None
    if Kind.OPEN in track or seen.opened or seen.opened_by_machines:
        opens = Watched(seen.opened, seen.opened_by_machines, Totals(0, 0))
    if Kind.CLICK in track or seen.clicked or seen.clicked_by_machines:
        clicks = Watched(seen.clicked, seen.clicked_by_machines, Totals(0, 0))
    outcome = Outcome(
        mailing=mailing,
        accepted=account[State.ACCEPTED],
        returns=desk.events.returns(mailing),
        left=_left(desk, mailing, alike),
        opened=opens.people if opens else None,
        clicked=clicks.people if clicks else None,
    )
    return outcome, opens, clicks


def _left(desk: Desk, mailing: Mailing, alike: Sequence[Mailing]) -> int:
    until = (mailing.finished_at or desk.clock.now()) + LEFT_WITHIN
    later = [each.goes_out_at for each in alike if _place(each) > _place(mailing) and each.issue != mailing.issue]
    return desk.reports.left(mailing, min([until, *later]))


def _place(mailing: Mailing) -> tuple[datetime, int]:
    """Return what puts mailings in the order in which they go out: one that is scheduled is frozen long before."""
    return mailing.goes_out_at, mailing.id


def _hearing(desk: Desk, outcome: Outcome) -> Hearing:
    """Tell whether what came back is known: events that were taken in from a file are, without a queue too."""
    if any(outcome.returns.get(kind) for kind in Return):
        return Hearing.LISTENED
    if outcome.mailing.transport == TransportName.OUTBOX.value:
        return Hearing.OUTBOX
    return Hearing.LISTENED if desk.publication.ses.feedback_queue else Hearing.NO_QUEUE


def _with_links(desk: Desk, made: Report) -> Report:
    """Add the clicks by link, and their totals, in one reading."""
    source = desk.source(made.mailing.issue)
    counted = _Counted()
    links = figures(map(counted.see, desk.reports.clicked(made.mailing)), source.places if source else ())
    changed = source is None or source.build.digest != made.mailing.digest
    clicks = replace(made.clicks, totals=counted.totals) if made.clicks else None
    return replace(made, clicks=clicks, links=links, source_changed=changed)


class _Counted:
    """Counts clicks while they pass by."""

    def __init__(self) -> None:
        self.totals = Totals(0, 0)

    def see(self, clicked: Clicked) -> Clicked:
        self.totals = Totals(self.totals.by_people + clicked.clicks, self.totals.by_machines + clicked.by_machines)
        return clicked

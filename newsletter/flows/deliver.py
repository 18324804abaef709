"""Deliver a frozen mailing: claim -> pace -> compose -> transport -> settle, until nothing is pending.

A claim is committed before its message is handed over, and an outcome is written once it is known. Whatever dies in
between leaves a delivery claimed, and the next run puts it in doubt instead of sending it again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from newsletter.core.delivery import Accepted, Claim, Deferred, InDoubt, Mailing, Outcome, Refused, Settlement
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.message import Composer, Recipient, UnmailableAddress
from newsletter.core.pace import Pace
from newsletter.core.ports import Clock, Ledger, Mailings, Parcel, TestSends, Transport
from newsletter.flows.build import Edition

# So many in a row of the same bad answer mean that something is wrong for all, not for one recipient.
DOUBTS_IN_A_ROW = 5
REFUSALS_IN_A_ROW = 10
UNREACHED_IN_A_ROW = 10
SECONDS_PER_CLAIM = 0.25  # what is claimed and not yet handed over when a process dies is in doubt: keep it little

Landing = Settlement | BaseException  # what a lane puts down: an outcome, or the defect that it met


@dataclass(frozen=True, slots=True)
class Office:
    """The ports that sending needs."""

    mailings: Mailings
    ledger: Ledger
    tests: TestSends
    transport: Transport
    clock: Clock
    links: LinkMaker


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a mailing is."""

    done: int
    intended: int
    per_second: float | None


@dataclass(slots=True)
class Run:
    """What one run knows as it goes; used by its coordinating thread alone.

    `pace` is None without a limit; `left_today` is what the account's quota of 24 hours still allows.
    """

    pace: Pace | None
    left_today: int | None
    in_a_row: dict[str, int] = field(default_factory=dict)
    stopped: str = ""
    hint: str = ""
    doubts: int = 0


def deliver(
    mailing: Mailing,
    made: Edition,
    office: Office,
    run: Run,
    *,
    tell: Callable[[Progress], None],
    stop_asked: Callable[[], bool],
) -> None:
    """Keep every lane busy until nothing is pending, something stops the mailing, or the editor asks to stop.

    One thread claims, paces and settles; the lanes compose and hand over. What is in flight is always settled.

    Raises:
        EdgeError: the disk failed in a lane; like after any other defect, that one delivery stays claimed and will
            be in doubt.
    """
    composer = Composer(made.build, made.publication)
    landed: SimpleQueue[Landing] = SimpleQueue()
    account = office.ledger.account(mailing)
    settled, intended, flying = account.settled, account.intended, 0
    began, before = office.clock.monotonic(), settled
    defects: list[BaseException] = []

    def carry(claim: Claim) -> None:
        try:
            landed.put(Settlement(claim.delivery_id, _hand_over(claim, mailing, composer, office)))
        except BaseException as err:  # noqa: BLE001 - handed to the coordinating thread, which raises it
            landed.put(err)

    with ThreadPoolExecutor(office.transport.lanes, thread_name_prefix="lane") as lanes:
        while True:
            stopping = bool(run.stopped or defects) or stop_asked()
            limit = 0 if stopping else _chunk(run, office, flying)
            claims = office.ledger.claim(mailing, limit, office.clock.now()) if limit else ()
            for claim in claims:
                _wait(run, office.clock)
                lanes.submit(carry, claim)
                flying += 1
            if not flying and not claims:
                break
            landings = _collect(landed, wait=flying >= office.transport.lanes or not claims)
            flying -= len(landings)
            news = [each for each in landings if isinstance(each, Settlement)]
            defects += [each for each in landings if not isinstance(each, Settlement)]
            if news:
                office.ledger.settle(news, office.clock.now())
                for settlement in news:
                    settled += _learn(run, settlement, office.clock.monotonic())
                elapsed = office.clock.monotonic() - began
                tell(Progress(settled, intended, (settled - before) / elapsed if elapsed > 0 else None))
    if defects:
        raise defects[0]


def _chunk(run: Run, office: Office, flying: int) -> int:
    """Return how many to claim now: what the free lanes can start within a moment, and the quota still allows."""
    free = office.transport.lanes - flying
    if run.pace:
        free = min(free, max(1, math.ceil(run.pace.rate * SECONDS_PER_CLAIM)))
    if run.left_today is not None:
        free = min(free, run.left_today - flying)
        if run.left_today <= 0:
            run.stopped = "the account's quota of 24 hours is spent"
            run.hint = "run the same command again when there is room; it goes on where it stopped"
    return max(0, free)


def _wait(run: Run, clock: Clock) -> None:
    if run.pace is not None:
        run.pace, seconds = run.pace.take(clock.monotonic())
        clock.sleep(seconds)


def _hand_over(claim: Claim, mailing: Mailing, composer: Composer, office: Office) -> Outcome:
    bearer = Bearer(claim.subscriber.uid, mailing.uid)
    recipient = Recipient(claim.subscriber, claim.delivery_id, lambda name: office.links.make(name, bearer))
    try:
        message = composer.compose(recipient, office.clock.now())
    except UnmailableAddress as err:
        return Refused(str(err))
    return office.transport.send(Parcel(claim.delivery_id, mailing.uid, claim.subscriber.address, message))


def _collect(landed: SimpleQueue[Landing], *, wait: bool) -> list[Landing]:
    """Return what has landed, waiting for the first if asked."""
    landings: list[Landing] = []
    while (wait and not landings) or not landed.empty():
        landings.append(landed.get())
    return landings


def _learn(run: Run, settlement: Settlement, now: float) -> int:
    """Adapt pace, quota and the stop to one outcome; return 1 if the delivery has reached an end."""
    outcome = settlement.outcome
    match outcome:
        case Accepted():
            run.in_a_row.clear()
            run.pace = run.pace.accepted() if run.pace else None
            run.left_today = None if run.left_today is None else run.left_today - 1
        case Refused(reason):
            _count(run, "refused", REFUSALS_IN_A_ROW, reason, "look at the reason before you go on")
        case InDoubt(reason):
            run.doubts += 1
            _count(run, "in doubt", DOUBTS_IN_A_ROW, reason, "wait until SES answers again, then run the same command")
        case Deferred(throttled=True):
            run.pace = (run.pace or Pace.of(1.0)).throttled(now)
        case Deferred(reason, stop=True, hint=hint):
            run.stopped, run.hint = reason, hint
        case Deferred(reason, hint=hint):
            run.pace = (run.pace or Pace.of(1.0)).throttled(now)
            _count(run, "not reached", UNREACHED_IN_A_ROW, reason, f"{hint}, then run the same command".lstrip(", "))
    return 0 if isinstance(outcome, Deferred) else 1


def _count(run: Run, what: str, limit: int, reason: str, hint: str) -> None:
    run.in_a_row = {what: run.in_a_row.get(what, 0) + 1}
    if run.in_a_row[what] >= limit:
        run.stopped, run.hint = f"{limit} deliveries in a row {what}: {reason}", hint

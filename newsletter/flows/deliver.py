"""Deliver a frozen mailing: pace -> claim -> compose -> transport -> settle, until nothing is pending.

A claim is committed before its message is handed over, and an outcome is written once it is known. Whatever dies in
between leaves a delivery claimed, and the next run puts it in doubt instead of sending it again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from newsletter.core.delivery import Account, Claim, Deferred, Mailing, Outcome, Refused, Settlement
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.message import Composer, Recipient, UnmailableAddress
from newsletter.core.ports import AssetPlace, Clock, Ledger, Mailings, Parcel, TestSends, Transport
from newsletter.errors import StoreError
from newsletter.flows.build import Edition
from newsletter.flows.run import Run

LOOK_UP = 0.25  # seconds; how long a wait goes on before what landed is written and a stop is noticed
SETTLE_AGAIN_AFTER = (0.5, 1.0, 2.0, 4.0)  # seconds; what is known must not be lost to a database that is busy
NOT_HANDED_OVER = Deferred("claimed, but not handed over before the run ended")

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
    pictures: AssetPlace | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a mailing is."""

    done: int
    intended: int
    per_second: float | None


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

    One thread claims, paces and settles; the lanes compose and hand over. What is in flight is always settled, and
    what was claimed but not handed over is given back, whatever ends the run.

    Raises:
        StoreError: the database failed; when outcomes could not be written, they are named in the hint.
        BaseException: a lane met a defect; that one delivery stays claimed and will be in doubt.
    """
    desk = _Desk(mailing, Composer(made.build, made.publication), office, run, tell, stop_asked)
    try:
        with ThreadPoolExecutor(office.transport.lanes, thread_name_prefix="lane") as lanes:
            desk.work(lanes)
    finally:
        desk.close()
    if desk.defects:
        raise desk.defects[0]


class _Desk:
    """The coordinating thread's side: what is held, what flies, what landed and is not yet written."""

    def __init__(
        self,
        mailing: Mailing,
        composer: Composer,
        office: Office,
        run: Run,
        tell: Callable[[Progress], None],
        stop_asked: Callable[[], bool],
    ) -> None:
        self.defects: list[BaseException] = []
        self._mailing, self._composer, self._office, self._run = mailing, composer, office, run
        self._stop_asked = stop_asked
        self._clock, self._lanes = office.clock, office.transport.lanes
        self._speedometer = _Speedometer(tell, office.ledger.account(mailing), office.clock)
        self._held: deque[Claim] = deque()
        self._flying = 0
        self._landed: SimpleQueue[Landing] = SimpleQueue()
        self._unwritten: list[Settlement] = []
        self._nothing_pending = False

    def work(self, lanes: Executor) -> None:
        """Start and settle in turns until nothing flies and nothing may or can be started."""
        while True:
            started = self._start(lanes)
            if not started and not self._flying:
                return
            self._settle(self._collect(wait=not started or self._flying >= self._lanes))

    def close(self) -> None:
        """Write what landed and give back what is held, once every lane has come to rest."""
        self._unwritten += [Settlement(claim.delivery_id, NOT_HANDED_OVER) for claim in self._held]
        self._held.clear()
        self._settle(self._collect(wait=False))

    def _start(self, lanes: Executor) -> bool:
        """Claim a few and hand them over, evenly spaced; tell whether any was."""
        room = 0 if self._stopping() or self._nothing_pending else self._run.room(self._lanes, self._flying)
        if not room or not self._wait_for_start():
            return False
        self._held.extend(self._office.ledger.claim(self._mailing, room, self._clock.now()))
        self._nothing_pending = not self._held
        first = True
        while self._held and (first or self._wait_for_start()):
            first = False
            # In this order: what is no longer held when something breaks here is in doubt, and not sent twice.
            lanes.submit(self._carry, self._held.popleft())
            self._flying += 1
        return not first

    def _stopping(self) -> bool:
        return bool(self._run.stopped or self.defects) or self._stop_asked()

    def _wait_for_start(self) -> bool:
        """Wait for the next start; tell whether it may be used."""
        start = self._run.take_start(self._clock.monotonic())
        while (left := start - self._clock.monotonic()) > LOOK_UP:
            self._clock.sleep(LOOK_UP)
            self._settle(self._collect(wait=False))
            if self._stopping():
                return False
        self._clock.sleep(max(0.0, left))
        return not self._stopping()

    def _carry(self, claim: Claim) -> None:
        """Be a lane: compose and hand over one message."""
        try:
            self._landed.put(Settlement(claim.delivery_id, self._hand_over(claim)))
        except BaseException as err:  # noqa: BLE001 - handed to the coordinating thread, which raises it
            self._landed.put(err)

    def _hand_over(self, claim: Claim) -> Outcome:
        bearer = Bearer(claim.subscriber.uid, self._mailing.uid)
        recipient = Recipient(claim.subscriber, claim.delivery_id, lambda name: self._office.links.make(name, bearer))
        try:
            message = self._composer.compose(recipient, self._clock.now())
        except UnmailableAddress as err:
            return Refused(str(err))
        parcel = Parcel(claim.delivery_id, self._mailing.uid, claim.subscriber.address, message)
        return self._office.transport.send(parcel)

    def _collect(self, *, wait: bool) -> list[Landing]:
        """Return what has landed, waiting for the first if asked."""
        landings: list[Landing] = []
        while (wait and not landings) or not self._landed.empty():
            landings.append(self._landed.get())
        return landings

    def _settle(self, landings: list[Landing]) -> None:
        """Write outcomes down, then learn from them."""
        self._flying -= len(landings)
        self.defects += [each for each in landings if not isinstance(each, Settlement)]
        news = [each for each in landings if isinstance(each, Settlement)]
        self._unwritten += news
        self._write()
        for settlement in news:
            self._run.learn(settlement.outcome, self._clock.monotonic())
            self._nothing_pending &= not isinstance(settlement.outcome, Deferred)
        if news:
            self._speedometer.show(sum(not isinstance(each.outcome, Deferred) for each in news))

    def _write(self) -> None:
        """Write what is not yet written, again and again for some seconds if the database is in trouble.

        Raises:
            StoreError: it could not be written; the hint names it, for the database will call it in doubt.
        """
        if not self._unwritten:
            return
        for pause in (*SETTLE_AGAIN_AFTER, None):
            try:
                self._office.ledger.settle(self._unwritten, self._clock.now())
            except StoreError as err:
                if pause is None:
                    raise self._forgotten(err) from err
                self._clock.sleep(pause)
            else:
                self._unwritten.clear()
                return

    def _forgotten(self, err: StoreError) -> StoreError:
        known = "; ".join(f"{each.delivery_id}: {each.outcome}" for each in self._unwritten)
        return StoreError(
            f"{err.message}; {len(self._unwritten)} outcomes could not be written and will be in doubt",
            hint=f"{err.hint}. What is known of them: {known}",
        )


class _Speedometer:
    """Tells how far the mailing is and how fast it goes."""

    def __init__(self, tell: Callable[[Progress], None], account: Account, clock: Clock) -> None:
        self._tell, self._clock = tell, clock
        self._intended, self._done = account.intended, account.settled
        self._before, self._began = account.settled, clock.monotonic()

    def show(self, more: int) -> None:
        self._done += more
        elapsed = self._clock.monotonic() - self._began
        rate = (self._done - self._before) / elapsed if elapsed > 0 else None
        self._tell(Progress(self._done, self._intended, rate))

"""Fakes of the ports: a clock whose time never passes by itself, and a transport that keeps books of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from newsletter.core.assets import Asset
from newsletter.core.bulk import Entry, Sheet
from newsletter.core.delivery import Accepted, Deferred, InDoubt, Mailing, Outcome, Refused
from newsletter.core.reputation import Tally
from newsletter.core.ways import Allowance, Parcel

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
THROTTLE = Deferred("TooManyRequestsException: Maximum sending rate exceeded.", throttled=True)
PAUSED = Deferred("SendingPausedException: paused", stop=True, hint="resume it")
UNREACHED = Deferred("Amazon SES cannot be reached: EndpointConnectionError", hint="check the network")
REFUSED = Refused("BadRequestException: Missing final '@domain'")
LOST = InDoubt("no readable answer from SES: ReadTimeoutError")


class FakeClock:
    """Time passes only by sleeping, and then at once; what is set for a moment happens when it has come."""

    def __init__(self, begin: datetime = NOON) -> None:
        self._begin, self._passed = begin, 0.0
        self._lock = threading.Lock()
        self._alarms: list[tuple[float, Callable[[], object]]] = []
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self._begin + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._passed += max(0.0, seconds)
            self.naps.append(seconds)
            due = [alarm for alarm in self._alarms if alarm[0] <= self._passed]
            self._alarms = [alarm for alarm in self._alarms if alarm[0] > self._passed]
        for _, act in sorted(due, key=lambda alarm: alarm[0]):
            act()

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        self._alarms.append((seconds, act))


@dataclass(frozen=True, slots=True)
class AcceptedButLost:
    """The other side takes the message, and its answer never arrives."""

    answer: InDoubt = LOST


Act = Outcome | AcceptedButLost | BaseException


@dataclass
class FakeTransport:
    """Does what the script says, call by call (None: accept), then accepts all; `arrived` is its side's truth."""

    script: Iterable[Act | None] = ()
    lanes: int = 1
    permits: Allowance = field(default_factory=Allowance)
    name: str = "outbox"
    before: Callable[[Parcel], object] = lambda _: None
    parcels: list[Parcel] = field(default_factory=list)
    arrived: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._acts = iter(self.script)
        self._lock = threading.Lock()

    def allowance(self) -> Allowance:
        if self.permits.left_today is None:
            return self.permits
        return replace(self.permits, left_today=max(0, self.permits.left_today - self.arrived.total()))

    def send(self, parcel: Parcel) -> Outcome:
        with self._lock:
            self.before(parcel)
            self.parcels.append(parcel)
            act = next(self._acts, None) or Accepted(f"m-{len(self.parcels)}")
            if isinstance(act, Accepted | AcceptedButLost):
                self.arrived[parcel.address] += 1
        if isinstance(act, BaseException):
            raise act
        return act.answer if isinstance(act, AcceptedButLost) else act

    def calls_for(self, address: str) -> int:
        return sum(parcel.address == address for parcel in self.parcels)


@dataclass
class FakeStore:
    """Pictures by name, in memory; `fails` is raised by the put that has this number, from 1."""

    kept: dict[str, Asset] = field(default_factory=dict)
    fails: tuple[int, Exception] | None = None
    puts: int = 0

    def __str__(self) -> str:
        return "memory"

    def missing(self, names: Sequence[str]) -> Sequence[str]:
        return [name for name in names if name not in self.kept]

    def put(self, asset: Asset) -> None:
        self.puts += 1
        if self.fails and self.fails[0] == self.puts:
            raise self.fails[1]
        self.kept[asset.name] = asset


@dataclass
class FakeBulkTransport(FakeTransport):
    """Takes many in a call as well; the script then says what becomes of each entry, in their order."""

    calls: list[list[str]] = field(default_factory=list)

    def send_bulk(self, sheet: Sheet, mailing_uid: str, entries: Sequence[Entry]) -> Sequence[Outcome]:
        self.calls.append([entry.to for entry in entries])
        return [self.send(Parcel(each.delivery_id, mailing_uid, each.to, sheet.html.encode())) for each in entries]


@dataclass
class FakeFeedback:
    """What has come back, as the test says; None: nobody listens."""

    back: Tally | None = field(default_factory=Tally)

    @property
    def wanted(self) -> bool:
        return self.back is not None

    def tally(self, mailing: Mailing) -> Tally | None:
        del mailing
        return self.back

    def listening(self) -> AbstractContextManager[None]:
        return nullcontext()

"""Keep the addresses that must not be mailed: list, block, release, and keep in step with SES."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from newsletter.core.acts import Block, By, Release
from newsletter.core.address import valid_address
from newsletter.core.pace import Pace
from newsletter.core.ports.readers import Readers, Suppressions, Whom
from newsletter.core.ports.sending import Clock
from newsletter.core.standing import Step
from newsletter.core.subscriber import Standing, Subscriber, address_key
from newsletter.core.suppression import AT_SES, Listed, Seen, Verdict, verdict
from newsletter.core.ways import SuppressionList
from newsletter.errors import BadInput, NotFound, TransportError

PER_SECOND: Final = 1.0  # calls; the SES developer guide, "Service quotas": every action that does not send
MOST_REFUSED: Final = 5  # in a row: then it is no matter of the single address
_GOING_LIVE: Final = "'Going live on SES' in README.md: an account in the sandbox has no such list"
_REASONS: Final = {"bounce": Standing.BOUNCED, "complaint": Standing.COMPLAINED}


@dataclass(slots=True)
class Synced:
    """What keeping in step did, or would do: by this list, and by SES's."""

    listed: int = 0
    blocked: int = 0
    put: int = 0
    lifted: int = 0
    refused: int = 0
    why: str = ""
    in_a_row: int = 0  # refused, up to now

    @property
    def changes(self) -> int:
        """Return how many addresses it concerns."""
        return self.blocked + self.put + self.lifted


def block(readers: Readers, address: str, reason: str, at: datetime) -> Step:
    """Block an address, also a stranger's; the reasons bounce and complaint are those that SES knows too.

    Raises:
        BadInput: the address is none, or was erased.
    """
    try:
        address = valid_address(address)
    except ValueError as err:
        raise BadInput.said(err) from err
    known = _REASONS.get(reason.strip().lower())
    act = Block(known, "", By.EDITOR) if known else Block(Standing.DISABLED, reason.strip(), By.EDITOR)
    step = readers.change(Whom(address), act, at)
    if step is None:
        raise BadInput(f"{address} was erased", hint="nothing is kept of it, and no import brings it back")
    return step


def release(readers: Readers, address: str, reason: str, at: datetime) -> Step:
    """Take a block off, for a reason.

    Raises:
        NotFound: the address is not known.
        BadInput: no reason is given, or they left by themselves.
    """
    if not reason.strip():
        raise BadInput("no reason is given", hint="say with --reason why they may be mailed again; history keeps it")
    step = readers.change(Whom(address), Release(reason.strip()), at)
    if step is None:
        raise NotFound(f"{address} is not known", hint="see: newsletter suppressions list")
    return step


def sync(
    here: Suppressions,
    there: SuppressionList,
    clock: Clock,
    *,
    rehearsal: bool,
    tell: Callable[[Synced], None] = lambda _: None,
) -> Synced:
    """Keep the list and SES's in step, as `core.suppression` says; a rehearsal changes nothing.

    What was done stays done: stopped at any point and run again, it goes on where it stopped.

    Raises:
        TransportError: SES cannot be asked, or refuses one address after another.
    """
    done, seen, lifts = Synced(), Seen(), list[str]()
    wait = _pacing(clock)
    for page in _paged(there, wait):
        seen.add(each.address for each in page)
        blocks, off = _sorted_out(here, page)
        lifts += off  # in the end: SES's pages would shift
        done.listed += len(page)
        done.blocked += len(blocks) if rehearsal else here.block(blocks, clock.now())
        tell(done)
    missing = (each for each in here.blocked() if each.standing in AT_SES and each.address not in seen)
    if rehearsal:
        done.lifted, done.put = len(lifts), sum(1 for _ in missing)
        return done
    for address in lifts:
        wait()
        there.lift(address)
        done.lifted += 1
        tell(done)
    for each in missing:
        wait()
        _put(there, each, done)
        tell(done)
    return done


def _sorted_out(here: Suppressions, page: Sequence[Listed]) -> tuple[list[tuple[str, Block]], list[str]]:
    """Return whom to block here, and what to take off SES's list."""
    known = here.look_up([each.address for each in page])
    blocks: list[tuple[str, Block]] = []
    lifts: list[str] = []
    for each in page:
        match verdict(each, known.get(address_key(each.address))):
            case Verdict.BLOCK:
                reason = f"on the suppression list of SES since {each.at:%Y-%m-%d}"
                blocks.append((each.address, Block(each.standing, reason, By.SES)))
            case Verdict.LIFT:
                lifts.append(each.address)
            case Verdict.LEAVE:
                pass
    return blocks, lifts


def _put(there: SuppressionList, each: Subscriber, done: Synced) -> None:
    why = there.put(each.address, each.standing)
    if not why:
        done.put += 1
        done.in_a_row = 0
        return
    done.refused += 1
    done.in_a_row += 1
    done.why = done.why or why
    if done.in_a_row == MOST_REFUSED:
        raise TransportError(f"SES takes no address onto its suppression list: {why}", hint=f"see {_GOING_LIVE}")


def _paged(there: SuppressionList, wait: Callable[[], None]) -> Iterator[Sequence[Listed]]:
    pages = iter(there.pages())
    while True:
        wait()
        page = next(pages, None)
        if page is None:
            return
        yield page


def _pacing(clock: Clock) -> Callable[[], None]:
    """Return what waits until the next call may start."""
    pace = Pace.of(PER_SECOND)

    def wait() -> None:
        nonlocal pace
        pace, seconds = pace.take(clock.monotonic())
        if seconds > 0:
            clock.sleep(seconds)

    return wait

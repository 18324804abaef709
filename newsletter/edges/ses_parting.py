"""As few bulk calls as it takes until every entry has an outcome: parted by size, and around an entry SES refuses.

SES may refuse a whole call for one entry. The call is then parted in halves, breadth first, until that entry stands
alone. If not even quarters go through, the fault lies with what all share: nobody is refused for it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from newsletter.core.bulk import Entry
from newsletter.core.delivery import Accepted, Deferred, InDoubt, Outcome, Refused
from newsletter.edges.ses_requests import MOST_BYTES, MOST_PER_CALL, size_of

CALLS_IN_VAIN: Final = 7  # the whole, its halves, its quarters
_LATER: Final = Deferred("left for later: SES did not answer the call before")
_TOO_LARGE: Final = Refused(f"the message has more data of its own than fits in {MOST_BYTES:,} bytes")
_SHARED_TOO_LARGE: Final = Deferred(
    f"the issue has more than the {MOST_BYTES:,} bytes that SES takes as a template", stop=True, hint="shorten it"
)
_SHARED_HINT: Final = "SES refuses it for everybody; look at the reason, and send a test"


Slip = tuple[Entry, bytes]  # an entry, and the bytes that stand for it in the request
Answer = Sequence[Outcome] | Outcome  # one for each entry, or one for the call
Call = Callable[[Sequence[Slip]], Answer]


def sent_in_parts(head: bytes, slips: Sequence[Slip], call: Call) -> list[Outcome]:
    """Return an outcome for each slip, in their order."""
    if size_of(head, []) >= MOST_BYTES:
        return [_SHARED_TOO_LARGE] * len(slips)
    if not 0 < len(slips) <= MOST_PER_CALL or size_of(head, [data for _, data in slips]) > MOST_BYTES:
        groups = _fitting(head, slips)
        too_large = set(range(len(slips))).difference(*groups)
        return _Parting(slips, call, dict.fromkeys(too_large, _TOO_LARGE)).run(groups)
    answer = call(slips)
    if isinstance(answer, Sequence):  # nearly always
        return list(answer)
    if not isinstance(answer, Refused) or len(slips) == 1:
        return [answer] * len(slips)
    return _Parting(slips, call, {}, 1, answer.reason).run(_halves(range(len(slips))))


def _halves(group: Sequence[int]) -> list[Sequence[int]]:
    half = len(group) // 2
    return [group[:half], group[half:]]


def _fitting(head: bytes, slips: Sequence[Slip]) -> list[list[int]]:
    """Return the slips' indexes in groups that fit into a call; those that fit into none are left out."""
    groups: list[list[int]] = []
    room, most = 0, MOST_BYTES - size_of(head, [])
    for index, (_, data) in enumerate(slips):
        needed = len(data) + 1  # with the comma before it, which the first one has not
        if needed > most + 1:
            continue
        if not groups or needed > room or len(groups[-1]) == MOST_PER_CALL:
            groups.append([])
            room = most + 1
        groups[-1].append(index)
        room -= needed
    return groups


@dataclass(slots=True)
class _Parting:
    """The calls of one hand-over."""

    slips: Sequence[Slip]
    call: Call
    outcomes: dict[int, Outcome]
    _calls: int = 0
    _parted: str = ""
    _through: bool = False

    def run(self, groups: Iterable[Sequence[int]]) -> list[Outcome]:
        """Return an outcome for each slip, in their order."""
        self._run(deque(groups))
        return [self.outcomes[index] for index in range(len(self.slips))]

    def _run(self, waiting: deque[Sequence[int]]) -> None:
        while waiting and not (self._parted and not self._through and self._calls >= CALLS_IN_VAIN):
            group = waiting.popleft()
            self._calls += 1
            answer = self.call([self.slips[index] for index in group])
            if isinstance(answer, Refused) and len(group) > 1:
                self._parted = answer.reason
                waiting += _halves(group)
            elif (rest := self._learn(group, answer)) is not None:
                self._settle(waiting, rest)
                return
        if self._parted and not self._through:
            alone = [index for index, outcome in self.outcomes.items() if outcome is not _TOO_LARGE]
            self._settle([alone, *waiting], Deferred(self._parted, stop=True, hint=_SHARED_HINT))

    def _learn(self, group: Sequence[int], answer: Answer) -> Outcome | None:
        """Write the outcomes of a group down; return that of the groups not yet tried, if they are not to be."""
        if isinstance(answer, Sequence):
            self._through = True
        else:
            answer = [answer] * len(group)
        self.outcomes.update(zip(group, answer, strict=True))
        bad = [outcome for outcome in answer if not isinstance(outcome, Accepted)]  # nearly always none
        if any(isinstance(outcome, InDoubt) for outcome in bad):
            return _LATER
        return next((outcome for outcome in bad if isinstance(outcome, Deferred)), None)

    def _settle(self, groups: Iterable[Sequence[int]], outcome: Outcome) -> None:
        self.outcomes.update((index, outcome) for group in groups for index in group)

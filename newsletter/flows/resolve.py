"""Resolve doubts: by what SES's events prove, and where they prove nothing by what the editor decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from newsletter.core.account import Named
from newsletter.core.delivery import Mailing, State
from newsletter.core.feedback import Event
from newsletter.core.orders import Wish
from newsletter.core.ports.feedback import Events
from newsletter.core.ports.sending import Ledger, Mailings
from newsletter.core.ses_events import NoEvent, read_event
from newsletter.core.source import Mark, Problem
from newsletter.errors import BadInput, InvalidSource, MailingBusy, NotFound

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Doubts:
    """A mailing, how many of its deliveries are in doubt, and how many a sender has claimed."""

    mailing: Mailing
    count: int
    claimed: int = 0


def doubts(mailings: Mailings, ledger: Ledger, issue: str) -> Sequence[Doubts]:
    """Return the mailings of an issue with how many are in doubt, oldest first.

    Raises:
        NotFound: the issue was never sent.
    """
    found = mailings.of(issue)
    if not found:
        raise NotFound(f"{issue} was never sent", hint="see: newsletter status")
    accounts = [(mailing, ledger.account(mailing)) for mailing in found]
    return [Doubts(mailing, account[State.IN_DOUBT], account[State.CLAIMED]) for mailing, account in accounts]


def named(ledger: Ledger, mailing: Mailing) -> Iterator[Named]:
    """Yield the deliveries in doubt."""
    return ledger.named(mailing, State.IN_DOUBT)


def prove(events: Events, lines: BinaryIO, file: str, at: datetime) -> int:
    """Take in a file of SES events: JSON Lines, bare, as SNS wraps them, or as SQS delivers those.

    Return how many deliveries are settled by it. The file is read twice, in flat memory: all of it is looked over
    before anything is settled.

    Raises:
        InvalidSource: lines that are no events; nothing is settled.
    """
    count = _checked(lines, file)
    lines.seek(0)
    told = (event for line in islice(lines, count) if (event := _event(line)))
    parts = iter(lambda: list(islice(told, _BATCH)), [])
    return sum(events.apply(part, at, track=()).settled for part in parts)


def _checked(lines: Iterable[bytes], file: str) -> int:
    """Return how many lines there are, all of them events or empty; more may be added while they are settled."""
    count, wrong = 0, list[Problem]()
    for count, line in enumerate(lines, 1):
        try:
            _event(line)
        except NoEvent as err:
            wrong.append(Problem(file, Mark(count, 1), "", str(err), "give one JSON event a line"))
    if wrong:
        raise InvalidSource(wrong)
    return count


def _event(line: bytes) -> Event | None:
    return read_event(line) if line.strip() else None


def decide(
    mailings: Mailings, ledger: Ledger, issue: str, deliveries: Sequence[str] | None, state: State, at: datetime
) -> int:
    """Settle doubts of an issue as the editor decides: some, by their ids, or with None all; return how many.

    Those of a cancelled mailing that are to be sent again are sent, and nobody else of it.

    Raises:
        BadInput: one that was named is not in doubt, or those to be sent again are of several mailings; nothing is
            settled.
        MailingBusy: the mailing would be open again, and another one is, or it is being cancelled.
    """
    found = [each.mailing for each in doubts(mailings, ledger, issue) if each.count]
    if deliveries is not None:
        known = {each.delivery_id for mailing in found for each in named(ledger, mailing)}
        if strange := [each for each in deliveries if each not in known]:
            raise BadInput(f"not in doubt: {', '.join(strange[:5])}", hint=f"see: newsletter resolve {issue}")
    concerned = [(mailing, _of(mailing, deliveries)) for mailing in found]
    concerned = [(mailing, those) for mailing, those in concerned if those is None or those]
    if state is State.PENDING:
        if len({mailing.transport for mailing, _ in concerned}) < len(concerned):
            hint = f"name those of the first with --again, send them, then the others: newsletter resolve {issue}"
            raise BadInput(f"{len(concerned)} mailings of {issue} have doubts, and one alone can be open", hint=hint)
        for mailing, _ in concerned:
            _take_back_cancelling(mailings, mailing, at)
    return sum(ledger.decide(mailing, those, state, at) for mailing, those in concerned)


def _take_back_cancelling(mailings: Mailings, mailing: Mailing, at: datetime) -> None:
    """Let a cancelled mailing go on; whoever it had not reached is suppressed by now, and stays so."""
    if mailing.wish is not Wish.CANCEL:
        return
    if mailing.finished_at is None:
        hint = f"newsletter send {mailing.issue} ends it; then decide"
        raise MailingBusy(f"the mailing of {mailing.issue} is being cancelled", hint=hint)
    if mailings.unfinished(mailing.issue, mailing.transport):  # it cannot be opened again, so it stays cancelled
        hint = f"finish the open mailing of {mailing.issue} first"
        raise MailingBusy(f"another mailing of {mailing.issue} is not finished", hint=hint)
    mailings.order(mailing, Wish.GO, mailing.orders, at)


def _of(mailing: Mailing, deliveries: Sequence[str] | None) -> Sequence[str] | None:
    """Return those deliveries that are of a mailing; they are called after it."""
    return None if deliveries is None else [each for each in deliveries if each.startswith(f"{mailing.uid}-")]

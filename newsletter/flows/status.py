"""What became of the mailings: each with its account and, by name, whoever was refused or is in doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsletter.core.account import Account, Named
from newsletter.core.delivery import Mailing, Return, State
from newsletter.core.machines import Attention
from newsletter.core.ports.feedback import Events
from newsletter.core.ports.sending import Ledger, Mailings


@dataclass(frozen=True, slots=True)
class Standings:
    """A mailing and where its deliveries stand."""

    mailing: Mailing
    account: Account


@dataclass(frozen=True, slots=True)
class Echo:
    """What came back of a mailing: what became of accepted deliveries, and who opened and clicked if that is kept."""

    returns: Mapping[Return, int]
    attention: Attention


def status(mailings: Mailings, ledger: Ledger, issue: str | None) -> Sequence[Standings]:
    """Return the mailings of an issue, or all, oldest first."""
    return [Standings(mailing, ledger.account(mailing)) for mailing in mailings.of(issue)]


def echo(events: Events, mailing: Mailing) -> Echo:
    """Return what came back of a mailing."""
    return Echo(events.returns(mailing), events.attention(mailing))


def named(ledger: Ledger, mailing: Mailing) -> Iterator[tuple[State, Named]]:
    """Yield who needs the editor's eye: those in doubt first, then those refused."""
    for state in (State.IN_DOUBT, State.REFUSED):
        for each in ledger.named(mailing, state):
            yield state, each

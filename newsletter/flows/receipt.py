"""The receipt of a mailing: what was intended and what became of it, for the editor's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.core.delivery import Account, Mailing, State
from newsletter.core.library import Receipts
from newsletter.core.plan import cost
from newsletter.core.ports import Ledger
from newsletter.flows.build import Edition, sample_message

SES = "ses"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One finished mailing. The rate is in recipients per second from its first to its last acceptance."""

    mailing: Mailing
    account: Account
    rate: float | None
    throttles: int

    @property
    def cost(self) -> float | None:
        """Return what it cost in US dollars at SES's list price; None where nothing was sent through SES."""
        return (
            cost(self.account[State.ACCEPTED] + self.account[State.IN_DOUBT]) if self.mailing.transport == SES else None
        )

    def as_json(self) -> Mapping[str, object]:
        """Return it for scripts."""
        mailing = self.mailing
        parts = (State.ACCEPTED, State.REFUSED, State.SUPPRESSED, State.IN_DOUBT)
        return {
            "mailing": mailing.uid,
            "issue": mailing.issue,
            "subject": mailing.subject,
            "digest": mailing.digest,
            "audience": mailing.audience,
            "transport": mailing.transport,
            "begun": mailing.created_at.isoformat(),
            "finished": mailing.finished_at.isoformat() if mailing.finished_at else None,
            "intended": self.account.intended,
            **{str(state): self.account[state] for state in parts},
            "rate held": round(self.rate, 2) if self.rate else None,
            "throttles": self.throttles,
            "cost in USD": round(self.cost, 4) if self.cost is not None else None,
        }

    def as_text(self) -> str:
        """Return it for reading."""
        rows = [(key, "" if value is None else value) for key, value in self.as_json().items()]
        sums = " + ".join(f"{self.account[state]:,} {state}" for state in State if state.ends)
        lines = [f"{key:<12} {value}".rstrip() for key, value in rows]
        return "\n".join([f"{self.account.intended:,} intended = {sums}", "", *lines, ""])


def of(mailing: Mailing, ledger: Ledger, throttles: int) -> Receipt:
    """Return the receipt of a finished mailing."""
    account, span = ledger.account(mailing), ledger.span(mailing)
    seconds = (span[1] - span[0]).total_seconds() if span else 0.0
    return Receipt(mailing, account, account[State.ACCEPTED] / seconds if seconds > 0 else None, throttles)


def write(shelf: Receipts, made: Edition, receipt: Receipt) -> Path:
    """Write the receipt beside the build, with a sample of the very message; return the text's path."""
    name = f"receipt-{receipt.mailing.uid}"
    files = {
        f"{name}.json": (json.dumps(receipt.as_json(), ensure_ascii=False, indent=2) + "\n").encode(),
        f"{name}.eml": sample_message(made, made.build.variants[0]),
        f"{name}.txt": receipt.as_text().encode(),
    }
    return shelf.write_beside_build(made.build.issue, files) / f"{name}.txt"

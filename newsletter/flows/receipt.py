"""The receipt of a mailing: what was intended and what became of it, for the editor's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.core.account import Account, Course
from newsletter.core.delivery import Mailing, State
from newsletter.core.library import Receipts
from newsletter.core.plan import cost
from newsletter.core.ports.sending import Ledger, Mailings

SES = "ses"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One finished mailing."""

    mailing: Mailing
    account: Account
    course: Course

    @property
    def rate(self) -> float | None:
        """Return how many recipients per second were accepted while it was being sent; None for a single moment."""
        return self.account[State.ACCEPTED] / self.course.seconds if self.course.seconds else None

    @property
    def copies(self) -> int:
        """Return how many copies were accepted, or may have been: in doubt, or sent once more after having been."""
        return self.account[State.ACCEPTED] + self.account[State.IN_DOUBT] + self.course.again

    @property
    def cost(self) -> float | None:
        """Return what it cost in US dollars at SES's list price; None where nothing was sent through SES.

        SES asks for each recipient of a message that it accepts (Amazon SES, "Pricing").
        """
        return cost(self.copies) if self.mailing.transport == SES else None

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
            "throttles": self.course.throttles,
            "copies": self.copies,
            "cost in USD": round(self.cost, 4) if self.cost is not None else None,
        }

    def as_text(self) -> str:
        """Return it for reading."""
        rows = [(key, value) for key, value in self._told().items() if value is not None]
        sums = " + ".join(f"{self.account[state]:,} {state}" for state in State if state.ends)
        lines = [f"{key:<12} {value}".rstrip() for key, value in rows]
        return "\n".join([f"{self.account.intended:,} intended = {sums}", "", *lines, ""])

    def _told(self) -> Mapping[str, object]:
        finished, dollars = self.mailing.finished_at, self.cost
        rate = self.as_json()["rate held"]
        return {
            **self.as_json(),
            "begun": f"{self.mailing.created_at:%Y-%m-%d %H:%M:%S} UTC",
            "finished": f"{finished:%Y-%m-%d %H:%M:%S} UTC" if finished else None,
            "rate held": f"{rate} a second" if rate else None,
            "copies": None if dollars is None else f"{self.copies:,} that SES took or may have taken, second ones too",
            "cost in USD": None if dollars is None else f"{dollars:.4f} for these copies, at SES's list price",
        }


def of(mailing: Mailing, ledger: Ledger) -> Receipt:
    """Return the receipt of a finished mailing."""
    return Receipt(mailing, ledger.account(mailing), ledger.course(mailing))


def write(shelf: Receipts, receipt: Receipt, sample: bytes | None = None) -> Path:
    """Write the receipt beside the build, and a sample of the very message where one is given; return the text's path.

    Written again, when a doubt was settled since, it keeps the sample that is there.
    """
    name = f"receipt-{receipt.mailing.uid}"
    files = {
        f"{name}.json": (json.dumps(receipt.as_json(), ensure_ascii=False, indent=2) + "\n").encode(),
        **({f"{name}.eml": sample} if sample else {}),
        f"{name}.txt": receipt.as_text().encode(),
    }
    return shelf.write_beside_build(receipt.mailing.issue, files) / f"{name}.txt"


def write_finished(shelf: Receipts, mailings: Mailings, ledger: Ledger, issue: str) -> None:
    """Write those of an issue's finished mailings anew."""
    for mailing in mailings.of(issue):
        if mailing.finished_at:
            write(shelf, of(mailing, ledger))

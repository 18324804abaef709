"""What the answer to a bulk call says of each of its entries."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parseaddr

from newsletter.core.bulk import Entry
from newsletter.core.delivery import Accepted, InDoubt, Outcome
from newsletter.edges.ses_errors import outcome_of_status


def outcomes_of(answer: object, entries: Sequence[Entry]) -> list[Outcome]:
    """Return what the answer says of each entry.

    Results belong to entries by their order alone, so that a list of another length says nothing about anybody.
    """
    results = answer.get("BulkEmailEntryResults") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != len(entries):
        told = len(results) if isinstance(results, list) else "no list of"
        return [InDoubt(f"SES gave {told} results for {len(entries)} entries")] * len(entries)
    return [_outcome(result, entry) for result, entry in zip(results, entries, strict=True)]


def address_of(entry: Entry) -> str:
    """Return the bare address of an entry's mailbox."""
    return parseaddr(entry.to)[1] or entry.to


def _outcome(result: object, entry: Entry) -> Outcome:
    if not isinstance(result, dict):
        return InDoubt("SES gave a result that cannot be read")
    status, message_id = result.get("Status"), result.get("MessageId")
    if status == "SUCCESS":
        if message_id and isinstance(message_id, str):
            return Accepted(message_id)
        return InDoubt("SES answered without a message id")
    if message_id:
        return InDoubt(f"SES answered {status} and a message id")
    return outcome_of_status(str(status), str(result.get("Error") or ""), recipient=address_of(entry))

"""The line in place of one whose facts are not there."""

from __future__ import annotations

from newsletter.core.diagnosis.facts import Cause, Unseen
from newsletter.core.diagnosis.line import Group, Line, Status
from newsletter.core.diagnosis.names import Fate, Lookup, Question

_DNS = "the name servers of this domain do not answer properly: ask whoever runs them, and look again"
_RESOLVER = "this machine's DNS server does not answer: check its network, and look again"


def blank(group: Group, check: str, fact: Unseen) -> Line:
    """Return what to say of a check whose fact could not be had.

    A question that was not asked, or not allowed, is no finding: what keeps it from being asked has a line of its own.
    """
    if fact.cause is Cause.DENIED:
        return Line(group, check, Status.UNSEEN, f"{fact.action} is not allowed")
    if fact.cause is Cause.NOT_ASKED:
        return Line(group, check, Status.UNSEEN, fact.why)
    return Line(group, check, Status.WARNING, f"could not be looked at: {fact.why}", fact.hint)


def dependent(group: Group, check: str, fact: Unseen, *, absent: str, failed: str) -> Line:
    """Return what to say of a check that hangs on a fact with a line of its own: what is wrong is said there."""
    if fact.cause is Cause.NOT_THERE:
        return Line(group, check, Status.UNSEEN, absent)
    if fact.cause is Cause.FAILED:
        return Line(group, check, Status.UNSEEN, failed)
    return blank(group, check, fact)


def unanswered(group: Group, check: str, question: Question, lookup: Lookup | None) -> Line:
    """Return what to say of a check whose name could not be looked up."""
    if lookup is None:
        return Line(group, check, Status.UNSEEN, "needs --online")
    remedy = _DNS if lookup.fate is Fate.BROKEN else _RESOLVER
    return Line(group, check, Status.WARNING, f"could not be looked at: {question}: {lookup.fate}", remedy)

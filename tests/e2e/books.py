"""The books of both sides, and what the editor is told, held against each other."""

from __future__ import annotations

import re
from collections import Counter

from newsletter.core.delivery import State
from tests.doubles import SesDouble
from tests.e2e.publications import Publication


def check_books(publication: Publication, arrived: Counter[str]) -> dict[str, State]:
    """Hold the ledger, the truth of the other side and what the editor is told against each other."""
    where = publication.where()
    assert where.keys() == set(publication.readers), "somebody was lost, or invented"
    assert not [address for address, count in arrived.items() if count > 1], "somebody was mailed twice"
    assert {address for address, state in where.items() if state is State.ACCEPTED} <= arrived.keys(), "nothing came"
    assert not [address for address in arrived if where[address] not in {State.ACCEPTED, State.IN_DOUBT}]
    (told,) = publication.status()
    named = {each["address"] for each in told["named"] if each["state"] == "in doubt"}
    assert named == {address for address, state in where.items() if state is State.IN_DOUBT}
    account = dict(told["account"])
    assert account.pop("intended") == sum(account.values()) == len(publication.readers)
    return where


def arrived_at(ses: SesDouble) -> Counter[str]:
    return Counter(each.address for each in ses.accepted())


def printed_sum(stdout: str) -> tuple[int, dict[str, int]]:
    """Read the account that was printed: what was intended, and its parts."""
    match = re.search(r"^([\d,]+) intended = (.*)$", stdout, re.MULTILINE)
    assert match, stdout
    parts = (part.split(" ", 1) for part in match[2].split(" + "))
    return int(match[1].replace(",", "")), {state: int(count.replace(",", "")) for count, state in parts}

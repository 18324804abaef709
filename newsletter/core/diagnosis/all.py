"""The whole diagnosis: every check in the order it is shown, and then the rules that rest on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from newsletter.core.diagnosis import amazon, domain, door, events, here, letter, policies
from newsletter.core.diagnosis.facts import Facts
from newsletter.core.diagnosis.line import Line
from newsletter.core.diagnosis.rules import rules

CHECKS: Final[Sequence[Callable[[Facts], Iterator[Line]]]] = (
    here.publication,
    here.files,
    here.store,
    here.mailings,
    here.keys,
    here.addresses,
    letter.headers,
    letter.sender,
    letter.replies,
    amazon.caller,
    amazon.permissions,
    amazon.clock,
    amazon.standing,
    domain.identity,
    domain.dkim,
    domain.mail_from,
    domain.mail_from_mx,
    policies.spf,
    policies.dmarc,
    policies.alignment,
    events.configuration_set,
    events.destination,
    events.queue,
    events.path,
    events.suppression,
    events.round_trip,
    door.door,
)


def diagnose(facts: Facts) -> Sequence[Line]:
    """Return what there is to say of the facts."""
    lines = [line for check in CHECKS for line in check(facts)]
    return [*lines, *rules(lines)]

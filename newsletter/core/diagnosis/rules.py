"""What Gmail, Yahoo and Microsoft ask of whoever sends in bulk, each rule with its source and the checks it rests on.

All three mean senders of about 5,000 messages a day and more; those who send less fare better with the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from newsletter.core.diagnosis.line import Group, Line, Status, listed, worst

SOURCES: Final = {
    "Google": "Email sender guidelines (support.google.com/mail/answer/81126)",
    "Yahoo": "Sender Hub, Sender Requirements & Recommendations (senders.yahooinc.com)",
    "Microsoft": "Outlook's New Requirements for High-Volume Senders (techcommunity.microsoft.com)",
}
_GOOGLE, _YAHOO, _MICROSOFT = SOURCES


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, what it demands, the checks above that it rests on, and who says so."""

    name: str
    demand: str
    checks: tuple[str, ...]
    source: str


RULES = (
    Rule(
        "rule-authentication",
        "SPF and DKIM pass",
        ("dkim", "dkim-records", "mail-from-mx", "spf"),
        f"{_GOOGLE}, {_YAHOO}, {_MICROSOFT}; RFC 7208; RFC 6376",
    ),
    Rule(
        "rule-dmarc",
        "a DMARC policy of p=none at least, and From aligned with SPF or DKIM",
        ("dmarc", "alignment"),
        f"{_GOOGLE}, {_YAHOO}, {_MICROSOFT}; RFC 7489",
    ),
    Rule(
        "rule-one-click",
        "unsubscribing in one click, from the mail program",
        ("one-click", "public-url", "unsubscribe-post", "unsubscribe-key"),
        f"{_GOOGLE}, {_YAHOO}; RFC 8058; RFC 2369",
    ),
    Rule(
        "rule-visible-link",
        "a link to unsubscribe that readers see and that works",
        ("body-link", "unsubscribe-get"),
        f"{_GOOGLE}, {_YAHOO}, {_MICROSOFT}",
    ),
    Rule("rule-from", "mail from a domain of one's own, never from gmail.com and the like", ("from",), _GOOGLE),
    Rule("rule-replies", "From and Reply-To are valid and can be answered", ("from", "reply-to"), _MICROSOFT),
    Rule(
        "rule-hygiene",
        "whoever bounces or complains gets no more mail",
        ("configuration-set", "event-destination", "queue", "event-path", "suppression"),
        f"{_YAHOO}, {_MICROSOFT}",
    ),
    Rule("rule-list-id", "the list has a name of its own", ("list-id",), "RFC 2919"),
)

# What no look at this end can tell, or what is Amazon's part.
_STATED = (
    ("rule-tls", Status.OK, "mail goes over TLS: SES uses it with every server that can", "", _GOOGLE),
    ("rule-ptr", Status.OK, "addresses that send have matching PTR records: they are Amazon's", "", _GOOGLE),
    (
        "rule-spam-rate",
        Status.UNSEEN,
        "fewer than 0.3 % marked as spam, better 0.1 %: only they count it",
        "watch Google Postmaster Tools and Yahoo Sender Hub; Gmail tells SES of no complaint",
        f"{_GOOGLE}, {_YAHOO}",
    ),
)


def rules(lines: Sequence[Line]) -> Iterator[Line]:
    """Return the rules as lines: each stands as the worst of the checks that it rests on."""
    by_check = {check: [line for line in lines if line.check == check] for check in {line.check for line in lines}}
    for rule in RULES:
        resting = [line for check in rule.checks for line in by_check.get(check, ())]
        status = worst(line.status for line in resting) if resting else Status.UNSEEN
        causes = listed(dict.fromkeys(line.check for line in resting if line.status is status))
        remedy = f"see {causes}" if status is not Status.OK else ""
        yield Line(Group.RULES, rule.name, status, rule.demand, remedy, source=rule.source)
    for name, status, seen, remedy, source in _STATED:
        yield Line(Group.RULES, name, status, seen, remedy, source=source)

"""The DNS as mail needs it: which names to ask for, and what SPF and DMARC records say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

MOST_LOOKUPS = 10  # RFC 7208 4.6.4: terms of an SPF record, and of those it includes, that need the DNS
AMAZON = "amazonses.com"  # what SES's servers are listed under, as "include:amazonses.com"


class Fate(StrEnum):
    """What became of a question. NXDOMAIN and an empty answer are as certain as a found record; the others are not."""

    FOUND = "found"
    NO_NAME = "no such name (NXDOMAIN)"
    NO_RECORD = "no such record"
    BROKEN = "its name servers fail (SERVFAIL)"
    SILENT = "no answer in time"
    UNREACHABLE = "no DNS server can be reached"

    @property
    def certain(self) -> bool:
        """Tell whether asking again would not change it."""
        return self in {Fate.FOUND, Fate.NO_NAME, Fate.NO_RECORD}


@dataclass(frozen=True, slots=True)
class Question:
    """A name, in lower case and without a dot at its end, and a type: TXT, MX, CNAME, A."""

    name: str
    type: str

    def __str__(self) -> str:
        return f"{self.type} of {self.name}"


@dataclass(frozen=True, slots=True)
class Lookup:
    """The answer to a question. Values are as people write them: an MX is `10 host`, a TXT is one string."""

    fate: Fate
    values: tuple[str, ...] = ()


Known = Mapping[Question, Lookup]


def above(domain: str) -> list[str]:
    """Return a domain and those above it, of two labels at least, nearest first."""
    labels = domain.lower().split(".")
    return [".".join(labels[begin:]) for begin in range(max(1, len(labels) - 1))]


def spf_in(lookup: Lookup | None) -> list[str]:
    """Return the SPF records among TXT records (RFC 7208 4.5)."""
    return [each for each in (lookup.values if lookup else ()) if re.match(r"v=spf1( |$)", each, re.IGNORECASE)]


def dmarc_in(lookup: Lookup | None) -> list[str]:
    """Return the DMARC records among TXT records (RFC 7489 6.6.3)."""
    return [each for each in (lookup.values if lookup else ()) if re.match(r"v=DMARC1\s*(;|$)", each)]


def tags_of(record: str) -> dict[str, str]:
    """Return the tags of a DMARC record (RFC 7489 6.4)."""
    pairs = (part.partition("=") for part in record.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def included(record: str) -> list[str]:
    """Return the domains whose own SPF records an SPF record takes in; those with macros are left out."""
    found = re.findall(r"(?:^|\s)[+?~-]?(?:include:|redirect=)(\S+)", record, re.IGNORECASE)
    return [each.lower().rstrip(".") for each in found if "%" not in each]


def spf_terms(domain: str, known: Known) -> tuple[list[str], int]:
    """Return the domains that the SPF record of a domain takes in, at any depth, and how many terms need the DNS."""
    taken, count, waiting = list[str](), 0, [domain]
    while waiting and count <= MOST_LOOKUPS * 2:
        for record in spf_in(known.get(Question(waiting.pop(), "TXT"))):
            count += len(
                re.findall(r"\b(?:include:|redirect=|exists:)|(?:^|\s)[+?~-]?(?:a|mx|ptr)\b", record, re.IGNORECASE)
            )
            more = [each for each in included(record) if each not in taken]
            taken += more
            waiting += more
    return taken, count


def found_dmarc(domain: str, known: Known) -> tuple[str, Lookup] | None:
    """Return where the DMARC record stands that holds for a domain, its own or one above, and the answer that has it.

    The way up is that of the tree walk which takes the place of lists of public suffixes in the revised DMARC. None:
    no place has one.
    """
    for each in above(domain):
        if (lookup := known.get(Question(f"_dmarc.{each}", "TXT"))) and dmarc_in(lookup):
            return each, lookup
    return None


def questions(domain: str, reply: str, mail_from: str, dkim: Mapping[str, str], known: Known) -> set[Question]:
    """Return what is still to be asked, given what is known.

    `domain` is that of From, `reply` that of replies; `dkim` are the names of keys and the types of their records.
    """
    wanted = set(_questions(domain, reply, mail_from, dkim, known))
    return {each for each in wanted if each not in known}


def _questions(domain: str, reply: str, mail_from: str, dkim: Mapping[str, str], known: Known) -> Iterator[Question]:
    for each in above(domain):
        yield Question(f"_dmarc.{each}", "TXT")
    yield Question(reply, "MX")
    mail = known.get(Question(reply, "MX"))
    if mail and mail.fate is Fate.NO_RECORD:
        yield Question(reply, "A")
    for name, kind in dkim.items():
        yield Question(name, kind)
    if mail_from:
        yield Question(mail_from, "MX")
        yield Question(mail_from, "TXT")
        for each in spf_terms(mail_from, known)[0][:MOST_LOOKUPS]:
            yield Question(each, "TXT")

"""What receivers conclude from the domain's records: SPF, DMARC, and whether both speak of the From address.

Sources: RFC 7208, RFC 7489; SES developer guide, "Complying with DMARC".
"""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.core.diagnosis.blank import unanswered
from newsletter.core.diagnosis.domain import ADD, depends, mail_from_records, region_of, sender_domain
from newsletter.core.diagnosis.facts import Facts, Unseen
from newsletter.core.diagnosis.line import Group, Line, Record, Status
from newsletter.core.diagnosis.names import (
    AMAZON,
    MOST_LOOKUPS,
    Lookup,
    Question,
    above,
    dmarc_in,
    found_dmarc,
    included,
    spf_in,
    spf_terms,
    tags_of,
)

_GROUP = Group.DOMAIN
_PUBLISH = "v=DMARC1; p=none; rua=mailto:"


def spf(facts: Facts) -> Iterator[Line]:
    """Say whether SPF lets SES's servers send for the MAIL FROM domain, which is what receivers look at."""
    known = facts.identity
    if isinstance(known, Unseen):
        yield depends("spf", known)
        return
    if not known.mail_from:
        yield Line(_GROUP, "spf", Status.OK, "passes for amazonses.com, whose record is Amazon's", source="RFC 7208")
        return
    question = Question(known.mail_from.lower(), "TXT")
    lookup = facts.lookups.get(question)
    if lookup is None or not lookup.fate.certain:
        yield unanswered(_GROUP, "spf", question, lookup)
        return
    record = mail_from_records(known.mail_from, region_of(facts))[1]
    status, seen, remedy = _spf(known.mail_from.lower(), lookup, facts)
    records = (record,) if status is Status.ERROR else ()
    yield Line(_GROUP, "spf", status, seen, remedy, records, "RFC 7208; Google, Yahoo, Microsoft")


def _spf(domain: str, lookup: Lookup, facts: Facts) -> tuple[Status, str, str]:
    found = spf_in(lookup)
    if not found:
        return Status.ERROR, f"{domain} has no SPF record ({lookup.fate})", ADD
    if len(found) > 1:
        seen = f"{domain} has {len(found)} SPF records, so none counts (RFC 7208, 4.5): {' and '.join(found)}"
        return Status.ERROR, seen, "leave this one alone"
    taken, terms = spf_terms(domain, facts.lookups)
    record = found[0]
    if terms > MOST_LOOKUPS:
        seen = f"{record} needs {terms} look-ups, more than {MOST_LOOKUPS}, so it does not count (RFC 7208, 4.6.4)"
        return Status.ERROR, seen, "include nothing but what sends for this domain"
    if AMAZON not in taken:
        return Status.ERROR, f"{record} does not let SES send", f"add include:{AMAZON} to it"
    if "+all" in record.split() or "all" in record.split():
        return Status.WARNING, f"{record} lets anybody send", "end it with ~all"
    direct = "" if AMAZON in included(record) else ", by what it includes"
    return Status.OK, f"{domain}: {record} lets SES send{direct}", ""


def dmarc(facts: Facts) -> Iterator[Line]:
    """Say whether the domain has a DMARC policy, and whether it is one that counts."""
    domain = sender_domain(facts)
    if not domain:
        return
    asked = [Question(f"_dmarc.{each}", "TXT") for each in above(domain)]
    source = "RFC 7489; Google, Yahoo, Microsoft"
    wanted = Record(f"_dmarc.{domain}", "TXT", f"{_PUBLISH}dmarc@{domain}")
    found = found_dmarc(domain, facts.lookups)
    if found is None:
        open_ones = [each for each in asked if not (known := facts.lookups.get(each)) or not known.fate.certain]
        if open_ones:
            yield unanswered(_GROUP, "dmarc", open_ones[0], facts.lookups.get(open_ones[0]))
            return
        seen = f"no DMARC record for {domain}"
        remedy = f"{ADD}; reports go to the address in rua, choose one that takes them"
        yield Line(_GROUP, "dmarc", Status.ERROR, seen, remedy, (wanted,), source)
        return
    place, lookup = found
    records = dmarc_in(lookup)
    if len(records) > 1:
        seen = f"_dmarc.{place} has {len(records)} DMARC records, so none counts: {' and '.join(records)}"
        yield Line(_GROUP, "dmarc", Status.ERROR, seen, "leave one of them", source="RFC 7489, 6.6.3")
        return
    yield _dmarc(domain, place, records[0], source)


def _dmarc(domain: str, place: str, record: str, source: str) -> Line:
    tags = tags_of(record)
    policy = tags.get("p", "").lower()
    where = f"_dmarc.{place}: {record}"
    if policy not in {"none", "quarantine", "reject"}:
        seen, better = (
            f"{where}: p={policy or 'nothing'} is no policy",
            Record(f"_dmarc.{place}", "TXT", f"{_PUBLISH}dmarc@{place}"),
        )
        return Line(_GROUP, "dmarc", Status.ERROR, seen, "change the record", (better,), source)
    if place != domain:
        policy = tags.get("sp", policy).lower()
    if "rua" not in tags:
        better = Record(f"_dmarc.{place}", "TXT", f"{record.rstrip('; ')}; rua=mailto:dmarc@{place}")
        seen = f"{where}: nobody gets reports, so nobody sees mail that fails"
        return Line(_GROUP, "dmarc", Status.WARNING, seen, "add an address for reports", (better,), source)
    return Line(_GROUP, "dmarc", Status.OK, f"{where} (policy {policy})", source=source)


def alignment(facts: Facts) -> Iterator[Line]:
    """Say by which of DKIM and SPF the From address passes DMARC: one must be aligned with it, and both are better."""
    known, domain = facts.identity, sender_domain(facts)
    if isinstance(known, Unseen):
        yield depends("alignment", known)
        return
    found = found_dmarc(domain, facts.lookups)
    tags = tags_of(dmarc_in(found[1])[0]) if found else {}
    top = [each for each in above(domain) if dmarc_in(facts.lookups.get(Question(f"_dmarc.{each}", "TXT")))][-1:]
    signs = known.signing and known.dkim in {"SUCCESS", "TEMPORARY_FAILURE"}
    by_dkim = signs and _aligned(known.domain, domain, top, strict=tags.get("adkim", "r").lower() == "s")
    by_spf = known.mail_from_status == "SUCCESS" and bool(known.mail_from)
    by_spf = by_spf and _aligned(known.mail_from, domain, top, strict=tags.get("aspf", "r").lower() == "s")
    modes = (
        f"adkim={tags.get('adkim', 'r')}, aspf={tags.get('aspf', 'r')}; r is relaxed: the same organisational domain"
    )
    source = "RFC 7489, 3.1"
    if by_dkim:
        and_spf = f" and by SPF ({known.mail_from})" if by_spf else ", not by SPF"
        seen = f"From {domain} is aligned by DKIM (d={known.domain}){and_spf} ({modes})"
        yield Line(_GROUP, "alignment", Status.OK, seen, source=source)
    elif by_spf:
        seen = f"From {domain} is aligned by SPF ({known.mail_from}) alone, which forwarded mail loses ({modes})"
        yield Line(_GROUP, "alignment", Status.WARNING, seen, "get DKIM to work, see above", source=source)
    else:
        seen = f"neither DKIM nor SPF is aligned with From {domain}: DMARC fails ({modes})"
        remedy = f"verify {domain} itself in SES with DKIM, or write adkim=r into the DMARC record"
        yield Line(_GROUP, "alignment", Status.ERROR, seen, remedy, source=source)


def _aligned(one: str, other: str, top: list[str], *, strict: bool) -> bool:
    """Tell whether two domains are aligned (RFC 7489 3.1.1, 3.1.2).

    Relaxed, they share the organisational domain: one lies in the other, or both in `top`, the highest domain that has
    a DMARC record. SES verifies no domain that is nobody's own, such as co.uk.
    """
    one, other = one.lower(), other.lower()
    if strict or one == other:
        return one == other
    nested = one.endswith(f".{other}") or other.endswith(f".{one}")
    return nested or any(one.endswith(f".{each}") and other.endswith(f".{each}") for each in top)

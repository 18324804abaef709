"""The domain: whether SES may send from it, and whether the mail proves that it comes from there.

Sources: SES developer guide, "Easy DKIM", "custom MAIL FROM domain" and "Complying with DMARC"; RFC 6376, 7208, 7489.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.core.diagnosis.blank import blank, unanswered
from newsletter.core.diagnosis.facts import Caller, Cause, Facts, Identity, Unseen
from newsletter.core.diagnosis.line import Group, Line, Record, Status, listed
from newsletter.core.diagnosis.names import (
    AMAZON,
    MOST_LOOKUPS,
    Fate,
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
_ADD = "add the record at the domain's DNS provider"
_PUBLISH = "v=DMARC1; p=none; rua=mailto:"


def sender_domain(facts: Facts) -> str:
    """Return the domain of the From address, empty where it is not known."""
    known = facts.publication
    return "" if isinstance(known, Unseen) else known.sender.address.rpartition("@")[2].lower()


def dkim_records(identity: Identity) -> list[Record]:
    """Return the records that DKIM needs: of Easy DKIM, or for each key of one's own a TXT record (RFC 6376 3.6.1)."""
    if identity.own_key:
        return [
            Record(f"{each}._domainkey.{identity.domain}", "TXT", "p=<your public key>") for each in identity.tokens
        ]
    return [
        Record(f"{each}._domainkey.{identity.domain}", "CNAME", f"{each}.{identity.zone}") for each in identity.tokens
    ]


def mail_from_records(domain: str, region: str) -> list[Record]:
    """Return the records that a custom MAIL FROM domain needs."""
    return [
        Record(domain, "MX", f"10 feedback-smtp.{region}.amazonses.com"),
        Record(domain, "TXT", f"v=spf1 include:{AMAZON} ~all"),
    ]


def identity(facts: Facts) -> Iterator[Line]:
    """Say whether SES has verified the sender's domain or address."""
    known, domain = facts.identity, sender_domain(facts)
    if isinstance(known, Unseen) and known.cause is Cause.NOT_THERE:
        seen = f"SES knows neither {domain} nor the sender's address in this region"
        remedy = f"make the identity {domain} in the SES console, and add the DNS records that it shows"
        yield Line(_GROUP, "identity", Status.ERROR, seen, remedy)
    elif isinstance(known, Unseen):
        yield blank(_GROUP, "identity", known)
    elif not known.verified:
        why = f" ({known.error})" if known.error else ""
        remedy = (
            "add the DNS records of DKIM" if "@" not in known.name else "open the link in the mail that Amazon sent"
        )
        seen = f"{known.name} is not verified: {known.status or 'PENDING'}{why}"
        yield Line(_GROUP, "identity", Status.ERROR, seen, remedy, tuple(dkim_records(known)))
    elif "@" in known.name:
        seen = f"{known.name} is verified, its domain is not: nothing can be signed in its name"
        remedy = f"make the identity {domain} in the SES console, and add the DNS records that it shows"
        yield Line(_GROUP, "identity", Status.WARNING, seen, remedy)
    else:
        yield Line(_GROUP, "identity", Status.OK, f"{known.name} is verified")


def dkim(facts: Facts) -> Iterator[Line]:
    """Say whether SES signs mail with the domain's key, and whether its records stand in the DNS."""
    known = facts.identity
    if isinstance(known, Unseen):
        for check in ("dkim", "dkim-records"):
            yield _depends(check, known)
        return
    records = dkim_records(known)
    source = "RFC 6376; Google, Yahoo, Microsoft"
    if not known.signing:
        seen, remedy = "SES does not sign mail of this identity", "turn on DKIM for the identity in the SES console"
        yield Line(_GROUP, "dkim", Status.ERROR, seen, remedy, source=source)
    elif known.dkim == "SUCCESS":
        yield Line(_GROUP, "dkim", Status.OK, f"SES signs with d={known.domain}", source=source)
    elif known.dkim == "TEMPORARY_FAILURE":
        seen, remedy = "SES saw the DKIM records before and cannot see them now; it signs for some days yet", _ADD
        yield Line(_GROUP, "dkim", Status.WARNING, seen, remedy, tuple(records), source)
    else:
        remedy = f"{_ADD}; SES looks for up to 72 hours, then ask it again in the console"
        seen = f"SES has not found the DKIM records: {known.dkim or 'NOT_STARTED'}"
        yield Line(_GROUP, "dkim", Status.ERROR, seen, remedy, tuple(records), source)
    yield _dkim_records(facts, records)


def _dkim_records(facts: Facts, records: list[Record]) -> Line:
    if not records:
        return Line(_GROUP, "dkim-records", Status.UNSEEN, "SES gives no DKIM records for this identity")
    missing, wrong = list[Record](), list[str]()
    for record in records:
        question = Question(record.name.lower(), record.type)
        lookup = facts.lookups.get(question)
        if lookup is None or not lookup.fate.certain:
            return unanswered(_GROUP, "dkim-records", question, lookup)
        if lookup.fate is not Fate.FOUND:
            missing.append(record)
        elif record.type == "CNAME" and record.value.lower() not in lookup.values:
            wrong.append(f"{record.name} leads to {lookup.values[0]}")
            missing.append(record)
    if missing:
        seen = "; ".join(wrong) or f"{len(missing)} of {len(records)} DKIM records are not in the DNS"
        remedy = f"{_ADD}; a provider that appends the domain by itself wants the name without it"
        return Line(_GROUP, "dkim-records", Status.ERROR, seen, remedy, tuple(missing))
    return Line(_GROUP, "dkim-records", Status.OK, f"all {len(records)} are in the DNS")


def mail_from(facts: Facts) -> Iterator[Line]:
    """Say whether bounces go to a domain of the sender's own, which SPF then vouches for in the sender's name."""
    known = facts.identity
    if isinstance(known, Unseen):
        yield _depends("mail-from", known)
        return
    region = _region(facts)
    if not known.mail_from:
        wanted = f"bounce.{known.domain}"
        seen = "none: bounces go to amazonses.com, so SPF passes, but not in the sender's name (DKIM alone is aligned)"
        remedy = f"set the MAIL FROM domain of {known.name} to {wanted} in the SES console, and add the records"
        records = tuple(mail_from_records(wanted, region))
        yield Line(_GROUP, "mail-from", Status.WARNING, seen, remedy, records, "RFC 7489, 3.1.2")
        return
    if known.mail_from_status != "SUCCESS":
        status = Status.ERROR if known.rejects_without_mx else Status.WARNING
        without = "SES then refuses mail" if known.rejects_without_mx else "mail then goes out from amazonses.com"
        seen = f"SES has not found the records of {known.mail_from} ({known.mail_from_status}); {without}"
        yield Line(_GROUP, "mail-from", status, seen, _ADD, tuple(mail_from_records(known.mail_from, region)))
        return
    yield Line(_GROUP, "mail-from", Status.OK, known.mail_from)


def mail_from_mx(facts: Facts) -> Iterator[Line]:
    """Say whether bounces reach SES."""
    known = facts.identity
    if isinstance(known, Unseen) or not known.mail_from:
        return
    question = Question(known.mail_from.lower(), "MX")
    lookup = facts.lookups.get(question)
    if lookup is None or not lookup.fate.certain:
        yield unanswered(_GROUP, "mail-from-mx", question, lookup)
        return
    record = mail_from_records(known.mail_from, _region(facts))[0]
    host = record.value.partition(" ")[2]
    hosts = [each.split()[-1] for each in lookup.values]
    if hosts == [host]:
        yield Line(_GROUP, "mail-from-mx", Status.OK, f"{known.mail_from} MX {host}")
        return
    if host in hosts:
        seen, remedy = f"{known.mail_from} has other MX records too; SES wants its own alone", "take the others away"
    elif hosts:
        seen, remedy = f"the MX of {known.mail_from} is {listed(hosts)}, not SES's in this region", "change the record"
    else:
        seen, remedy = f"{known.mail_from} has no MX record: {lookup.fate}", _ADD
    yield Line(_GROUP, "mail-from-mx", Status.ERROR, seen, remedy, (record,))


def spf(facts: Facts) -> Iterator[Line]:
    """Say whether SPF lets SES's servers send for the MAIL FROM domain, which is what receivers look at."""
    known = facts.identity
    if isinstance(known, Unseen):
        yield _depends("spf", known)
        return
    if not known.mail_from:
        yield Line(_GROUP, "spf", Status.OK, "passes for amazonses.com, whose record is Amazon's", source="RFC 7208")
        return
    question = Question(known.mail_from.lower(), "TXT")
    lookup = facts.lookups.get(question)
    if lookup is None or not lookup.fate.certain:
        yield unanswered(_GROUP, "spf", question, lookup)
        return
    record = mail_from_records(known.mail_from, _region(facts))[1]
    status, seen, remedy = _spf(known.mail_from.lower(), lookup, facts)
    records = (record,) if status is Status.ERROR else ()
    yield Line(_GROUP, "spf", status, seen, remedy, records, "RFC 7208; Google, Yahoo, Microsoft")


def _spf(domain: str, lookup: Lookup, facts: Facts) -> tuple[Status, str, str]:
    found = spf_in(lookup)
    if not found:
        return Status.ERROR, f"{domain} has no SPF record ({lookup.fate})", _ADD
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
        remedy = f"{_ADD}; reports go to the address in rua, choose one that takes them"
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
        yield _depends("alignment", known)
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


def _region(facts: Facts) -> str:
    return facts.caller.region if isinstance(facts.caller, Caller) else "<region>"


def _depends(check: str, known: Unseen) -> Line:
    if known.cause is Cause.NOT_THERE:
        return Line(_GROUP, check, Status.UNSEEN, "needs an identity in SES")
    if known.cause is Cause.FAILED:
        return Line(_GROUP, check, Status.UNSEEN, "needs what SES says of the identity")
    return blank(_GROUP, check, known)

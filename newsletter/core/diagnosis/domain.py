"""The domain as SES knows it, and as the DNS does: identity, DKIM keys, custom MAIL FROM.

Sources: SES developer guide, "Easy DKIM" and "custom MAIL FROM domain"; RFC 6376.
"""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.core.diagnosis.blank import blank, dependent, unanswered
from newsletter.core.diagnosis.facts import Caller, Cause, Facts, Identity, Unseen
from newsletter.core.diagnosis.line import Group, Line, Record, Status, listed
from newsletter.core.diagnosis.names import AMAZON, Fate, Question

_GROUP = Group.DOMAIN
ADD = "add the record at the domain's DNS provider"


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
            yield depends(check, known)
        return
    records = dkim_records(known)
    source = "RFC 6376; Google, Yahoo, Microsoft"
    if not known.signing:
        seen, remedy = "SES does not sign mail of this identity", "turn on DKIM for the identity in the SES console"
        yield Line(_GROUP, "dkim", Status.ERROR, seen, remedy, source=source)
    elif known.dkim == "SUCCESS":
        yield Line(_GROUP, "dkim", Status.OK, f"SES signs with d={known.domain}", source=source)
    elif known.dkim == "TEMPORARY_FAILURE":
        seen, remedy = "SES saw the DKIM records before and cannot see them now; it signs for some days yet", ADD
        yield Line(_GROUP, "dkim", Status.WARNING, seen, remedy, tuple(records), source)
    else:
        remedy = f"{ADD}; SES looks for up to 72 hours, then ask it again in the console"
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
        remedy = f"{ADD}; a provider that appends the domain by itself wants the name without it"
        return Line(_GROUP, "dkim-records", Status.ERROR, seen, remedy, tuple(missing))
    return Line(_GROUP, "dkim-records", Status.OK, f"all {len(records)} are in the DNS")


def mail_from(facts: Facts) -> Iterator[Line]:
    """Say whether bounces go to a domain of the sender's own, which SPF then vouches for in the sender's name."""
    known = facts.identity
    if isinstance(known, Unseen):
        yield depends("mail-from", known)
        return
    region = region_of(facts)
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
        yield Line(_GROUP, "mail-from", status, seen, ADD, tuple(mail_from_records(known.mail_from, region)))
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
    record = mail_from_records(known.mail_from, region_of(facts))[0]
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
        seen, remedy = f"{known.mail_from} has no MX record: {lookup.fate}", ADD
    yield Line(_GROUP, "mail-from-mx", Status.ERROR, seen, remedy, (record,))


def region_of(facts: Facts) -> str:
    """Return the region as it stands in records."""
    return facts.caller.region if isinstance(facts.caller, Caller) else "<region>"


def depends(check: str, known: Unseen) -> Line:
    """Return the line of a check that needs to know the identity."""
    absent, failed = "needs an identity in SES", "needs what SES says of the identity"
    return dependent(_GROUP, check, known, absent=absent, failed=failed)

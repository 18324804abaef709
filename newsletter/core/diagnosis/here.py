"""What can be said without leaving the machine: publication, layout, issue, store, keys."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from newsletter.core.diagnosis.blank import blank
from newsletter.core.diagnosis.facts import Cause, Facts, StoreState, Unseen
from newsletter.core.diagnosis.line import Group, Line, Status, listed
from newsletter.core.publication import TransportName

_GROUP = Group.HERE
_MAKE = "make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"


def publication(facts: Facts) -> Iterator[Line]:
    """Say whether publication.yaml can be used."""
    known = facts.publication
    if isinstance(known, Unseen):
        yield Line(_GROUP, "publication", Status.ERROR, known.why, known.hint)
        return
    seen = f"{known.name}, from {known.sender.address}"
    yield Line(_GROUP, "publication", Status.OK, seen)
    if known.transport is TransportName.SES:
        yield Line(_GROUP, "transport", Status.OK, "ses: mail goes out through Amazon SES")
        return
    remedy = "write `transport: ses` into publication.yaml, or set NEWSLETTER_TRANSPORT=ses, when you are ready"
    yield Line(_GROUP, "transport", Status.WARNING, "outbox: mail is written into files, nobody gets any", remedy)


def files(facts: Facts) -> Iterator[Line]:
    """Say whether the layout is sound and the newest issue builds."""
    layout, letter = facts.layout, facts.letter
    if isinstance(layout, Unseen):
        yield _broken("layout", layout)
    else:
        yield Line(_GROUP, "layout", Status.OK, layout)
    if isinstance(letter, Unseen):
        yield _broken("issue", letter)
    else:
        yield Line(_GROUP, "issue", Status.OK, f"{letter.issue}, the newest, builds")


def _broken(check: str, fact: Unseen) -> Line:
    if fact.cause is Cause.FAILED:
        return Line(_GROUP, check, Status.ERROR, fact.why, fact.hint)
    return blank(_GROUP, check, fact)


def store(facts: Facts) -> Iterator[Line]:
    """Say whether the store is there, and whether its tables are those of this program."""
    state = facts.store
    if isinstance(state, Unseen):
        yield _broken("store", state)
        return
    status, seen, remedy = _store(state)
    yield Line(_GROUP, "store", status, seen, remedy)


def _store(state: StoreState) -> tuple[Status, str, str]:
    if not state.there:
        return Status.WARNING, f"{state.url} is not there yet", "import the list: newsletter subscribers import"
    if state.unknown:
        seen = f"{state.url} was written by a newer newsletter: its tables have version {state.version}"
        return Status.ERROR, seen, "update this program"
    if state.pending:
        seen = f"{state.url} has tables of version {state.version or 'none'}; to come: {listed(state.pending)}"
        return Status.WARNING, seen, "save a copy of it; the next command that opens it brings it up to date"
    if not state.readers:
        return Status.WARNING, f"{state.url}: nobody on the list may be mailed", "import the list"
    return Status.OK, f"{state.url}, {state.readers:,} on the list may be mailed", ""


def mailings(facts: Facts) -> Iterator[Line]:
    """Say whether mailings that are not finished, or only scheduled, can go on with the bytes that they began with."""
    if not facts.builds:
        return
    stuck = []
    for mailing, digest in facts.builds.items():
        if isinstance(digest, Unseen):
            stuck.append(f"{mailing.issue} cannot go on: {digest.why}")
        elif digest != mailing.digest:
            stuck.append(f"{mailing.issue} began with other contents than its files have now, and cannot go on")
    if stuck:
        remedy = "put issue, layout and publication back as they were, or give it up with `newsletter cancel`"
        yield Line(_GROUP, "open-mailings", Status.ERROR, "; ".join(stuck), remedy)
    else:
        names = listed(each.issue for each in facts.builds)
        yield Line(_GROUP, "open-mailings", Status.OK, f"{names} can go on as begun")


def keys(facts: Facts) -> Iterator[Line]:
    """Say whether there is a key to sign unsubscribe links with, and whether it is long enough to keep them safe."""
    name = "NEWSLETTER_SECRET"
    if not facts.keys:
        known = facts.publication
        soon = not isinstance(known, Unseen) and known.transport is TransportName.OUTBOX
        status = Status.WARNING if soon else Status.ERROR
        yield Line(_GROUP, "keys", status, f"{name} is not set; it signs the unsubscribe links", _MAKE)
    elif min(facts.keys) < facts.shortest_key:
        seen = f"a key in {name} has {min(facts.keys)} characters, fewer than {facts.shortest_key}"
        yield Line(_GROUP, "keys", Status.ERROR, seen, f"{_MAKE}; append it after a comma, the short one stays out")
    else:
        more = f"; {len(facts.keys) - 1} older accepted" if len(facts.keys) > 1 else ""
        yield Line(_GROUP, "keys", Status.OK, f"{name} signs with a key of {facts.keys[-1]} characters{more}")


def addresses(facts: Facts) -> Iterator[Line]:
    """Say whether the links that readers get lead to encrypted pages (RFC 8058 3.1 asks for HTTPS)."""
    known = facts.publication
    if isinstance(known, Unseen):
        return
    key = "public_url" if known.public_url else "site"
    if urlsplit(known.public).scheme == "https":
        yield Line(_GROUP, "public-url", Status.OK, f"links lead to {known.public}, by {key}")
        return
    seen = f"links lead to {known.public}, which is not encrypted; mail programs show no button for it"
    yield Line(
        _GROUP, "public-url", Status.ERROR, seen, f"write https:// in {key}, and serve it", source="RFC 8058, 3.1"
    )

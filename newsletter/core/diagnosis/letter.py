"""The message as readers get it: what its headers and its words say to who filters mail."""

from __future__ import annotations

from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

from newsletter.core.diagnosis.blank import unanswered
from newsletter.core.diagnosis.facts import Cause, Facts, Unseen
from newsletter.core.diagnosis.line import Group, Line, Status
from newsletter.core.diagnosis.names import Fate, Question

_GROUP = Group.MAIL
_RECIPE = "this program writes it; report that it is not there, with the layout and the issue"
# Domains whose owners publish p=reject or p=quarantine, or demand their own servers: mail from there must not be sent
# by anybody else. Google, "Email sender guidelines"; Yahoo Sender Hub; Microsoft's requirements, all three.
_FREE_MAIL = """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.fr yahoo.de yahoo.co.jp ymail.com rocketmail.com aol.com
    outlook.com hotmail.com hotmail.co.uk hotmail.fr live.com live.co.uk msn.com icloud.com me.com mac.com gmx.com
    gmx.net gmx.de gmx.at web.de mail.com mail.ru yandex.ru yandex.com proton.me protonmail.com fastmail.com
    zoho.com comcast.net verizon.net att.net sbcglobal.net orange.fr free.fr laposte.net libero.it t-online.de
    qq.com 163.com 126.com naver.com
"""
FREE_MAIL = frozenset(_FREE_MAIL.split())
_NO_MAILBOX = ("noreply", "no-reply", "donotreply", "do-not-reply")


def headers(facts: Facts) -> Iterator[Line]:
    """Say whether the built message has what lets mail programs show their own button, and name the list."""
    if isinstance(facts.letter, Unseen):
        for check in ("one-click", "list-id", "body-link"):
            why = "needs an issue that builds" if facts.letter.cause is Cause.FAILED else facts.letter.why
            yield Line(_GROUP, check, Status.UNSEEN, why)
        return
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(facts.letter.message)
    yield _one_click(message)
    yield _list_id(message)
    yield _body_link(message)


def _one_click(message: EmailMessage) -> Line:
    link, post = str(message["List-Unsubscribe"] or ""), str(message["List-Unsubscribe-Post"] or "")
    source = "RFC 8058, 3.1"
    if post != "List-Unsubscribe=One-Click" or not link:
        seen = "List-Unsubscribe and List-Unsubscribe-Post are not both in the message"
        return Line(_GROUP, "one-click", Status.ERROR, seen, _RECIPE, source=source)
    if not link.startswith("<https://"):
        remedy = "serve the public pages encrypted, and write https:// in public_url"
        return Line(_GROUP, "one-click", Status.ERROR, f"List-Unsubscribe is {link}, not HTTPS", remedy, source=source)
    seen = f"List-Unsubscribe: {link}, with List-Unsubscribe-Post; SES signs both"
    return Line(_GROUP, "one-click", Status.OK, seen, source=source)


def _list_id(message: EmailMessage) -> Line:
    found = str(message["List-Id"] or "")
    if "." not in found.rpartition("<")[2]:
        return Line(_GROUP, "list-id", Status.WARNING, f"List-Id is {found or 'not there'}", _RECIPE, source="RFC 2919")
    return Line(_GROUP, "list-id", Status.OK, f"List-Id: {found}", source="RFC 2919")


def _body_link(message: EmailMessage) -> Line:
    link = str(message["List-Unsubscribe"] or "").strip("<>")
    parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
    source = "Google; CAN-SPAM, 15 U.S.C. 7704(a)(3)"
    without = [kind for kind in ("text/plain", "text/html") if link not in str(parts.get(kind, ""))]
    if link and not without:
        return Line(_GROUP, "body-link", Status.OK, "text and HTML show the link to unsubscribe", source=source)
    seen = f"{' and '.join(without)} show no link to unsubscribe"
    return Line(_GROUP, "body-link", Status.ERROR, seen, "put links.unsubscribe into the layout", source=source)


def sender(facts: Facts) -> Iterator[Line]:
    """Say whether the From address is one that a newsletter may have."""
    known = facts.publication
    if isinstance(known, Unseen):
        return
    address = known.sender.address
    domain = address.rpartition("@")[2].lower()
    if domain in FREE_MAIL:
        seen = f"{address} is at {domain}, whose DMARC policy lets nobody else send mail from there"
        remedy = "send from a domain of your own: change sender.address in publication.yaml"
        yield Line(_GROUP, "from", Status.ERROR, seen, remedy, source="Google; RFC 7489, 6.3")
        return
    yield Line(_GROUP, "from", Status.OK, f"From: {address}, a domain of its own", source="RFC 5322, 3.6.2")


def replies(facts: Facts) -> Iterator[Line]:
    """Say whether somebody can answer: an address that is meant to be read, at a domain that takes mail."""
    known = facts.publication
    if isinstance(known, Unseen):
        return
    address = known.reply_to or known.sender.address
    local, _, domain = address.lower().rpartition("@")
    source = "Microsoft; RFC 5321, 5.1"
    question = Question(domain, "MX")
    lookup = facts.lookups.get(question)
    instead = Question(domain, "A")  # without MX, mail goes to the address of the domain itself
    other = facts.lookups.get(instead)
    remedy = "set reply_to in publication.yaml to an address that somebody reads"
    if local.startswith(_NO_MAILBOX):
        seen = f"replies go to {address}, which says that nobody reads them"
        yield Line(_GROUP, "reply-to", Status.WARNING, seen, remedy, source=source)
    elif lookup is None or not lookup.fate.certain:
        yield unanswered(_GROUP, "reply-to", question, lookup)
    elif lookup.fate is Fate.FOUND and lookup.values[0].split()[-1] != ".":
        host = lookup.values[0].split()[-1]
        yield Line(_GROUP, "reply-to", Status.OK, f"replies go to {address}; {host} takes them", source=source)
    elif lookup.fate is Fate.NO_RECORD and other and not other.fate.certain:
        yield unanswered(_GROUP, "reply-to", instead, other)
    elif lookup.fate is Fate.NO_RECORD and other and other.fate is Fate.FOUND:
        seen = f"replies go to {address}; its domain has no MX record, and one address"
        yield Line(_GROUP, "reply-to", Status.OK, seen, source=source)
    else:
        why = "takes no mail (RFC 7505)" if lookup.fate is Fate.FOUND else f"has no MX record: {lookup.fate}"
        yield Line(_GROUP, "reply-to", Status.ERROR, f"replies go to {address}; {domain} {why}", remedy, source=source)

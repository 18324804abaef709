"""The unsubscribe link, tried as a mail program tries it, with links that belong to nobody: nothing can change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from newsletter.core.diagnosis.blank import blank
from newsletter.core.diagnosis.facts import Cause, Facts, Reply, Unseen
from newsletter.core.diagnosis.line import Group, Line, Status
from newsletter.core.links import inert_link

_Judge: TypeAlias = Callable[[Reply], tuple[Status, str, str]]

_GROUP = Group.DOOR
_SERVE = (
    "let `newsletter serve` answer at this address, or name in public_url the function that `newsletter aws setup"
    " --unsubscribe` makes: see 'The public doors' in README.md"
)


def door(facts: Facts) -> Iterator[Line]:
    """Say whether the page takes one click, shows something to who only looks, and knows our links from others."""
    if isinstance(facts.publication, Unseen):
        return
    link = inert_link(facts.publication.public, "unsubscribe")
    yield _line("unsubscribe-post", facts.post, _post, link, "RFC 8058, 3.1 and 3.2")
    yield _line("unsubscribe-get", facts.get, _get, link, "RFC 8058, 3.1")
    yield _key(facts)


def _line(check: str, reply: Reply | Unseen, judged: _Judge, link: str, source: str) -> Line:
    if isinstance(reply, Unseen):
        if reply.cause is Cause.FAILED:
            return Line(_GROUP, check, Status.ERROR, f"{link}: {reply.why}", reply.hint or _SERVE, source=source)
        return blank(_GROUP, check, reply)
    status, seen, remedy = judged(reply)
    return Line(_GROUP, check, status, f"{seen} ({link})", remedy, source=source)


def _post(reply: Reply) -> tuple[Status, str, str]:
    said = f"a one-click POST is answered {reply.status}"
    if 200 <= reply.status < 300:
        return Status.OK, said, ""
    if 300 <= reply.status < 400:
        remedy = f"let public_url be the address that answers itself, without redirection to {reply.location}"
        return Status.ERROR, f"{said}, a redirection: mail programs do not follow it", remedy
    if reply.status in {401, 403}:
        return Status.ERROR, f"{said}: it wants a login, or a firewall is in the way", "let POST through without either"
    if reply.status == 405:
        return Status.ERROR, f"{said}: only looking is allowed", "let the web server pass POST on to the public pages"
    if reply.status == 404:
        return Status.ERROR, f"{said}: nothing is there", _SERVE
    return Status.ERROR, said, "look into the log of what answers there"


def _get(reply: Reply) -> tuple[Status, str, str]:
    said = f"a GET is answered {reply.status}"
    if 200 <= reply.status < 300:
        return Status.OK, f"{said}, with a page that mail programs may look at", ""
    if 300 <= reply.status < 400:
        return Status.WARNING, f"{said}, a redirection to {reply.location}", "let the page answer at public_url itself"
    return Status.ERROR, f"{said}: who clicks the link in a letter sees an error", _SERVE


def _key(facts: Facts) -> Line:
    """Say whether the page knows our links: one that answers anything would take every click, and do nothing."""
    check, signed, forged = "unsubscribe-key", facts.signed, facts.forged
    there = isinstance(facts.get, Reply) and facts.get.status < 400
    for reply in (signed, forged):
        if isinstance(reply, Unseen) and reply.cause is not Cause.FAILED:
            return blank(_GROUP, check, reply)
    if isinstance(signed, Unseen) or isinstance(forged, Unseen) or not there:
        return Line(_GROUP, check, Status.UNSEEN, "needs an answer of the page")
    if signed.status >= 400:
        seen = f"a link signed here is answered {signed.status}: the page does not know this NEWSLETTER_SECRET"
        remedy = "run the public pages with this version and the same NEWSLETTER_SECRET, older keys before it"
        return Line(_GROUP, check, Status.ERROR, seen, remedy)
    if forged.status < 400:
        seen = f"a link that was made up is answered {forged.status} too: it is not the newsletter's page that answers"
        return Line(_GROUP, check, Status.ERROR, seen, _SERVE)
    return Line(_GROUP, check, Status.OK, "links signed here are known, and others are not")

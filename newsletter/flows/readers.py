"""What readers do at the public doors: sign up, confirm, leave, come back, choose, and see an issue in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from newsletter.core.acts import Amend, By, Confirm, Pause, Return, SignUp, Unsubscribe, link_in
from newsletter.core.address import valid_address
from newsletter.core.assets import Asset, located
from newsletter.core.audience import EVERYBODY
from newsletter.core.audience.writing import written
from newsletter.core.build import Build
from newsletter.core.delivery import Accepted, Deferred, InDoubt, Mailing, Outcome, Refused
from newsletter.core.facts import reading
from newsletter.core.library import Kept
from newsletter.core.links import Bearer
from newsletter.core.orders import Wish
from newsletter.core.ports.readers import Readers, Whom
from newsletter.core.ports.sending import Mailings
from newsletter.core.render.untracked import bare
from newsletter.core.subscriber import Consent, Standing, Subscriber, address_key
from newsletter.errors import NewsletterError
from newsletter.flows.errands import Later
from newsletter.flows.letters import CONFIRM, WELCOME, Letters, Post

ONE_MAIL_IN = timedelta(minutes=10)  # to the same address that asks to confirm, across restarts
LONGEST_NAME = 100
LONGEST_PAUSE = timedelta(days=366)
# Who may be asked to confirm. Whoever is on the list needs no mail, and whose address is blocked gets none.
_MAY_SIGN_UP = frozenset({Standing.UNCONFIRMED, Standing.UNSUBSCRIBED, Standing.REMOVED})


@dataclass(frozen=True, slots=True)
class Reception:
    """The ports that the doors need.

    `tell` is told in one line what went wrong, without an address; `later` does what no answer waits for.
    """

    readers: Readers
    mailings: Mailings
    kept: Kept
    post: Post
    letters: Letters
    new_uid: Callable[[], str]
    tell: Callable[[str], None]
    later: Later

    @property
    def now(self) -> datetime:
        """Return the time, UTC."""
        return self.post.clock.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a reader writes into a form; of `topics`, only those that the publication has count."""

    first_name: str = ""
    last_name: str = ""
    topics: frozenset[str] = field(default_factory=frozenset)


class Asked(StrEnum):
    """What became of a sign-up, as the reader is told: nobody learns who is on the list."""

    YES = "look into your mailbox"
    WRONG = "not an address"


def sign_up(at: Reception, address: str, wishes: Wishes, ip: str) -> Asked:
    """Ask whoever has an address whether they want to be mailed.

    That is done later, and tried again while it fails: an answer that knew of it would tell who is on the list.

    Raises:
        StoreError: the store does not answer, whoever it is.
    """
    try:
        address = valid_address(address)
    except ValueError:
        return Asked.WRONG
    now = at.now
    known = at.readers.find(Whom(address=address))
    if not known or _may_be_asked(known, now):
        at.later(address_key(address), lambda: _invite(at, address, wishes, Consent("the sign-up form", now, ip)))
    return Asked.YES


def _invite(at: Reception, address: str, wishes: Wishes, consent: Consent) -> bool:
    """Send the mail that asks to confirm, and only when it is on its way write it down; tell whether that is done."""
    known = at.readers.find(Whom(address=address))
    if known and not _may_be_asked(known, at.now):
        return True
    reader = known or Subscriber(address=address, uid=at.new_uid())
    outcome = at.post.send(at.letters.confirmation.build, reader, kind=CONFIRM)
    if not isinstance(outcome, Accepted | InDoubt):
        again = isinstance(outcome, Deferred)
        said = f"a mail that asks to confirm was not sent{', and is tried again' if again else ''}"
        at.tell(f"{said}: {_unnamed(outcome.reason, reader)}")
        return not again
    act = SignUp(
        consent=consent,
        first_name=_name(wishes.first_name),
        last_name=_name(wishes.last_name),
        tags=_topics(at, wishes),
        uid=reader.uid,
    )
    at.readers.change(Whom(address=address), act, at.now)
    return True


def _unnamed(reason: str, reader: Subscriber) -> str:
    """Return what a transport said without the reader's address, which SES likes to repeat."""
    return re.sub(re.escape(reader.address), "(the reader)", reason, flags=re.IGNORECASE)


def _may_be_asked(known: Subscriber, now: datetime) -> bool:
    if known.standing is Standing.UNCONFIRMED and known.consent.at:
        return abs(now - known.consent.at) >= ONE_MAIL_IN  # a list from elsewhere may say that it will happen yet
    return known.standing in _MAY_SIGN_UP


def confirm(at: Reception, bearer: Bearer, ip: str) -> bool:
    """Put whoever signed up on the list, and welcome them; tell whether they are on it."""
    step = at.readers.change(Whom(uid=bearer.subscriber_uid), Confirm(ip), at.now)
    if step and step.entry:
        welcome(at, step.subscriber)
    return step is not None and step.subscriber.standing.mailable


def welcome(at: Reception, reader: Subscriber) -> None:
    """Send the welcome and the latest issue, if the publication has them; a failure is told, and undoes nothing."""
    for send in (_send_welcome, _send_latest):
        try:
            outcome = send(at, reader)
        except NewsletterError as err:
            outcome = Refused(err.message)
        if outcome and not isinstance(outcome, Accepted):
            at.tell(f"a welcome may not have been sent: {_unnamed(outcome.reason, reader)}")


def _send_welcome(at: Reception, reader: Subscriber) -> Outcome | None:
    return at.post.send(at.letters.welcome.build, reader, kind=WELCOME) if at.letters.welcome else None


def _send_latest(at: Reception, reader: Subscriber) -> Outcome | None:
    latest = _latest(at) if at.letters.publication.welcome_with_latest else None
    return at.post.send(latest[1], reader, kind="latest", mailing_uid=latest[0].uid) if latest else None


def _latest(at: Reception) -> tuple[Mailing, Build] | None:
    """Return the last mailing to everybody that went out whole, by the way that the doors send by, and its build."""
    everybody = written(EVERYBODY.expression)
    for mailing in reversed(at.mailings.of()):
        whole = mailing.finished_at and mailing.wish is not Wish.CANCEL and mailing.audience == everybody
        if whole and mailing.transport == at.post.transport.name and (build := at.kept.get(mailing.uid)):
            return mailing, build
    return None


def leave(at: Reception, bearer: Bearer) -> None:
    """Take somebody off the list, at once; whoever is not on it stays off it."""
    at.readers.change(Whom(uid=bearer.subscriber_uid), Unsubscribe(link_in(bearer.mailing_uid)), at.now)


def come_back(at: Reception, bearer: Bearer, ip: str) -> bool:
    """Take back what `leave` did, for whoever holds the link on its page; tell whether they are on the list.

    That link was reached from one in their mailbox, so it is a confirmation too.
    """
    step = at.readers.change(Whom(uid=bearer.subscriber_uid), Return("the page after leaving", ip), at.now)
    return step is not None and step.subscriber.standing.mailable


def reader_of(at: Reception, bearer: Bearer) -> Subscriber | None:
    """Return whom a link belongs to, if they are on the list; a pause that is over is none."""
    known = at.readers.find(Whom(uid=bearer.subscriber_uid))
    if not (known and known.standing.mailable):
        return None
    over = known.paused_until and known.paused_until <= at.now
    return replace(known, paused_until=None) if over else known


def prefer(at: Reception, bearer: Bearer, wishes: Wishes, paused_until: datetime | None) -> Subscriber | None:
    """Change names, topics and pause as a reader wishes; return them, or None if they are not on the list."""
    whom, known = Whom(uid=bearer.subscriber_uid), reader_of(at, bearer)
    if known is None:
        return None
    chosen, topics = _topics(at, wishes), frozenset(at.letters.publication.topics)
    amend = Amend(
        by=By.READER,
        first_name=_name(wishes.first_name),
        last_name=_name(wishes.last_name),
        add=chosen,
        remove=topics - chosen,
    )
    at.readers.change(whom, amend, at.now)
    at.readers.change(whom, Pause(paused_until), at.now)
    return reader_of(at, bearer)


def may_pause(until: datetime, now: datetime) -> bool:
    """Tell whether a pause may last until then."""
    return now < until <= now + LONGEST_PAUSE


def view(at: Reception, bearer: Bearer, *, pictures: str, door: Callable[[str], str]) -> str | None:
    """Return what a reader got in a mailing as a page, or None if it is not kept.

    Its links of the reader lead to `door` of their names instead: whoever is shown the page can neither take them
    off the list nor see their preferences. `pictures` stands before the names of pictures that have no address.
    """
    build = at.kept.get(bearer.mailing_uid)
    if build is None:
        return None
    reader = at.readers.find(Whom(uid=bearer.subscriber_uid)) or Subscriber(address="")
    facts = reading(build.asked)(reader)
    html = build.html_template(build.seen_by(facts)).fill(lambda each: each.value(reader, door))
    return located(bare(html), at.letters.publication.pictures_at or pictures)


def picture(at: Reception, mailing_uid: str, name: str) -> Asset | None:
    """Return a picture of a mailing that is kept."""
    build = at.kept.get(mailing_uid)
    return next((each for each in build.assets if each.name == name), None) if build else None


def _topics(at: Reception, wishes: Wishes) -> frozenset[str]:
    return wishes.topics & frozenset(at.letters.publication.topics)


def _name(text: str) -> str:
    return " ".join(text.split())[:LONGEST_NAME]

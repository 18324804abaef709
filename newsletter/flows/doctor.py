"""The doctor: gather facts here, and outside if that is wanted; each question by itself, none for long; then diagnose.

Outside it goes in rounds, because some questions follow from answers: the account and the door, then the identity, the
configuration set and the queue, then the topic's subscriptions, and beside these the names in the DNS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

from newsletter.core.diagnosis.all import diagnose
from newsletter.core.diagnosis.domain import dkim_records, sender_domain
from newsletter.core.diagnosis.events import topic_of
from newsletter.core.diagnosis.facts import Account, Cause, Facts, Identity, Letter, RoundTrip, Unseen
from newsletter.core.diagnosis.line import Line
from newsletter.core.diagnosis.names import Fate, Known, Lookup, above, questions
from newsletter.core.diagnosis.ports import Desk, EventPath, Names, StoreLook, Visitor
from newsletter.core.library import Layouts, Library
from newsletter.core.links import inert_link
from newsletter.core.ports.sending import Clock
from newsletter.core.publication import Publication, parse_publication
from newsletter.core.source import read
from newsletter.errors import InvalidSource, NewsletterError
from newsletter.flows.asking import together
from newsletter.flows.build import edition, sample_message
from newsletter.flows.layout_check import check

PATIENCE = 15.0  # seconds for each round
MOST_ROUNDS = 6  # of names: what an SPF record includes may include more
_NO_PUBLICATION = Unseen(Cause.NOT_ASKED, "needs a publication.yaml that can be read")
_NO_KEY = Unseen(Cause.NOT_ASKED, "needs a key in NEWSLETTER_SECRET")
_OTHERS = (
    *("layout", "letter", "store", "caller", "account", "identity", "configuration_set"),
    *("subscriptions", "queue", "get", "post", "signed", "forged", "round_trip"),
)
_NO_ANSWER = Unseen(Cause.NOT_ASKED, "needs an answer of Amazon SES")

Found = TypeVar("Found")


class Files(Library, Layouts, Protocol):
    """The files of a publication."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What can be looked at here; `keys` are how many characters each signing key has."""

    files: Files
    environment: Mapping[str, str]
    store: StoreLook | Unseen
    keys: tuple[int, ...]
    shortest_key: int


@dataclass(frozen=True, slots=True)
class Outside:
    """Who can be asked outside."""

    desk: Desk | Unseen
    path: EventPath | Unseen
    names: Names
    visitor: Visitor
    clock: Clock
    patience: float = PATIENCE
    signed: str = ""  # a link with our signature that belongs to nobody, where there is a key


def examine(
    ground: Ground, outside: Outside | None = None, trip: Callable[[], RoundTrip | Unseen] | None = None
) -> Sequence[Line]:
    """Return the diagnosis; without `outside` nothing leaves the machine. `trip` makes the round trip."""
    facts = facts_here(ground)
    if outside:
        facts = facts_outside(facts, outside)
        facts = replace(facts, round_trip=_round_trip(facts, trip)) if trip else facts
    return diagnose(facts)


def _round_trip(facts: Facts, trip: Callable[[], RoundTrip | Unseen]) -> RoundTrip | Unseen:
    """Make the round trip, where there is any hope."""
    if isinstance(facts.account, Unseen):
        return _NO_ANSWER
    if isinstance(facts.publication, Unseen):
        return _NO_PUBLICATION
    for key in ("configuration_set", "feedback_queue"):
        if getattr(facts.publication.ses, key) is None:
            return _unnamed(f"ses.{key}")
    return trip()


def facts_here(ground: Ground) -> Facts:
    """Gather what can be known without leaving the machine."""
    files, environment = ground.files, ground.environment
    publication = _tried(lambda: parse_publication(read(files.publication(), "publication.yaml"), environment))
    facts = Facts(publication=publication, keys=ground.keys, shortest_key=ground.shortest_key)
    if isinstance(publication, Unseen):
        return replace(facts, **dict.fromkeys(_OTHERS, _NO_PUBLICATION))  # type: ignore[arg-type] # all may be unseen
    store = ground.store if isinstance(ground.store, Unseen) else ground.store.look()
    begun = () if isinstance(store, Unseen) else store.mailings
    return replace(
        facts,
        layout=_tried(lambda: _layout(files, environment)),
        letter=_tried(lambda: _letter(files, environment)),
        store=store,
        builds={
            each: _tried(partial(_digest, files, each.issue, environment))
            for each in begun
            if each.transport == publication.transport
        },
    )


def _tried(make: Callable[[], Found]) -> Found | Unseen:
    try:
        return make()
    except InvalidSource as err:
        return Unseen(Cause.FAILED, "; ".join(map(str, err.problems)), "correct the file, then look again")
    except NewsletterError as err:
        return Unseen(Cause.FAILED, err.message, err.hint)


def _layout(files: Files, environment: Mapping[str, str]) -> str:
    checked = check(files, None, environment)
    if checked.errors:
        raise InvalidSource(checked.errors)
    warnings = f", {len(checked.warnings)} warnings (newsletter layout check)" if checked.warnings else ""
    return f"{checked.name}: {checked.templates} templates without an error{warnings}"


def _letter(files: Files, environment: Mapping[str, str]) -> Letter:
    made = edition(files, files.issue_name(None), environment)
    return Letter(made.build.issue, sample_message(made, made.build.variants[0]))


def _digest(files: Files, issue: str, environment: Mapping[str, str]) -> str:
    return edition(files, issue, environment).build.digest


def facts_outside(facts: Facts, outside: Outside) -> Facts:
    """Add what is known outside to what is known here."""
    publication = facts.publication
    if isinstance(publication, Unseen):
        return facts
    facts = _account_and_door(facts, publication, outside)
    facts = _account_s_things(facts, publication, outside)
    return _names(_subscriptions(facts, outside), publication, outside)


def _account_and_door(facts: Facts, publication: Publication, outside: Outside) -> Facts:
    desk, link = outside.desk, inert_link(publication.public, "unsubscribe")
    asked: dict[str, Callable[[], object]] = {
        "post": partial(outside.visitor.visit, "POST", link),
        "get": partial(outside.visitor.visit, "GET", link),
        "signed": lambda: outside.visitor.visit("GET", outside.signed) if outside.signed else _NO_KEY,
        "forged": partial(outside.visitor.visit, "GET", f"{link}-forged"),
        "caller": lambda: desk if isinstance(desk, Unseen) else desk.caller(),
        "account": lambda: _NO_ANSWER if isinstance(desk, Unseen) else _timed(desk, outside.clock),
    }
    found = _all(asked, outside)
    account, skew = found.pop("account"), None
    if isinstance(account, tuple):
        account, skew = account
    return replace(facts, **found, account=account, skew=skew)  # type: ignore[arg-type] # as the ports return them


def _timed(desk: Desk, clock: Clock) -> tuple[Account | Unseen, float | None]:
    account = desk.account()
    said = account.said_at
    return account, (clock.now() - said).total_seconds() if said else None


def _account_s_things(facts: Facts, publication: Publication, outside: Outside) -> Facts:
    desk, path, name = outside.desk, outside.path, publication.ses.configuration_set
    if isinstance(desk, Unseen) or (isinstance(facts.account, Unseen) and facts.account.cause is Cause.FAILED):
        return replace(
            facts,
            identity=_NO_ANSWER,
            configuration_set=_NO_ANSWER,
            queue=_NO_ANSWER,
            subscriptions=_NO_ANSWER,
        )
    asked: dict[str, Callable[[], object]] = {
        "identity": lambda: _identity(desk, publication.sender.address),
        "sends": lambda: desk.try_sending(publication.sender.address),
        "configuration_set": lambda: desk.configuration_set(name) if name else _unnamed("ses.configuration_set"),
        "queue": lambda: path if isinstance(path, Unseen) else path.queue(),
    }
    found = _all(asked, outside)
    if isinstance(sends := found["sends"], Unseen):
        found["sends"] = {action: replace(sends, action=action) for action in ("ses:SendEmail", "ses:SendBulkEmail")}
    return replace(facts, **found)  # type: ignore[arg-type] # as the ports return them


def _identity(desk: Desk, address: str) -> Identity | Unseen:
    """Return the identity that mail from an address is sent under: its domain, one above it, or the address alone."""
    found: Identity | Unseen = Unseen(Cause.NOT_THERE, "no identity")
    for name in (*above(address.rpartition("@")[2]), address):
        found = desk.identity(name)
        if not isinstance(found, Unseen) or found.cause is not Cause.NOT_THERE:
            break
    return found


def _unnamed(key: str) -> Unseen:
    return Unseen(Cause.NOT_ASKED, f"{key} is not set")


def _subscriptions(facts: Facts, outside: Outside) -> Facts:
    topic, path = topic_of(facts), outside.path
    if topic is None:
        return facts
    asked: dict[str, Callable[[], object]] = {
        "subscriptions": lambda: path if isinstance(path, Unseen) else path.subscriptions(topic)
    }
    return replace(facts, **_all(asked, outside))  # type: ignore[arg-type] # as the port returns them


def _names(facts: Facts, publication: Publication, outside: Outside) -> Facts:
    """Look up every name that matters; answers lead to more names, for some rounds."""
    identity = facts.identity
    mail_from = "" if isinstance(identity, Unseen) else identity.mail_from.lower()
    dkim = {} if isinstance(identity, Unseen) else {each.name.lower(): each.type for each in dkim_records(identity)}
    replies = (publication.reply_to or publication.sender.address).rpartition("@")[2].lower()
    known: Known = {}
    for _ in range(MOST_ROUNDS):
        wanted = questions(sender_domain(facts), replies, mail_from, dkim, known)
        if not wanted:
            break
        asked = {each: partial(outside.names.look_up, each) for each in wanted}
        found = together(asked, outside.clock, outside.patience)
        known = {**known, **{each: found.get(each, Lookup(Fate.SILENT)) for each in wanted}}
    return replace(facts, lookups=known)


def _all(asked: Mapping[str, Callable[[], object]], outside: Outside) -> dict[str, object]:
    """Return all answers; in place of one that did not come, that it did not."""
    found = together(asked, outside.clock, outside.patience)
    late = Unseen(Cause.FAILED, f"no answer within {outside.patience:g} seconds", "check the network, and look again")
    return {name: found.get(name, late) for name in asked}

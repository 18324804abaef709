"""What a send would do, found out before anything is written: to whom, by which orders, when; or why it may not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from newsletter.core.account import Forecast
from newsletter.core.audience import Audience
from newsletter.core.audience.parsing import MAX_DEPTH, parse
from newsletter.core.audience.terms import Everybody, Expression
from newsletter.core.audience.writing import alike
from newsletter.core.delivery import Mailing
from newsletter.core.issue import Greeting
from newsletter.core.orders import AT_ONCE, Orders, Wish
from newsletter.core.plan import Leg, Means, legs
from newsletter.core.ways import Allowance
from newsletter.errors import BadInput, MailingStopped
from newsletter.flows.assets import Pictures, in_place
from newsletter.flows.build import Edition
from newsletter.flows.hold import ahead, sent_today
from newsletter.flows.office import Office


@dataclass(frozen=True, slots=True)
class Request:
    """What the editor asks for: to whom, how, and whether to help others who are sending already.

    `audience`: by default everybody, or whom the mailing has that is to be continued.
    `only_missing`: to those whom earlier mailings of this issue did not reach, which there must be.
    """

    audience: Expression | None = None
    orders: Orders = AT_ONCE
    join: bool = False
    only_missing: bool = False

    def audience_at(self, moment: datetime, through: str) -> Audience:
        """Return the audience of a mailing begun at a moment (UTC), through the transport of that name."""
        return Audience.at(self.audience or Everybody(), moment, through)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a send would do, shown before the editor says yes.

    `unfinished` is a mailing to be continued; it goes to the audience that it was frozen with, under its own orders
    unless new ones are given, and the forecast is its account. `heard`: what comes back is listened to while it goes
    out.
    """

    edition: Edition
    digest: str
    request: Request
    audience: Audience
    orders: Orders
    forecast: Forecast
    unfinished: Mailing | None
    tested_at: datetime | None
    allowance: Allowance
    legs: Sequence[Leg]
    pictures: Pictures | None = None
    heard: bool = False

    @property
    def to_send(self) -> int:
        """Return how many are to be mailed."""
        return self.forecast.to_send


def plan(made: Edition, request: Request, office: Office) -> Plan:
    """Find out what a send would do; nothing is written.

    Raises:
        BadInput: a mailing of this issue has begun with another build or another audience, or there is none to join,
            or a picture is missing, or it is no issue.
        NotConfigured: pictures have no address.
        MailingStopped: the editor has paused the mailing.
    """
    _check_issue(made)
    pictures = in_place(made, office.pictures)
    issue, transport = made.build.issue, office.transport.name
    unfinished = office.mailings.unfinished(issue, transport)
    digest = made.build.digest
    _check_request(request, unfinished, issue, office)
    audience, orders = request.audience_at(office.clock.now(), transport), request.orders
    if unfinished:
        _check_same(unfinished, digest, request.audience)
        audience, orders = _frozen(unfinished), unfinished.orders.renewed(orders)
    allowance = office.transport.allowance()
    now = office.clock.now()
    account = office.ledger.account(unfinished) if unfinished else None
    if account is None:
        forecast = office.mailings.forecast(issue, audience, transport, max(now, orders.begin or now))
    else:  # to whom it goes was settled when it was frozen: every sender that joins would go through the list in vain
        forecast = Forecast(to_send=account.open, already=account.settled)
    return Plan(
        edition=made,
        digest=digest,
        request=request,
        audience=audience,
        orders=orders,
        forecast=forecast,
        unfinished=unfinished,
        tested_at=office.tests.last(digest),
        allowance=allowance,
        legs=_legs(
            forecast.to_send, allowance, ahead(orders, account, heard=office.feedback.wanted), unfinished, office
        ),
        pictures=pictures,
        heard=office.feedback.wanted,
    )


def _legs(
    to_send: int, allowance: Allowance, orders: Orders, unfinished: Mailing | None, office: Office
) -> Sequence[Leg]:
    means, now = Means(allowance.per_second, allowance.left_today, allowance.per_day), office.clock.now()
    if unfinished is None or not orders.warm_up:
        return legs(to_send, means, orders, now)
    began = replace(unfinished, orders=orders).goes_out_at
    return legs(to_send, means, orders, now, since=began, sent_today=sent_today(office.ledger, unfinished, now))


def _check_issue(made: Edition) -> None:
    """Refuse a mail of the doors: a welcome is for whoever confirms, and need not show how to unsubscribe."""
    if isinstance(made.issue, Greeting):
        hint = "give it all three, and call its file like vol-2-issue-4.yaml"
        raise BadInput(f"{made.build.issue} is no issue: it has neither volume, number nor date", hint=hint)


def _check_request(request: Request, unfinished: Mailing | None, issue: str, office: Office) -> None:
    if request.join and unfinished is None:
        raise BadInput(f"no mailing of {issue} is open to join", hint="leave --join out to begin one")
    if request.only_missing and unfinished is None:
        reached = any(each.transport == office.transport.name for each in office.mailings.of(issue))
        if not reached:
            raise BadInput(f"{issue} was never sent, so nobody is missing", hint="leave --only-missing out")
    if unfinished and unfinished.wish is Wish.PAUSE and not request.join:
        raise MailingStopped(f"the mailing of {issue} is paused", hint=f"newsletter resume {issue} lets it go on")


def _frozen(mailing: Mailing) -> Audience:
    # Written by this program, of an expression and tags beside it: it may be a little deeper than what editors write.
    return Audience(parse(mailing.audience, deepest=MAX_DEPTH + 2), mailing.transport)


def _check_same(unfinished: Mailing, digest: str, audience: Expression | None) -> None:
    begun = f"a mailing of {unfinished.issue} began on {unfinished.created_at:%Y-%m-%d %H:%M} UTC"
    if unfinished.digest != digest:
        raise BadInput(
            f"{begun} with other contents (digest {unfinished.digest[:12]}, now {digest[:12]})",
            hint="put issue, layout and publication back as they were, so that the rest get what the others got",
        )
    if audience is None:
        return
    frozen = _frozen(unfinished)
    asked = Audience.at(audience, unfinished.created_at, unfinished.transport)  # what the same words meant then
    if not alike(asked.expression, frozen.expression):
        raise BadInput(f"{begun} for {frozen}", hint="finish it without --to and --tag, then send to the others")

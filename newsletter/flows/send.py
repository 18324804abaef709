"""Send an issue: guard -> freeze the audience -> deliver (`flows.deliver`) -> account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from newsletter.core.audience import Audience
from newsletter.core.audience.parsing import MAX_DEPTH, parse
from newsletter.core.audience.terms import Everybody, Expression
from newsletter.core.audience.writing import alike
from newsletter.core.delivery import Account, Forecast, Mailing, NewMailing, State
from newsletter.core.issue import Greeting
from newsletter.core.orders import AT_ONCE, Orders, Wish
from newsletter.core.pace import Pace
from newsletter.core.plan import Leg, Means, legs
from newsletter.core.ways import Allowance
from newsletter.errors import BadInput, MailingStopped
from newsletter.flows.assets import Pictures, in_place
from newsletter.flows.build import Edition
from newsletter.flows.carry import carrier
from newsletter.flows.deliver import Office, deliver
from newsletter.flows.hold import Holds, ahead, sent_today
from newsletter.flows.progress import Progress
from newsletter.flows.run import Run


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


@dataclass(frozen=True, slots=True)
class Plan:
    """What a send would do, shown before the editor says yes.

    `unfinished` is a mailing to be continued; it goes to the audience that it was frozen with, under its own orders
    unless new ones are given. `heard`: what comes back is listened to while it goes out.
    """

    edition: Edition
    digest: str
    request: Request
    audience: Audience
    orders: Orders
    forecast: Forecast
    unfinished: Mailing | None
    account: Account | None
    tested_at: datetime | None
    allowance: Allowance
    legs: Sequence[Leg]
    pictures: Pictures | None = None
    heard: bool = False

    @property
    def to_send(self) -> int:
        """Return how many are to be mailed."""
        return self.account.open if self.account else self.forecast.to_send


@dataclass(frozen=True, slots=True)
class Sent:
    """How a run ended: the account, and why it stopped before the end if it did."""

    mailing: Mailing
    account: Account
    newly_in_doubt: int
    stopped: str = ""
    hint: str = ""
    interrupted: bool = False


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
    audience, orders = _audience(request, office, office.clock.now()), request.orders
    if unfinished:
        _check_same(unfinished, digest, request.audience)
        audience, orders = _frozen(unfinished), _renewed(unfinished.orders, orders)
    allowance = office.transport.allowance()
    now = office.clock.now()
    forecast = office.mailings.forecast(issue, audience, transport, max(now, orders.begin or now))
    account = office.ledger.account(unfinished) if unfinished else None
    to_send = account.open if account else forecast.to_send
    return Plan(
        edition=made,
        digest=digest,
        request=request,
        audience=audience,
        orders=orders,
        forecast=forecast,
        unfinished=unfinished,
        account=account,
        tested_at=office.tests.last(digest),
        allowance=allowance,
        legs=_legs(to_send, allowance, ahead(orders, account, heard=office.feedback.wanted), unfinished, office),
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


def begin(planned: Plan, office: Office) -> Mailing:
    """Freeze the audience of a plan, or give the mailing that it found its new orders; return the mailing.

    What it sends is kept, for readers who want to see it in the browser.

    Raises:
        MailingStopped: the account may not send at all.
    """
    planned.allowance.check()
    mailing = _begun(planned, office)
    if office.kept:
        office.kept.put(mailing.uid, planned.edition.build)
    return mailing


def _begun(planned: Plan, office: Office) -> Mailing:
    now = office.clock.now()
    if planned.unfinished is None:
        return office.mailings.freeze(_new_mailing(planned, office), _audience(planned.request, office, now), now)
    mailing = _latest(planned.unfinished, office)
    orders = _renewed(mailing.orders, planned.request.orders)
    if orders != mailing.orders:
        office.mailings.order(mailing, mailing.wish, orders, now)
    return replace(mailing, orders=orders)


def _latest(mailing: Mailing, office: Office) -> Mailing:
    """Return a mailing as it is now: the plan may have been looked at for long."""
    now = office.mailings.unfinished(mailing.issue, mailing.transport)
    return now if now and now.id == mailing.id else mailing


def send(
    planned: Plan,
    office: Office,
    *,
    tell: Callable[[Progress], None],
    stop_asked: Callable[[], bool],
) -> Sent:
    """Carry out a plan, or continue the mailing that it found.

    Raises:
        MailingBusy: another process is sending this mailing.
        MailingStopped: the account may not send at all.
    """
    mailing = begin(planned, office)
    sender = office.senders.join(mailing, office.clock.now(), alone=not planned.request.join)
    run = Run(Pace.under(planned.allowance.per_second, planned.orders.rate))
    try:
        first = office.senders.renew(sender, office.clock.now())
        run.doubts += first.orphans
        way = carrier(planned.edition, mailing, office, planned.allowance.per_second)
        holds = Holds(office.watch, run, planned.allowance)
        with office.feedback.listening():
            sender = deliver(first.sender, way, office, holds, tell=tell, stop_asked=stop_asked)
    finally:
        run.doubts += office.senders.leave(replace(sender, throttles=run.throttles), office.clock.now())
    cancelled = sender.mailing.wish is Wish.CANCEL
    if cancelled:  # what was given back after the cancelling
        office.mailings.order(mailing, Wish.CANCEL, sender.mailing.orders, office.clock.now())
    account = office.ledger.account(mailing)
    if not account.open:
        office.mailings.finish(mailing, office.clock.now())
        return Sent(mailing, account, run.doubts)
    interrupted = not run.stopped and not cancelled
    return Sent(mailing, account, run.doubts, run.stopped, run.hint, interrupted=interrupted)


def _audience(request: Request, office: Office, at: datetime) -> Audience:
    return Audience.at(request.audience or Everybody(), at, office.transport.name)


def _frozen(mailing: Mailing) -> Audience:
    # Written by this program, of an expression and tags beside it: it may be a little deeper than what editors write.
    return Audience(parse(mailing.audience, deepest=MAX_DEPTH + 2), mailing.transport)


def _renewed(kept: Orders, given: Orders) -> Orders:
    """Return a mailing's orders with those that are given now in place of what they replace."""
    changes = {each.name: getattr(given, each.name) for each in fields(given)}
    return replace(kept, **{name: value for name, value in changes.items() if value != getattr(AT_ONCE, name)})


def _new_mailing(planned: Plan, office: Office) -> NewMailing:
    build = planned.edition.build
    return NewMailing(
        issue=build.issue,
        digest=planned.digest,
        subject=build.restored(build.subject),
        transport=office.transport.name,
        orders=planned.orders,
    )


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


def account_parts(account: Account) -> Sequence[tuple[State, int]]:
    """Return the parts that add up to what was intended; those still to be sent only while there are any."""
    ends = (State.ACCEPTED, State.REFUSED, State.SUPPRESSED, State.IN_DOUBT)
    waiting = [state for state in (State.PENDING, State.CLAIMED) if account[state]]
    return [(state, account[state]) for state in (*ends, *waiting)]

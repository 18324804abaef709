"""Send an issue as planned (`flows.planning`): freeze the audience -> deliver (`flows.deliver`) -> account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from newsletter.core.account import Account
from newsletter.core.delivery import Mailing, NewMailing
from newsletter.core.orders import Wish
from newsletter.core.pace import Pace
from newsletter.flows.carry import carrier
from newsletter.flows.deliver import deliver
from newsletter.flows.hold import Holds
from newsletter.flows.office import Office
from newsletter.flows.planning import Plan
from newsletter.flows.progress import Progress
from newsletter.flows.run import Run


@dataclass(frozen=True, slots=True)
class Sent:
    """How a run ended: the account, and why it stopped before the end if it did."""

    mailing: Mailing
    account: Account
    newly_in_doubt: int
    stopped: str = ""
    hint: str = ""
    interrupted: bool = False


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
        audience = planned.request.audience_at(now, office.transport.name)
        return office.mailings.freeze(_new_mailing(planned, office), audience, now)
    mailing = _latest(planned.unfinished, office)
    orders = mailing.orders.renewed(planned.request.orders)
    if orders != mailing.orders:
        office.mailings.order(mailing, mailing.wish, orders, now)
    return replace(mailing, orders=orders)


def _new_mailing(planned: Plan, office: Office) -> NewMailing:
    build = planned.edition.build
    return NewMailing(
        issue=build.issue,
        digest=planned.digest,
        subject=build.restored(build.subject),
        transport=office.transport.name,
        orders=planned.orders,
    )


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

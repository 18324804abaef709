"""Send an issue: guard -> freeze the audience -> deliver (`flows.deliver`) -> account."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from newsletter.core.audience import Audience
from newsletter.core.delivery import Account, Forecast, Mailing, NewMailing, State
from newsletter.core.pace import Pace
from newsletter.core.ports import Allowance
from newsletter.errors import BadInput
from newsletter.flows.assets import Pictures, in_place
from newsletter.flows.build import Edition
from newsletter.flows.deliver import Office, Progress, deliver
from newsletter.flows.run import Run


@dataclass(frozen=True, slots=True)
class Plan:
    """What a send would do, shown before the editor says yes.

    `unfinished` is a mailing to be continued; it goes to the audience that it was frozen with.
    """

    edition: Edition
    digest: str
    audience: Audience
    forecast: Forecast
    unfinished: Mailing | None
    account: Account | None
    tested_at: datetime | None
    allowance: Allowance
    pictures: Pictures | None = None

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


def plan(made: Edition, audience: Audience, office: Office) -> Plan:
    """Find out what a send would do; nothing is written.

    Raises:
        BadInput: a mailing of this issue has begun with another build or another audience, or a picture is missing.
        NotConfigured: pictures have no address.
    """
    pictures = in_place(made, office.pictures)
    unfinished = office.mailings.unfinished(made.build.issue, office.transport.name)
    digest = made.build.digest
    if unfinished:
        _check_same(unfinished, digest, audience)
        audience = Audience(unfinished.tags)
    return Plan(
        edition=made,
        digest=digest,
        audience=audience,
        forecast=office.mailings.forecast(made.build.issue, audience, office.transport.name),
        unfinished=unfinished,
        account=office.ledger.account(unfinished) if unfinished else None,
        tested_at=office.tests.last(digest),
        allowance=office.transport.allowance(),
        pictures=pictures,
    )


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
    """
    mailing = planned.unfinished or office.mailings.freeze(
        _new_mailing(planned, office), planned.audience, office.clock.now()
    )
    with office.ledger.sole_sender(mailing):
        orphans = office.ledger.doubt_orphans(mailing, office.clock.now())
        run = Run(
            Pace.of(planned.allowance.per_second) if planned.allowance.per_second else None,
            planned.allowance.left_today,
        )
        deliver(mailing, planned.edition, office, run, tell=tell, stop_asked=stop_asked)
        account = office.ledger.account(mailing)
        if not account.open:
            office.mailings.finish(mailing, office.clock.now())
    doubts = orphans + run.doubts
    if not account.open:
        return Sent(mailing, account, doubts)
    return Sent(mailing, account, doubts, run.stopped, run.hint, interrupted=not run.stopped)


def _new_mailing(planned: Plan, office: Office) -> NewMailing:
    build = planned.edition.build
    return NewMailing(
        issue=build.issue,
        digest=planned.digest,
        subject=build.restored(build.subject),
        transport=office.transport.name,
    )


def _check_same(unfinished: Mailing, digest: str, audience: Audience) -> None:
    begun = f"a mailing of {unfinished.issue} began on {unfinished.created_at:%Y-%m-%d %H:%M} UTC"
    if unfinished.digest != digest:
        raise BadInput(
            f"{begun} with other contents (digest {unfinished.digest[:12]}, now {digest[:12]})",
            hint="put issue, layout and publication back as they were, so that the rest get what the others got",
        )
    if audience.tags and set(audience.tags) != set(unfinished.tags):
        raise BadInput(
            f"{begun} for {Audience(unfinished.tags)}", hint="finish it without --tag, then send to the others"
        )


def account_parts(account: Account) -> Sequence[tuple[State, int]]:
    """Return the parts that add up to what was intended; those still to be sent only while there are any."""
    ends = (State.ACCEPTED, State.REFUSED, State.SUPPRESSED, State.IN_DOUBT)
    waiting = [state for state in (State.PENDING, State.CLAIMED) if account[state]]
    return [(state, account[state]) for state in (*ends, *waiting)]

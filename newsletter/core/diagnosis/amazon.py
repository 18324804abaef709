"""The account: who asks, what SES permits, whether it lets mail go out, and how much."""

from __future__ import annotations

from collections.abc import Iterator

from newsletter.core.diagnosis.blank import blank
from newsletter.core.diagnosis.facts import Account, Cause, ConfigurationSet, Facts, Unseen
from newsletter.core.diagnosis.line import Group, Line, Status
from newsletter.core.publication import SendMode

_GROUP = Group.ACCOUNT
# AWS takes a request for five minutes, by its own clock (IAM user guide, "Signature Version 4"). Senders that share a
# mailing hold leases of 20 seconds.
CLOCK_IS_WRONG = 300.0
CLOCK_IS_OFF = 10.0
_ALLOW = "allow {action} for these credentials in the IAM console; the policy that `newsletter aws setup` makes does"
_SUPPORT = "answer the review in the SES console (Account dashboard), or in the Support case"


def caller(facts: Facts) -> Iterator[Line]:
    """Say in which region SES is asked, with whose credentials, and whether it answers at all."""
    known, account = facts.caller, facts.account
    if isinstance(known, Unseen):
        if known.cause is Cause.FAILED:
            yield Line(_GROUP, "credentials", Status.ERROR, known.why, known.hint)
        else:
            yield blank(_GROUP, "credentials", known)
    else:
        yield Line(_GROUP, "region", Status.OK, known.region)
        whose = f": {known.identity}" if known.identity else ""
        yield Line(_GROUP, "credentials", Status.OK, f"key …{known.key} from {known.source}{whose}")
    if isinstance(account, Unseen) and account.cause is Cause.FAILED:
        yield Line(_GROUP, "ses", Status.ERROR, account.why, account.hint)
    elif isinstance(account, Unseen) and account.cause is Cause.NOT_ASKED:
        yield blank(_GROUP, "ses", account)
    else:
        yield Line(_GROUP, "ses", Status.OK, "answers")


def permissions(facts: Facts) -> Iterator[Line]:
    """Say which actions of IAM the credentials lack; those that only the doctor needs are no error."""
    known = facts.publication
    if isinstance(known, Unseen) or (isinstance(facts.account, Unseen) and facts.account.cause is Cause.NOT_ASKED):
        why = facts.account.why if isinstance(facts.account, Unseen) else ""
        yield Line(_GROUP, "permissions", Status.UNSEEN, why)
        return
    single = known.ses.mode is SendMode.SINGLE
    inner = facts.configuration_set.destinations if isinstance(facts.configuration_set, ConfigurationSet) else None
    looks = (facts.identity, facts.configuration_set, inner, facts.subscriptions, facts.queue)
    # SendEmail with a raw message is checked under another name: IAM may say ses:SendRawEmail.
    sends = [each for call, each in facts.sends.items() if not (single and call == "ses:SendBulkEmail")]
    needed, wanted = _denied(facts.account, *sends), _denied(*looks)
    denied = [*needed, *wanted]
    for action in needed:
        yield Line(_GROUP, "permissions", Status.ERROR, f"{action} is not allowed", _ALLOW.format(action=action))
    for action in wanted:
        seen = f"{action} is not allowed; the doctor needs it to look, sending does not"
        yield Line(_GROUP, "permissions", Status.WARNING, seen, _ALLOW.format(action=action))
    unclear = [each for each in facts.sends.values() if isinstance(each, Unseen) and each.cause is not Cause.DENIED]
    if not denied and not unclear and not isinstance(facts.account, Unseen):
        seen = "nothing that was tried is forbidden; sending was tried with mail to nobody, which SES turns down"
        yield Line(_GROUP, "permissions", Status.OK, seen)
    for each in unclear:
        yield Line(_GROUP, "permissions", Status.WARNING, f"{each.action} could not be tried: {each.why}", each.hint)


def _denied(*asked: object) -> list[str]:
    return [each.action for each in asked if isinstance(each, Unseen) and each.cause is Cause.DENIED]


def clock(facts: Facts) -> Iterator[Line]:
    """Say how far this machine's clock is from that of SES."""
    if facts.skew is None:
        not_asked = isinstance(facts.account, Unseen) and facts.account.cause is Cause.NOT_ASKED
        why = facts.account.why if isinstance(facts.account, Unseen) and not_asked else "needs an answer of Amazon SES"
        yield Line(_GROUP, "clock", Status.UNSEEN, why)
        return
    off = abs(facts.skew)
    seen = f"{off:,.0f} seconds {'ahead of' if facts.skew > 0 else 'behind'} SES"
    remedy = "set this machine's clock, and keep it right with NTP"
    if off >= CLOCK_IS_WRONG:
        seen += "; AWS refuses what is signed five minutes off"
        yield Line(_GROUP, "clock", Status.ERROR, seen, remedy)
    elif off >= CLOCK_IS_OFF:
        yield Line(_GROUP, "clock", Status.WARNING, f"{seen}; senders that share a mailing need it nearer", remedy)
    else:
        yield Line(_GROUP, "clock", Status.OK, "agrees with that of SES")


def standing(facts: Facts) -> Iterator[Line]:
    """Say whether the account may mail anybody, and whether Amazon has paused or reviews it."""
    account = facts.account
    if isinstance(account, Unseen):
        if account.cause is not Cause.FAILED:
            for check in ("production", "sending", "quota"):
                yield blank(_GROUP, check, account)
        return
    yield _production(account)
    yield _sending(account)
    yield _quota(account, facts)


def _production(account: Account) -> Line:
    if account.production:
        return Line(_GROUP, "production", Status.OK, "production access: SES mails anybody")
    seen = "sandbox: SES mails verified addresses only, 200 in 24 hours"
    case = f" (Support case {account.case})" if account.case else ""
    if account.review == "PENDING":
        remedy = f"production access is asked for; wait for Amazon's answer{case}"
        return Line(_GROUP, "production", Status.ERROR, f"{seen}; the request is being reviewed", remedy)
    if account.review in {"DENIED", "FAILED"}:
        remedy = f"read why in the Support case, and ask again{case}"
        return Line(
            _GROUP, "production", Status.ERROR, f"{seen}; production access was {account.review.lower()}", remedy
        )
    return Line(_GROUP, "production", Status.ERROR, seen, "ask for production access in the SES console")


def _sending(account: Account) -> Line:
    if not account.sending or account.enforcement == "SHUTDOWN":
        return Line(_GROUP, "sending", Status.ERROR, "Amazon has paused sending for this account", _SUPPORT)
    if account.enforcement == "PROBATION":
        seen = "the account is under review: Amazon may pause its sending"
        return Line(_GROUP, "sending", Status.WARNING, seen, f"{_SUPPORT}; send with --canary until it is over")
    return Line(_GROUP, "sending", Status.OK, "on; not under review")


def _quota(account: Account, facts: Facts) -> Line:
    rate = f"{account.rate:,g} a second"
    if account.per_day is None:
        return Line(_GROUP, "quota", Status.OK, f"{rate}, without limit a day; {account.sent:,.0f} used in 24 hours")
    left = max(0.0, account.per_day - account.sent)
    seen = f"{rate}, {account.per_day:,.0f} in 24 hours; {account.sent:,.0f} used, {left:,.0f} left"
    if account.rate <= 0:
        return Line(_GROUP, "quota", Status.ERROR, f"{seen}: no sending at all", _SUPPORT)
    readers = 0 if isinstance(facts.store, Unseen) else facts.store.readers or 0
    if not left:
        return Line(
            _GROUP, "quota", Status.WARNING, seen, "wait until mail of the last 24 hours is older, or use --wait"
        )
    if readers > left:
        remedy = "`send --wait` goes on by itself as the quota comes back; ask for more in the Service Quotas console"
        return Line(_GROUP, "quota", Status.WARNING, f"{seen}; the list has {readers:,} readers", remedy)
    return Line(_GROUP, "quota", Status.OK, seen)

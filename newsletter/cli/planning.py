"""The plan of a send, in words: who, how many, how fast, when, for how much."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsletter.cli import talk

if TYPE_CHECKING:
    from newsletter.core.build import Build
    from newsletter.core.delivery import Mailing
    from newsletter.core.plan import Leg
    from newsletter.flows.planning import Plan

SHOWN_LEGS = 5
MANY = 1000  # a second, from which on parts of one do not matter


def show(planned: Plan) -> None:
    """Print a plan as two columns."""
    talk.table([*_what(planned), *_whom(planned), *_how(planned)])


def _what(planned: Plan) -> list[tuple[str, object]]:
    publication, build = planned.edition.publication, planned.edition.build
    tested = f"{planned.tested_at:%Y-%m-%d %H:%M} UTC" if planned.tested_at else "never; see newsletter test-send"
    rows: list[tuple[str, object]] = [("issue", build.issue)]
    if planned.unfinished:
        rows.append(("continues", f"the mailing begun {planned.unfinished.created_at:%Y-%m-%d %H:%M} UTC"))
    return [
        *rows,
        ("subject", build.restored(build.subject)),
        ("from", f"{publication.sender.name} <{publication.sender.address}>"),
        ("variants", _variants(build)),
        ("digest", planned.digest),
        ("test-sent", tested),
    ]


def _whom(planned: Plan) -> list[tuple[str, object]]:
    forecast = planned.forecast
    rows: list[tuple[str, object]] = [("audience", planned.audience), ("to send", f"{planned.to_send:,}")]
    if planned.unfinished:
        return rows
    if forecast.suppressed:
        rows.append(
            ("suppressed", ", ".join(f"{count:,} {reason}" for reason, count in sorted(forecast.suppressed.items())))
        )
    if forecast.already:
        rows.append(("not again", f"{forecast.already:,}, whom earlier mailings of it account for"))
    return rows


def _how(planned: Plan) -> list[tuple[str, object]]:
    from newsletter.core.plan import cost

    publication, allowance, orders = planned.edition.publication, planned.allowance, planned.orders
    rows: list[tuple[str, object]] = [("transport", publication.transport)]
    rates = [rate for rate in (allowance.per_second, orders.rate) if rate]
    if rates:
        pauses = " of sending" if len(planned.legs) > 1 else ""
        rows.append(("rate", f"{_number(min(rates))} a second, so {_time(planned.to_send / min(rates))}{pauses}"))
    if allowance.left_today is not None:
        of = f" of {allowance.per_day:,}" if allowance.per_day else ""
        free = f", {orders.keep_free:.0%} of the quota kept free" if orders.keep_free else ""
        rows.append(("quota left", f"{allowance.left_today:,}{of} in these 24 hours{free}"))
    if planned.pictures:
        rows.append(("pictures", f"{planned.pictures.count}, at {planned.pictures.base}"))
    if orders.canary:
        birds, minutes = orders.canary.recipients, orders.canary.minutes
        then = f"{minutes:g} min of waiting" if planned.heard else "it stops for you to look: no feedback is read"
        rows.append(("canary", f"the first {birds:,}, then {then}"))
    rows += [("when", line) for line in _timetable(planned)]
    if allowance.per_second:
        rows.append(("cost", f"{_dollars(cost(planned.to_send))} USD at the list price of Amazon SES"))
    if allowance.barred:
        rows.append(("note", f"{allowance.barred}, so nothing can go out now: {allowance.hint}"))
    if allowance.notice:
        rows.append(("note", allowance.notice))
    return rows


def _timetable(planned: Plan) -> list[str]:
    """Return a line per stretch of sending; nothing where it goes out at once and without a pause."""
    if len(planned.legs) < 2 and not planned.orders.begin and not planned.orders.window:
        return []
    lines = [_leg(leg) for leg in planned.legs[:SHOWN_LEGS]]
    if len(planned.legs) > SHOWN_LEGS:
        lines.append(f"and so on, until {planned.legs[-1].end:%Y-%m-%d %H:%M} UTC")
    pauses = [leg.why for leg in planned.legs if leg.why]
    if not planned.heard and any("canary" in why for why in pauses):
        pauses = [why for why in pauses if "canary" not in why]
        lines.append("it stops where the canary is out; once you have looked, the same command sends the rest")
    if any("quota" in why for why in pauses) and not planned.orders.wait:
        lines.append("it stops where the quota is spent; --wait goes on by itself, or run the same command later")
    elif pauses:
        lines.append("it waits in between; stopped with Ctrl-C, the same command goes on later")
    return lines


def _leg(leg: Leg) -> str:
    why = f"; then {leg.why}" if leg.why else ""
    if not leg.recipients:
        return f"{leg.begin:%Y-%m-%d %H:%M} UTC: nothing, {leg.why}"
    begin, end = (f"{moment:%Y-%m-%d %H:%M}" for moment in (leg.begin, leg.end))
    until = "" if begin == end else f" to {end.removeprefix(f'{leg.begin:%Y-%m-%d} ')}"
    return f"{begin}{until} UTC: {leg.recipients:,}{why}"


def _number(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= MANY else f"{rate:g}"


def _time(seconds: float) -> str:
    told = talk.duration(seconds)
    return told if told.startswith("less") else f"about {told}"


def _dollars(amount: float) -> str:
    return "less than 0.01" if 0 < amount < 0.01 else f"{amount:,.2f}"


def _variants(build: Build) -> str:
    names = "; ".join(map(build.readers, build.variants))
    return f"{len(build.variants)}, each checked: {names}" if build.others else "1, the same for everybody"


def show_schedule(mailing: Mailing, root: Path, *, as_json: bool) -> None:
    """Say what has to run for a scheduled mailing to go out."""
    if as_json:
        return talk.document({"mailing": mailing.uid, "digest": mailing.digest, "begins_at": mailing.orders.begin})
    run = f"newsletter --project {shlex.quote(str(root))} outbox run"
    talk.data(f"the audience is frozen; {mailing.issue} goes out at {mailing.orders.begin:%Y-%m-%d %H:%M} UTC")
    talk.data("at that time this must run, by hand or from a crontab:")
    talk.data(f"  {run}")
    talk.data(f"  */5 * * * * {run}")
    return talk.data(f"newsletter cancel {mailing.issue} takes it back")


def as_json(planned: Plan) -> dict[str, Any]:
    """Return a plan for scripts."""
    from newsletter.core.audience.writing import written
    from newsletter.core.plan import cost

    return {
        "issue": planned.edition.build.issue,
        "digest": planned.digest,
        "tested_at": planned.tested_at,
        "audience": written(planned.audience.expression),
        "continues": planned.unfinished.uid if planned.unfinished else None,
        "to_send": planned.to_send,
        "already": planned.forecast.already,
        "suppressed": dict(planned.forecast.suppressed),
        "variants": [sorted(map(sorted, each.readers)) for each in planned.edition.build.variants],
        "per_second": planned.allowance.per_second,
        "left_today": planned.allowance.left_today,
        "per_day": planned.allowance.per_day,
        "notice": planned.allowance.notice,
        "stopped": planned.allowance.barred,
        "legs": [
            {"begin": leg.begin, "end": leg.end, "recipients": leg.recipients, "why": leg.why} for leg in planned.legs
        ],
        "pictures": {"count": planned.pictures.count, "at": planned.pictures.base} if planned.pictures else None,
        "cost_in_usd": round(cost(planned.to_send), 4) if planned.allowance.per_second else None,
    }

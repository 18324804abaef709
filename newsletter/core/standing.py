"""What an act makes of a subscriber, and what history keeps of it.

stranger, unsubscribed or removed --sign up--> unconfirmed --confirm--> active
unconfirmed or active --block--> disabled < bounced < complained --release--> active, or unconfirmed without consent
any but removed --unsubscribe--> unsubscribed --return--> active
any --remove--> removed

A weightier block takes the place of a lighter one. Only the reader comes back from having left: neither the editor, nor
SES, nor an import undoes that. No sign-up undoes a block: anybody can type an address into a form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from newsletter.core.acts import Act, Amend, Block, By, Confirm, Pause, Release, Remove, Return, SignUp, Unsubscribe
from newsletter.core.subscriber import Consent, Standing, Subscriber
from newsletter.errors import BadInput

_ORDER: Final = (Standing.DISABLED, Standing.BOUNCED, Standing.COMPLAINED)  # blocks, the weightiest last
BLOCKED: Final = frozenset(_ORDER)
RELEASED: Final = "released"  # what history calls it; `core.suppression` asks when it was
CHANGED: Final = "changed"
_FORMER: Final = re.compile(rf"by (?:{'|'.join(By)}): address, was ([^\s,]+)")  # as `_differences` has it
LEFT: Final = frozenset({Standing.UNSUBSCRIBED, Standing.REMOVED})


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of history; `at` is UTC."""

    at: datetime
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Step:
    """A subscriber after an act, and what to write down; without an entry nothing changed."""

    subscriber: Subscriber
    entry: Entry | None = None


def arrival(known: Subscriber | None, now: Subscriber, came: Entry) -> Entry | None:
    """Return what history keeps of somebody who came in some way: that they are new, or have another standing since."""
    if known is None:
        return came
    if known.standing is now.standing:
        return None
    return replace(came, detail=f"{came.detail}, {now.standing}, was {known.standing}")


def stranger(address: str) -> Subscriber:
    """Return somebody nothing is known of: on no list yet, and not mailed until they say so."""
    return Subscriber(address=address, standing=Standing.UNCONFIRMED)


def outweighs(new: Standing, old: Standing) -> bool:
    """Tell whether one block takes the place of another."""
    return _ORDER.index(new) > _ORDER.index(old)


def after(act: Act, known: Subscriber, at: datetime) -> Step:
    """Return what an act makes of a subscriber.

    Raises:
        BadInput: a release of somebody who left by themselves, or was removed.
    """
    match act:
        case SignUp():
            step = _signed_up(act, known, at)
        case Confirm():
            step = _confirmed(act, known, at)
        case Return():
            step = _returned(act, known, at)
        case Unsubscribe():
            step = _unsubscribed(act, known, at)
        case Pause():
            step = _paused(act, known, at)
        case Block():
            step = _blocked(act, known, at)
        case Release():
            step = _released(act, known, at)
        case Remove():
            step = _removed(known, at)
        case Amend():
            step = _amended(act, known, at)
        case _:
            assert_never(act)
    return step


def _signed_up(act: SignUp, known: Subscriber, at: datetime) -> Step:
    """Whoever types an address in changes nothing of who is active or blocked under it."""
    if known.standing.mailable or known.standing in BLOCKED:
        return Step(known)
    was = f", was {known.standing}" if known.standing in LEFT else ""
    incoming = replace(
        known,
        first_name=act.first_name or known.first_name,
        last_name=act.last_name or known.last_name,
        tags=known.tags | act.tags,
        consent=act.consent,
        paused_until=None,
    )
    source = f": {act.consent.source}" if act.consent.source else ""
    return _moved(incoming, Standing.UNCONFIRMED, at, what="signed up", detail=f"by {By.READER}{source}{was}")


def _confirmed(act: Confirm, known: Subscriber, at: datetime) -> Step:
    if known.standing is not Standing.UNCONFIRMED:
        return Step(known)
    proven = replace(known, consent=replace(known.consent, confirmed_at=at, confirmed_ip=act.ip))
    return _moved(proven, Standing.ACTIVE, at, what="confirmed", detail=f"by {By.READER}")


def _returned(act: Return, known: Subscriber, at: datetime) -> Step:
    """They ask and confirm in one, so that nobody is left between the two."""
    if known.standing is not Standing.UNSUBSCRIBED:
        return Step(known)
    proven = replace(known, consent=Consent(act.source, at, act.ip, at, act.ip), paused_until=None)
    detail = f"by {By.READER}: {act.source}{_was(known)}"
    return _moved(proven, Standing.ACTIVE, at, what="confirmed", detail=detail)


def _unsubscribed(act: Unsubscribe, known: Subscriber, at: datetime) -> Step:
    if known.standing in LEFT:
        return Step(known)
    detail = left_by(act.how) + _was(known)
    return _moved(known, Standing.UNSUBSCRIBED, at, reason=act.how, what="unsubscribed", detail=detail)


def _paused(act: Pause, known: Subscriber, at: datetime) -> Step:
    if not known.standing.mailable or act.until == known.paused_until:
        return Step(known)
    until = f" until {act.until:%Y-%m-%d}" if act.until else ""
    entry = Entry(at, "paused" if act.until else "came back", f"by {By.READER}{until}")
    return Step(replace(known, paused_until=act.until), entry)


def _blocked(act: Block, known: Subscriber, at: datetime) -> Step:
    if known.standing in LEFT or (known.standing in BLOCKED and not outweighs(act.standing, known.standing)):
        return Step(known)
    if known.standing is Standing.UNCONFIRMED:  # a sign-up that nobody confirmed is no consent
        known = replace(known, consent=Consent())
    detail = f"by {act.by}" + (f": {act.reason}" if act.reason else "") + _was(known)
    return _moved(known, act.standing, at, reason=act.reason, what=str(act.standing), detail=detail)


def _released(act: Release, known: Subscriber, at: datetime) -> Step:
    """Whoever is released becomes active if they once agreed to be mailed; else they have still to do so."""
    comes_back = "whoever left comes back only by signing up again"
    if known.standing is Standing.UNSUBSCRIBED:
        raise BadInput(f"{known.address} unsubscribed themselves", hint=comes_back)
    if known.standing is Standing.REMOVED:
        raise BadInput(f"{known.address} was removed for good", hint=comes_back)
    if known.standing not in BLOCKED:
        return Step(known)
    standing = Standing.UNCONFIRMED if known.consent == Consent() else Standing.ACTIVE
    return _moved(known, standing, at, what=RELEASED, detail=f"by {By.EDITOR}: {act.reason}{_was(known)}")


def _removed(known: Subscriber, at: datetime) -> Step:
    if known.standing is Standing.REMOVED:
        return Step(known)
    reason = "" if known.standing.mailable else f"was {known.standing}"
    return _moved(known, Standing.REMOVED, at, reason=reason, what="removed", detail=f"by {By.EDITOR}" + _was(known))


def _amended(act: Amend, known: Subscriber, at: datetime) -> Step:
    changed = replace(
        known,
        address=known.address if act.address is None else act.address,
        first_name=known.first_name if act.first_name is None else act.first_name,
        last_name=known.last_name if act.last_name is None else act.last_name,
        fields={
            name: value for name, value in {**known.fields, **act.fields}.items() if value or name not in act.fields
        },
        tags=(known.tags | act.add) - act.remove,
    )
    if changed == known:
        return Step(known)
    return Step(changed, Entry(at, CHANGED, f"by {act.by}: {_differences(known, changed)}"))


def _differences(before: Subscriber, after: Subscriber) -> str:
    """Return in words what changed. An address is kept: with it goes to whom mail went until then."""
    said = [f"address, was {before.address}"] if before.address != after.address else []
    said += [
        name
        for name, old, new in (
            ("first name", before.first_name, after.first_name),
            ("last name", before.last_name, after.last_name),
        )
        if old != new
    ]
    names = sorted({*before.fields, *after.fields})
    said += [name for name in names if before.fields.get(name) != after.fields.get(name)]
    said += [f"tag {tag}" for tag in sorted(after.tags - before.tags)]
    said += [f"no tag {tag}" for tag in sorted(before.tags - after.tags)]
    return ", ".join(said)


def former_addresses(history: Iterable[Entry]) -> list[str]:
    """Return the addresses that somebody had before, as history tells them."""
    found = (_FORMER.match(entry.detail) for entry in history if entry.what == CHANGED)
    return [match[1] for match in found if match]


def left_by(how: str) -> str:
    """Return how history begins to tell of who left by a door (`core.acts.Unsubscribe`)."""
    return f"by {By.READER}: {how}"


def _was(known: Subscriber) -> str:
    return "" if known.standing.mailable else f", was {known.standing}"


def _moved(known: Subscriber, standing: Standing, at: datetime, *, what: str, detail: str, reason: str = "") -> Step:
    since = known.since if standing is known.standing and known.since else at
    return Step(replace(known, standing=standing, reason=reason, since=since), Entry(at, what, detail))

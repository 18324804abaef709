"""What an editor types after `send`, as values: shares, hours, times, ramps."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

import typer

from newsletter.errors import BadInput

if TYPE_CHECKING:
    from newsletter.core.audience.terms import Expression
    from newsletter.core.orders import Canary, WarmUp, Window
    from newsletter.core.publication import Publication

SLOWEST_RATE = 0.01  # recipients per second
_WITH_OFFSET = "2026-12-01 09:00-05:00"


def audience(publication: Publication, text: str | None, tags: Sequence[str] | None) -> Expression | None:
    """Return whom an expression and tags choose: of several tags any, of both what belongs to both.

    Raises:
        BadInput: the expression cannot be understood, or a tag is none.
    """
    from newsletter.core.audience import check_tags, tagged
    from newsletter.core.audience.named import on_command_line
    from newsletter.core.audience.terms import all_of

    parts = [] if text is None else [on_command_line(text, publication.named_audiences)]
    try:
        parts += [tagged(*sorted(check_tags(tags)))] if tags else []
    except ValueError as err:
        raise BadInput.said(err) from err
    return all_of(parts) if parts else None


def share(text: str) -> float:
    """Return a share written as a percentage, `10` or `10%`."""
    match = re.fullmatch(r"(\d{1,2}(?:\.\d+)?)\s*%?", text.strip())
    if not match:
        raise typer.BadParameter(f"{text!r} is not a percentage below 100; write 10%")
    return float(match[1]) / 100


def pace(rate: float) -> float:
    """Return a rate in recipients per second."""
    if not SLOWEST_RATE <= rate < math.inf:
        raise typer.BadParameter(f"{rate:g} is not a rate; write how many readers a second, {SLOWEST_RATE:g} or more")
    return rate


def window(text: str) -> Window:
    """Return the hours of a day (UTC) written as `08:00-20:00`."""
    from newsletter.core.orders import Window

    match = re.fullmatch(r"(\d{1,2}:\d\d)\s*[-–]\s*(\d{1,2}:\d\d)", text.strip())
    try:
        begin, end = (time.fromisoformat(part.zfill(5)) for part in match.groups()) if match else (time(), time())
    except ValueError:
        begin = end = time()
    if begin == end:
        raise typer.BadParameter(f"{text!r} is not a window; write it in UTC, like 08:00-20:00")
    return Window(begin, end)


def moment(text: str, now: datetime) -> datetime:
    """Return a moment after `now`, written as `2026-12-01 09:00`, in UTC unless it has an offset."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        said = f"{text!r} is not a time; write it in UTC, like '2026-12-01 09:00', or with its offset: '{_WITH_OFFSET}'"
        raise typer.BadParameter(said) from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found <= now:
        raise typer.BadParameter(f"{text!r} is past; it is {now:%Y-%m-%d %H:%M} UTC now")
    return found.astimezone(UTC)


def canary(text: str, minutes: float, audience: int) -> Canary:
    """Return the canary written as a number of recipients or as a percentage of the audience."""
    from newsletter.core.orders import Canary

    if re.fullmatch(r"[1-9]\d{0,8}", text.strip()):
        return Canary(int(text), minutes)
    part = share(text) if text.strip().endswith("%") else 0.0
    if not part:
        raise typer.BadParameter(f"{text!r} is not a canary; write how many readers, like 500, or a share, like 1%")
    return Canary(max(1, math.ceil(part * audience)), minutes)


def warm_up(text: str) -> WarmUp:
    """Return the ramp written as the first day's recipients, or `200x1.5` with the daily growth."""
    from newsletter.core.orders import WarmUp

    match = re.fullmatch(r"([1-9]\d{0,8})(?:\s*[x×]\s*(\d+(?:\.\d+)?))?", text.strip())
    growth = float(match[2] or 1.5) if match else 0.0
    if not match or growth < 1:
        raise typer.BadParameter(f"{text!r} is not a warm-up; write the first day's recipients, like 200 or 200x1.5")
    return WarmUp(int(match[1]), growth)

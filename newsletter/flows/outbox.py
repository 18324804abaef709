"""Open mailings whose time has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from newsletter.core.delivery import Mailing
from newsletter.core.orders import Wish
from newsletter.core.ports import Mailings


def due(mailings: Mailings, transport: str, now: datetime) -> Sequence[Mailing]:
    """Return the mailings through a transport that are open, not paused, and may have begun by now, oldest first."""
    return [
        each
        for each in mailings.of()
        if each.finished_at is None
        and each.transport == transport
        and each.wish is Wish.GO
        and (each.orders.begin is None or each.orders.begin <= now)
    ]

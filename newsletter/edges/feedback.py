"""Feedback where nobody listens: nothing is known of bounces and complaints."""

from __future__ import annotations

from newsletter.core.delivery import Mailing
from newsletter.core.reputation import Tally


class NoFeedback:
    """Implements `core.ports.Feedback` by knowing nothing."""

    def tally(self, mailing: Mailing) -> Tally | None:
        """Return None."""
        del mailing
        return None

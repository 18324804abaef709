"""Everything the double knows at one moment: settings, script, limits, ledger, events."""

import time
from typing import Any

from tests.doubles.account import SuppressionList
from tests.doubles.events import EventStream
from tests.doubles.faults import Script
from tests.doubles.ledger import Ledger
from tests.doubles.limits import Limits
from tests.doubles.settings import Settings


class World:
    """The state that survives from call to call."""

    def __init__(self, settings: Settings) -> None:
        self._first = settings
        self.reset()

    def reset(self) -> None:
        """Return to the settings of the start, with nothing sent and nothing scripted."""
        self.settings = self._first
        self.script = Script()
        self.limits = Limits()
        self.suppression = SuppressionList()
        self.ledger = Ledger(self.settings.keep)
        self.events = EventStream(self.settings)

    def configure(self, changes: Any) -> None:
        """Change settings; a change of those of events starts their stream anew, from the first acceptance."""
        settings = self.settings.changed(changes)
        if any(name.startswith(("event_", "sns_")) for name in changes):
            self.events = EventStream(settings)
        self.settings, self.ledger.keep = settings, settings.keep

    def now(self) -> float:
        return time.time() + self.settings.clock_offset_seconds

"""Feedback where nobody listens, and the file of messages that nobody could read."""

from __future__ import annotations

import json
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from newsletter.core.delivery import Mailing
from newsletter.core.ports.feedback import Received
from newsletter.core.reputation import Tally
from newsletter.errors import EdgeError


class NoFeedback:
    """Implements `core.ports.Feedback` by knowing nothing."""

    wanted = False

    def tally(self, mailing: Mailing) -> Tally | None:
        """Return None."""
        del mailing
        return None

    def listening(self) -> AbstractContextManager[None]:
        """Return a block in which nothing is taken in."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class SetAside:
    """A file of JSON Lines. Implements `core.ports.Shelf`. It may hold addresses: only its owner can read it."""

    path: Path

    def set_aside(self, received: Received, why: str, at: datetime) -> None:
        """Add a message to the file, and make sure that it is on the disk: the queue deletes it next.

        Raises:
            EdgeError: the disk did not take it.
        """
        line = {"at": at.isoformat(timespec="seconds"), "message": received.name, "why": why, "body": received.body}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(json.dumps(line) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as err:
            hint = "free some room or check the permissions; the message stays in the queue"
            raise EdgeError(f"{self.path} cannot be written: {err.strerror}", hint=hint) from err

"""The outbox: every message becomes an .eml file that any mail program opens; nothing leaves the machine."""

from __future__ import annotations

from pathlib import Path

from newsletter.core.delivery import Accepted, Deferred, Outcome
from newsletter.core.ways import Allowance, Parcel
from newsletter.edges.files import write_atomically
from newsletter.errors import EdgeError, TransportError


class Outbox:
    """Writes `<folder>/<mailing>/<delivery>.eml`; the same delivery always has the same file."""

    name = "outbox"
    lanes = 16  # deliveries claimed and settled in one transaction

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def allowance(self) -> Allowance:
        """Return no limits, after making sure that the folder can be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as err:
            raise TransportError(f"the outbox {self.folder} cannot be made: {err.strerror}") from err
        return Allowance(notice="outbox: messages become files, nothing is sent")

    def send(self, parcel: Parcel) -> Outcome:
        """Write one message; a disk that does not take it stops the mailing, and nothing is in doubt."""
        path = self.folder / parcel.mailing_uid / f"{parcel.delivery_id}.eml"
        try:
            write_atomically(path, parcel.message)
        except EdgeError as err:
            return Deferred(err.message, stop=True, hint=err.hint)
        return Accepted(path.name)

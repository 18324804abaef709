"""The builds of mailings, one file each, in a folder."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from newsletter.core.build import Build
from newsletter.core.kept import packed, unpacked
from newsletter.edges.files import write_atomically
from newsletter.errors import EdgeError

_UID = re.compile(r"[a-z0-9]{1,40}")


class KeptBuilds:
    """Implements `core.library.Kept`: `<folder>/<mailing>.json`, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, mailing_uid: str, build: Build) -> None:
        """Keep the build of a mailing; one that is kept already stays as it is."""
        path = self._path(mailing_uid)
        if path and not path.exists():
            write_atomically(path, packed(build))

    def get(self, mailing_uid: str) -> Build | None:
        """Return the build of a mailing, if it is kept here."""
        path = self._path(mailing_uid)
        try:
            return _read(path) if path else None
        except FileNotFoundError:
            return None
        except OSError as err:
            raise EdgeError(f"{path} cannot be read: {err.strerror}") from err
        except ValueError as err:
            raise EdgeError(f"{path} does not hold a build", hint="take it back from a backup, or delete it") from err

    def _path(self, mailing_uid: str) -> Path | None:
        """Return the file of a mailing; None for what cannot be one, because it comes from an address."""
        return self._folder / f"{mailing_uid}.json" if _UID.fullmatch(mailing_uid) else None


@lru_cache(maxsize=8)  # the readers of an issue come within hours, and ask for its pictures one by one
def _read(path: Path) -> Build:
    return unpacked(path.read_bytes())

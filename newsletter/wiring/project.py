"""The project that a command works on: its publication, its store, and what else is on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from newsletter.core.library import Kept
from newsletter.core.ports.sending import Clock, Copying
from newsletter.core.publication import Publication, parse_publication
from newsletter.core.source import read
from newsletter.edges.clock import SystemClock
from newsletter.edges.files import Project
from newsletter.edges.kept import KeptBuilds

if TYPE_CHECKING:
    from newsletter.core.arrivals.text import Sheet
    from newsletter.edges.store import Store


@dataclass(frozen=True, slots=True)
class Here:
    """The project that a command works on, and the environment it runs in."""

    project: Project
    environment: Mapping[str, str]

    def publication(self) -> Publication:
        """Return the publication, with what the environment says for this machine."""
        return parse_publication(read(self.project.publication(), "publication.yaml"), self.environment)


def here(start: Path | None) -> Here:
    """Find the project around a folder, by default the current one."""
    return Here(Project.around(start or Path.cwd()), os.environ)


def clock() -> Clock:
    """Return the machine's clock."""
    return SystemClock()


@contextmanager
def store(where: Here, publication: Publication) -> Iterator[Store]:
    """Open the publication's store; a relative SQLite path is relative to the project."""
    from newsletter.edges.store import open_store

    with open_store(placed(where, publication.store)) as opened:
        yield opened


def copying(where: Here, source: str, target: str) -> Copying:
    """Return how everything gets from one store to another; both are URLs."""
    from newsletter.edges.store.copying import StoreCopying

    return StoreCopying(placed(where, source), placed(where, target))


def placed(where: Here, url: str) -> str:
    """Return the URL of a store, where a relative SQLite path is relative to the project."""
    scheme = "sqlite:///"
    if url.startswith(scheme) and not url.startswith("sqlite:////"):
        return scheme + str(where.project.root / url.removeprefix(scheme))
    return url


def exported(file: Path) -> Sequence[Sheet]:
    """Return the CSV files that a file is or holds."""
    from newsletter.edges.exports import sheets

    return sheets(file)


def kept(where: Here) -> Kept:
    """Return the builds of mailings that were sent from this project."""
    return KeptBuilds(where.project.state / "mailings")

"""The studio, really served, over a copy of the publication."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.web.preview.server import StudioServer
from newsletter.wiring import Here
from tests.conftest import copy_of_publication

NEWEST, OLDER = "vol-2-issue-3", "vol-1-issue-6"


@dataclass
class Studio:
    """A studio that is being served, and the defects it reported."""

    folder: Path
    server: StudioServer
    defects: list[Exception] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].strip("/"))

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in one of the publication's files, as an editor's save does."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@contextmanager
def served(project: Project, port: int | None = 0) -> Iterator[Studio]:
    """Serve the studio of a project from a thread."""
    defects: list[Exception] = []

    def report(err: Exception) -> str:
        defects.append(err)
        return "the details are kept"

    server = StudioServer(Here(project, {}), port, report)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield Studio(project.root, server, defects)
    finally:
        server.stop()
        thread.join(timeout=10)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Serve a studio for all tests of a module that write nothing."""
    with served(Project(copy_of_publication(tmp_path_factory.mktemp("reading")))) as serving:
        yield serving


@pytest.fixture
def studio(publication: Path) -> Iterator[Studio]:
    with served(Project(publication)) as serving:
        yield serving

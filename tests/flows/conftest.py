"""A real edition, and a sending office with a real SQLite store, a fake clock and a scripted transport."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.edges.files import Project
from newsletter.edges.store import Store, open_store
from newsletter.flows.build import Edition, edition
from tests.flows.desk import Desk
from tests.stores import empty_store

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def made() -> Edition:
    return edition(Project(ROOT), "vol-1-issue-6", {})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(empty_store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def desk(made: Edition, store: Store) -> Desk:
    return Desk(made, store)

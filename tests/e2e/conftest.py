"""One process that forks senders and one double of Amazon SES, for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.doubles import SesDouble, running_ses
from tests.e2e.publications import Forks, forks


@pytest.fixture(scope="session")
def fork() -> Iterator[Forks]:
    with forks() as running:
        yield running


@pytest.fixture(scope="session")
def running() -> Iterator[SesDouble]:
    with running_ses() as double:
        yield double

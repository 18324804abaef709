from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.doubles import SesDouble, running_ses
from tests.postgresql import databases
from tests.stores import empty_store
from tests.torture.__main__ import COMBINATIONS
from tests.torture.nursery import Nursery, nursery
from tests.torture.trial import Trial

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def forks() -> Iterator[Nursery]:
    with nursery() as running:
        yield running


@pytest.fixture(scope="module")
def ses() -> Iterator[SesDouble]:
    with running_ses() as double:
        yield double


@pytest.fixture(scope="module")
def new_postgresql() -> Iterator[Callable[[], str]]:
    try:
        with databases() as make:
            yield make
    except ImportError as err:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"PostgreSQL does not start here: {err}")


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda each: "-".join(map(str, each)))
def test_whoever_is_killed_when_nobody_is_lost_and_nobody_is_mailed_twice(
    combination: tuple[str, str, int],
    tmp_path: Path,
    forks: Nursery,
    ses: SesDouble,
    request: pytest.FixtureRequest,
) -> None:
    store, mode, workers = combination
    make: Callable[[], str] = request.getfixturevalue("new_postgresql") if store == "postgresql" else str
    url = empty_store(tmp_path / ".newsletter") if store == "sqlite" else make()
    trial = Trial(tmp_path, url, mode, workers, forks, ses, Random(str(combination)))  # noqa: S311 - no secret
    trial.prepare(readers=80)
    trial.run(kills=1)
    assert trial.killed

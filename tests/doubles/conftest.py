"""One running double for all tests of this folder, emptied before each."""

from collections.abc import Iterator

import pytest
from mypy_boto3_sesv2 import SESV2Client

from tests.doubles import SesDouble, running_ses


@pytest.fixture(scope="session")
def running() -> Iterator[SesDouble]:
    with running_ses() as double:
        yield double


@pytest.fixture(scope="session")
def shared_client(running: SesDouble) -> Iterator[SESV2Client]:
    client = running.client()
    yield client
    client.close()


@pytest.fixture
def ses(running: SesDouble) -> SesDouble:
    running.reset()
    return running


@pytest.fixture
def client(ses: SesDouble, shared_client: SESV2Client) -> SESV2Client:
    return shared_client


@pytest.fixture
def impatient(ses: SesDouble) -> Iterator[SESV2Client]:
    """A client that waits less than half a second for an answer."""
    client = ses.client(read_timeout=0.4)
    yield client
    client.close()

"""One double of Amazon SES and one server that answers anything, with an edge to each."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from newsletter.edges.ses import Ses
from tests.doubles import SesDouble, running_ses
from tests.edges.answering import Answering, answering
from tests.edges.speaking import SECRET, opened


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """An environment that knows these keys alone, and asks botocore to try everything seven times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "AWS_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_MAX_ATTEMPTS", "7")
        patch.setenv("AWS_RETRY_MODE", "legacy")
        yield patch


@pytest.fixture(scope="module")
def running(environment: pytest.MonkeyPatch) -> Iterator[SesDouble]:
    with running_ses(keep="messages") as double:
        yield double


@pytest.fixture(scope="module")
def shared(running: SesDouble) -> Iterator[Ses]:
    yield from opened(running.endpoint)


@pytest.fixture
def double(running: SesDouble) -> SesDouble:
    running.reset()
    return running


@pytest.fixture
def ses(double: SesDouble, shared: Ses) -> Ses:
    return shared


@pytest.fixture(scope="module")
def shared_server(environment: pytest.MonkeyPatch) -> Iterator[tuple[Answering, Ses]]:
    with answering() as server:
        for ses in opened(f"http://127.0.0.1:{server.port}"):
            yield server, ses


@pytest.fixture
def server(shared_server: tuple[Answering, Ses]) -> Answering:
    shared_server[0].requests.clear()
    return shared_server[0]


@pytest.fixture
def puzzled(shared_server: tuple[Answering, Ses]) -> Ses:
    """The edge as it talks to the server that answers anything."""
    return shared_server[1]


@pytest.fixture
def at(environment: pytest.MonkeyPatch) -> Iterator[Callable[..., Ses]]:
    """Make an edge for another endpoint or other settings."""
    made: list[Iterator[Ses]] = []

    def make(endpoint: str, **settings: Any) -> Ses:
        made.append(opened(endpoint, **settings))
        return next(made[-1])

    yield make
    for each in made:
        next(each, None)


@pytest.fixture
def closed_port() -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

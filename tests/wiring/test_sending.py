"""What is opened for sending is closed when the block ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter import wiring
from newsletter.edges.files import Project
from newsletter.wiring import Here
from tests.conftest import copy_of_publication
from tests.e2e.publications import through_ses
from tests.edges.answering import Answering, answering
from tests.edges.speaking import PARCEL
from tests.stores import empty_store

TAKEN = b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"MessageId": "m"}'


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("no_proxy", "*")
    with answering(TAKEN) as running:
        running.lingers = True
        yield running


@pytest.fixture
def here(server: Answering, tmp_path: Path) -> Here:
    folder = copy_of_publication(tmp_path / "letter")
    store = {"NEWSLETTER_STORE": empty_store(tmp_path), "NEWSLETTER_SECRET": "k" * 32}
    return Here(Project(folder), {**store, **through_ses(f"http://127.0.0.1:{server.port}")})


def test_who_sent_a_mailing_hangs_up(here: Here, server: Answering) -> None:
    with wiring.office(here, here.publication(), print) as office:
        office.transport.send(PARCEL)
        assert not server.closed.acquire(timeout=0.1)
    assert server.closed.acquire(timeout=3)


def test_who_kept_the_doors_hangs_up(here: Here, server: Answering) -> None:
    with wiring.reception(here, here.publication(), print, print) as reception:
        reception.post.transport.send(PARCEL)
        assert not server.closed.acquire(timeout=0.1)
    assert server.closed.acquire(timeout=3)

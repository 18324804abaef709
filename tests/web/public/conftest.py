"""The public doors, really served, over a copy of the publication and an empty store."""

from __future__ import annotations

import email
import email.policy
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from newsletter import wiring
from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.edges.store import Store, open_store
from newsletter.flows.errands import Errand
from newsletter.flows.readers import Reception
from newsletter.web.public.app import public_app
from newsletter.web.public.server import DoorsServer
from newsletter.wiring import Here
from tests.conftest import copy_of_publication
from tests.stores import empty_store

FORM = "application/x-www-form-urlencoded"
MORE = """
topics:
  us: News from the United States
  global: News from elsewhere
"""


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    data: bytes

    @property
    def body(self) -> str:
        return self.data.decode()

    @property
    def title(self) -> str:
        (title,) = re.findall("<h1>(.*)</h1>", self.body)
        return str(title)


@dataclass
class Doors:
    """Doors that are being served, what they told the editor, and the defects they met."""

    folder: Path
    port: int
    store: Store
    links: LinkMaker
    told: list[str] = field(default_factory=list)
    defects: list[Exception] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(
        self, path: str, data: str | bytes | None = None, method: str = "", kind: str = FORM, **headers: str
    ) -> Answer:
        """Ask for a path; with data, post them."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if data is not None:
            given["Content-Type"] = kind
        try:
            connection.request(method or ("GET" if data is None else "POST"), path, data, given)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read())
        finally:
            connection.close()

    def sign_up(self, address: str, **fields: str) -> Answer:
        return self.ask("/subscribe", urlencode({"address": address, **fields}))

    def mails(self, kind: str = "confirm") -> list[EmailMessage]:
        """Return what lies in the outbox, oldest first."""
        files = sorted((self.folder / ".newsletter/outbox" / kind).glob("*.eml"), key=lambda path: path.stat().st_mtime)
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]

    def path(self, name: str, reader: Subscriber | None, mailing: str = "may") -> str:
        """Return the path of one of a reader's links."""
        assert reader
        return self.links.make(name, Bearer(reader.uid, mailing)).removeprefix("https://v2gnews.example.com")

    def reader(self, address: str) -> Subscriber | None:
        return self.store.readers.find(Whom(address=address))


def link_in(mail: EmailMessage, name: str) -> str:
    """Return the path of a link in a mail."""
    body = mail.get_body(("html",))
    assert body
    (found,) = set(re.findall(rf"https?://[^/]+(/{name}/[^\"<>\s]+)", body.get_content()))
    return str(found)


def at_once(_: str, errand: Errand) -> None:
    """Do what no answer waits for before the answer, so that a test need not wait for it."""
    errand()


@contextmanager
def served(
    folder: Path,
    environment: Mapping[str, str],
    *,
    change: Callable[[Reception], Reception] = lambda reception: reception,
    url: str | None = None,
    at_least: float = 0.0,
) -> Iterator[Doors]:
    """Serve the doors of a publication from a thread."""
    here = Here(Project(folder), {"NEWSLETTER_STORE": url or empty_store(folder / ".newsletter"), **environment})
    publication = here.publication()
    told: list[str] = []
    defects: list[Exception] = []
    with wiring.reception(here, publication, told.append, defects.append) as reception:
        app = public_app(change(replace(reception, later=at_once)), defects.append, at_least=at_least)
        server = DoorsServer(app, "127.0.0.1", 0, ["127.0.0.1"])
        thread = threading.Thread(target=server.serve)
        thread.start()
        port = int(server.url.rpartition(":")[2])
        try:
            with open_store(publication.store) as store:
                yield Doors(folder, port, store, wiring.links(here, publication), told, defects)
        finally:
            server.stop()
            thread.join(timeout=20)
        assert not thread.is_alive()


def publication_in(folder: Path, more: str = MORE) -> Path:
    """Copy the publication into a folder, and add lines to it."""
    copy_of_publication(folder)
    file = folder / "publication.yaml"
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    return folder


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    with served(publication_in(tmp_path / "publication"), {}) as serving:
        yield serving
        assert serving.defects == []

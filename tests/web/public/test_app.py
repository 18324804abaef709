"""The doors as a whole: what every answer carries, what no question changes, what is too much, and how they end."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from newsletter.core.acts import Pause
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.errors import BadInput, StoreError
from newsletter.flows.readers import Reception
from newsletter.web.public.server import DoorsServer
from tests.conftest import REPOSITORY
from tests.stores import empty_store, on_the_list
from tests.web.public.conftest import Answer, Doors, publication_in, served

ANN = "ann@example.org"
EVERYWHERE = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "strict-transport-security": "max-age=31536000",
}


def with_ann(doors: Doors) -> Subscriber:
    doors.store.subscribers.put([Subscriber(address=ANN, first_name="Ann", tags=frozenset({"us"}))], datetime.now(UTC))
    ann = doors.reader(ANN)
    assert ann
    return ann


def paths(doors: Doors, reader: Subscriber) -> Sequence[str]:
    """Return every address there is, with real links where there are some."""
    links = [doors.path(name, reader) for name in ("confirm", "unsubscribe", "return", "preferences", "view")]
    own = ["/unsubscribe", "/preferences", "/view", "/logo", "/pictures/may/none.png"]
    return ["/healthz", "/favicon.ico", "/subscribe", "/embed", *links, *own, "/", "/nowhere", "/unsubscribe/x"]


def test_every_answer_says_what_it_may_not_do(doors: Doors) -> None:
    ann = with_ann(doors)
    answers = [
        doors.ask(path, method=method)
        for path in paths(doors, ann)
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PATCH")
    ]
    answers.append(doors.ask("/subscribe", b"x" * 20_000))
    assert {answer.status for answer in answers} >= {200, 204, 400, 404, 405, 413}
    for answer in answers:
        assert EVERYWHERE.items() <= answer.headers.items()
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert policy.endswith("; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
        assert "server" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert not 300 <= answer.status < 400
        assert b"<script" not in answer.data


def test_an_answer_to_a_defect_is_safe_too(tmp_path: Path) -> None:
    class Broken:
        def find(self, _: Whom) -> None:
            raise RuntimeError(f"a defect about {ANN}")

    with served(publication_in(tmp_path / "p"), {}, change=lambda at: replace(at, readers=Broken())) as doors:  # type: ignore[arg-type]
        answer = doors.ask("/healthz")
        assert (answer.status, answer.title) == (500, "Please try again later")
        assert EVERYWHERE.items() <= answer.headers.items()
        assert ANN not in answer.body
        assert [str(err) for err in doors.defects] == [f"a defect about {ANN}"]


def test_when_the_store_fails_readers_are_asked_to_come_back(tmp_path: Path) -> None:
    class Failing:
        def find(self, _: Whom) -> None:
            raise StoreError("the database is away")

        def change(self, *_: object) -> None:
            raise StoreError("the database is away")

    def change(at: Reception) -> Reception:
        return replace(at, readers=Failing())  # type: ignore[arg-type]

    with served(publication_in(tmp_path / "p"), {}, change=change) as doors:
        ann = Subscriber(address=ANN, uid="ann")
        asked = [doors.ask("/healthz"), doors.sign_up(ANN), doors.ask(doors.path("unsubscribe", ann), "")]
        for answer in asked:
            assert (answer.status, answer.title) == (503, "Please try again later")
            assert answer.headers["retry-after"] == "60"
        assert doors.mails() == []
        assert ANN not in "".join(doors.told)


def test_get_head_and_options_change_nothing_anywhere(doors: Doors) -> None:
    ann = with_ann(doors)
    doors.sign_up("bob@example.org")
    bob = doors.reader("bob@example.org")
    assert bob
    doors.store.readers.find(Whom(uid="nobody"))
    before = everything(doors.folder)
    for reader in (ann, bob):
        for path in paths(doors, reader):
            for method in ("GET", "HEAD", "OPTIONS"):
                doors.ask(path, method=method)
                doors.ask(path, "List-Unsubscribe=One-Click", method=method)
    assert everything(doors.folder) == before
    assert len(doors.mails()) == 1


def everything(folder: Path) -> list[str]:
    """Return all that the store holds, as SQL."""
    connection = sqlite3.connect(folder / ".newsletter/newsletter.db")
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_a_body_that_is_too_large_is_refused_before_it_is_read_and_while_it_is(doors: Doors) -> None:
    announced = doors.ask("/subscribe", b"address=" + b"x" * 20_000)
    assert (announced.status, announced.title) == (413, "This cannot be done")
    chunks = b"".join(b"400\r\n" + b"x" * 1024 + b"\r\n" for _ in range(20)) + b"0\r\n\r\n"
    assert in_chunks(doors, chunks).status == 413


def in_chunks(doors: Doors, chunks: bytes) -> Answer:
    """Post a body whose length is not told before."""
    return doors.ask("/subscribe", chunks, Transfer_Encoding="chunked")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/json", ""])
@pytest.mark.parametrize(
    "body", [b"", b"--x\r\n", b"\xff\xfe=%00&%", b"--x\r\nContent-Disposition: form-data\r\n\r\n1"]
)
def test_a_form_that_cannot_be_read_is_a_mistake_of_the_sender(doors: Doors, kind: str, body: bytes) -> None:
    assert doors.ask("/subscribe", body, kind=kind).status == 400


def test_a_file_is_no_field(doors: Doors) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="address"; filename="a"\r\n\r\nann@example.org\r\n--x--\r\n'
    assert doors.ask("/subscribe", body, kind="multipart/form-data; boundary=x").status == 400
    assert on_the_list(doors.store) == 0


def test_preferences_are_shown_and_saved(doors: Doors) -> None:
    ann = with_ann(doors)
    path = doors.path("preferences", ann)
    shown = doors.ask(path)
    assert 'value="us" checked' in shown.body
    assert ANN not in shown.body
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    saved = doors.ask(path, f"first_name=Anna&last_name=&topic=global&topic=vip&pause={day}")
    assert (saved.status, "Saved." in saved.body) == (200, True)
    changed = doors.reader(ANN)
    assert changed
    assert changed.first_name == "Anna"
    assert changed.tags == {"global"}
    assert changed.paused_until
    assert changed.paused_until.date() == day
    doors.ask(path, "first_name=Anna&pause=")
    resumed = doors.reader(ANN)
    assert resumed
    assert (resumed.paused_until, resumed.tags) == (None, frozenset())


def test_whoever_was_paused_saves_the_form_as_it_is_shown(doors: Doors) -> None:
    ann, now = with_ann(doors), datetime.now(UTC)
    doors.store.readers.change(Whom(uid=ann.uid), Pause(now - timedelta(days=2)), now - timedelta(days=9))
    path = doors.path("preferences", ann)
    (day,) = re.findall(r'name="pause" type="date" value="([^"]*)"', doors.ask(path).body)
    assert doors.ask(path, f"first_name=Anna&pause={day}").status == 200
    changed = doors.reader(ANN)
    assert changed
    assert (changed.first_name, changed.paused_until) == ("Anna", None)


def test_tags_that_are_no_topics_stay_whatever_a_reader_chooses(doors: Doors) -> None:
    doors.store.subscribers.put([Subscriber(address=ANN, tags=frozenset({"us", "board"}))], datetime.now(UTC))
    doors.ask(doors.path("preferences", doors.reader(ANN)), "topic=global")
    changed = doors.reader(ANN)
    assert changed
    assert changed.tags == {"board", "global"}


@pytest.mark.parametrize("day", ["2020-01-01", "9999-12-31", "tomorrow", "2027-02-30"])
def test_a_pause_until_an_impossible_day_is_not_saved(doors: Doors, day: str) -> None:
    ann = with_ann(doors)
    answer = doors.ask(doors.path("preferences", ann), f"first_name=Anna&topic=global&pause={day}")
    assert answer.status == 400
    assert "This is not a day" in answer.body
    assert 'value="Anna"' in answer.body  # what was filled in is not lost
    assert doors.reader(ANN) == ann


def test_whoever_is_not_on_the_list_has_no_preferences(doors: Doors) -> None:
    doors.sign_up(ANN)
    for data in (None, "first_name=Eve"):
        answer = doors.ask(doors.path("preferences", doors.reader(ANN)), data)
        assert answer.title == "You are not on the list"
    reader = doors.reader(ANN)
    assert reader
    assert (reader.standing, reader.first_name) == (Standing.UNCONFIRMED, "")


@pytest.mark.parametrize(("written", "path"), [("letters", "/letters"), ("café", "/caf%C3%A9")])
def test_links_below_a_path_are_answered_there(tmp_path: Path, written: str, path: str) -> None:
    folder = publication_in(tmp_path / "p", f"public_url: https://v2gnews.example.com/{written}/\n")
    with served(folder, {}) as doors:
        doors.sign_up(ANN)
        assert doors.ask(f"{path}/subscribe").status == 200
        assert doors.ask(f"{path}/subscribe", f"address={ANN}").status == 200
        reader = doors.reader(ANN)
        assert doors.ask(doors.path("confirm", reader), "").title == "You are on the list"
        assert f'action="{doors.path("unsubscribe", reader)}"' in doors.ask(doors.path("preferences", reader)).body
        assert doors.ask(f"{path}/view").status == 200


def test_a_place_to_listen_at_that_cannot_be_had_is_a_mistake_of_the_editor(doors: Doors) -> None:
    for host, port in (("127.0.0.1", doors.port), ("203.0.113.7", 0), ("no such host", 0), ("a..b", 0)):
        with pytest.raises(BadInput, match="cannot be used") as caught:
            DoorsServer(PlainTextResponse("x"), host, port, [])
        assert "--port" in caught.value.hint


async def says_who_asks(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(scope["client"][0])(scope, receive, send)


@pytest.mark.parametrize("proxy", ["127.0.0.1", "127.0.0.1/8", "127.0.0.0/8"])
@pytest.mark.parametrize("host", ["127.0.0.1", "::"])  # the second also takes what comes over IPv4
def test_a_proxy_is_believed_however_it_is_written(host: str, proxy: str) -> None:
    server = DoorsServer(says_who_asks, host, 0, [proxy])
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        doors = Doors(Path(), int(server.url.rpartition(":")[2]), None, None)  # type: ignore[arg-type]
        assert doors.ask("/", X_Forwarded_For="203.0.113.7").body == "203.0.113.7"
    finally:
        server.stop()
        thread.join(timeout=20)


@pytest.mark.parametrize("proxy", ["localhost", "10.0.0.0/33", ""])
def test_a_proxy_that_nobody_could_be_is_refused(proxy: str) -> None:
    with pytest.raises(BadInput, match="neither an IP address nor a network"):
        DoorsServer(says_who_asks, "127.0.0.1", 0, [proxy])


def test_the_program_finishes_what_is_under_way_at_sigterm_and_says_no_address(tmp_path: Path) -> None:
    folder = publication_in(tmp_path / "p")
    empty_store(folder / ".newsletter")
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "newsletter", "serve", "--port", "0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=folder, env=environment) as program:
        assert program.stdout
        assert program.stderr
        url = program.stdout.readline().strip()
        assert url.endswith("/subscribe")
        doors = Doors(folder, int(url.split(":")[2].partition("/")[0]), None, None)  # type: ignore[arg-type]
        doors.sign_up(ANN, first_name="Annabel")
        doors.ask(f"/confirm/{ANN}", ANN)
        doors.ask(f"/subscribe?address={ANN}")
        with ThreadPoolExecutor() as late:
            answer = late.submit(doors.sign_up, "annie@example.org")
            sleep(0.4)  # a sign-up takes a second
            program.send_signal(signal.SIGTERM)
            assert answer.result().title == "Look into your mailbox"
        said = program.stdout.read() + program.stderr.read()
    assert program.returncode == 0
    assert (doors.folder / ".newsletter/outbox/confirm").is_dir()
    assert "ann" not in said.lower().replace("channel", "")

"""The studio as a server: what it answers, what it refuses, and that it ends."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from time import monotonic, sleep

import pytest

from newsletter.edges.files import Project
from newsletter.errors import BadInput
from newsletter.web.preview.server import HOST, PORT, StudioServer
from newsletter.wiring import Here
from tests.conftest import REPOSITORY
from tests.web.preview.conftest import NEWEST, OLDER, Studio, served


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


def ask(studio: Studio, path: str, method: str = "GET", host: str | None = None) -> Answer:
    connection = HTTPConnection(HOST, studio.port, timeout=10)
    try:
        connection.request(method, path, headers={"Host": host or f"127.0.0.1:{studio.port}"})
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.headers.items()), answer.read().decode())
    finally:
        connection.close()


@contextmanager
def news(port: int) -> Iterator[HTTPResponse]:
    """Listen to the stream of changes; its first event has been read."""
    connection = HTTPConnection(HOST, port, timeout=10)
    connection.request("GET", "/api/changes")
    stream = connection.getresponse()
    assert event(stream) == "hello"
    try:
        yield stream
    finally:
        stream.close()
        connection.close()


def event(stream: HTTPResponse) -> str:
    while line := stream.readline().decode():
        if line.startswith("event: "):
            return line.removeprefix("event: ").strip()
    return "end"


def test_the_issues_are_listed_newest_first(reading: Studio) -> None:
    assert json.loads(ask(reading, "/api/issues").body) == {"issues": [NEWEST, OLDER]}


@pytest.mark.parametrize("version", ["1", "-1", "x", "", "00"])
def test_a_variant_that_is_not_there_is_not_found(reading: Studio, version: str) -> None:
    assert ask(reading, f"/proof/{NEWEST}?version=0").status == 200
    assert ask(reading, f"/proof/{NEWEST}?version={version}").status == 404


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "newsletter.local:8025"])
def test_another_host_name_is_refused(reading: Studio, host: str) -> None:
    assert ask(reading, "/api/issues", host=host).status == 400


def test_localhost_is_let_in(reading: Studio) -> None:
    assert ask(reading, "/", host=f"localhost:{reading.port}").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/api/issues", f"/api/issues/{NEWEST}", f"/proof/{NEWEST}", "/static/studio.js"])
def test_everything_but_reading_is_refused(reading: Studio, method: str, path: str) -> None:
    assert ask(reading, path, method).status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/proof/..%2Fpublication",
        "/proof/%2Fetc%2Fpasswd",
        "/proof/..",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static//etc/passwd",
        "/api/issues/..%2f..%2fpublication.yaml",
        "/proof/publication",
    ],
)
def test_no_path_leads_out_of_the_issues(reading: Studio, path: str) -> None:
    assert ask(reading, path).status == 404


@pytest.mark.parametrize(
    "path", ["/", "/api/issues", f"/api/issues/{NEWEST}", f"/proof/{NEWEST}", "/static/studio.js", "/x"]
)
def test_every_answer_says_what_it_may_not_do(reading: Studio, path: str) -> None:
    headers = ask(reading, path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline'" not in policy.partition("script-src")[2]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"


def test_the_email_may_run_no_scripts_even_when_it_is_opened_by_itself(reading: Studio) -> None:
    policy = ask(reading, f"/proof/{NEWEST}").headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "script-src" not in policy  # so default-src 'none' holds


def test_only_this_machine_can_connect(reading: Studio) -> None:
    assert reading.url.startswith("http://127.0.0.1:")


def test_a_save_is_told_to_everybody_who_listens(studio: Studio) -> None:
    with news(studio.port) as one, news(studio.port) as other:
        studio.edit(f"issues/{NEWEST}.yaml", "volume: 2", "volume: 3")
        assert event(one) == event(other) == "change"


def test_a_new_or_changed_schema_is_told_too(studio: Studio) -> None:
    schema = studio.folder / "layouts/v2g/blocks/quip.schema.yaml"
    with news(studio.port) as stream:
        for text in ("title: line", "title: optional line"):
            schema.write_text(text, encoding="utf-8")
            assert event(stream) == "change"


class Unwatchable(Project):
    """A project on a system that has no watches left when it is asked first."""

    asked = 0

    def watched(self, layout: str) -> Sequence[Path]:
        self.asked += 1
        if self.asked == 1:
            raise OSError(errno.ENOSPC, "no space left for watches")
        return super().watched(layout)


def test_where_the_system_cannot_watch_the_files_are_looked_at_again_and_again(publication: Path) -> None:
    project = Unwatchable(publication)
    with served(project) as studio, news(studio.port) as stream:
        assert event(stream) == "change"  # whatever happened meanwhile
        studio.edit(f"issues/{NEWEST}.yaml", "Dear {{", "Hello and welcome, {{")
        assert event(stream) == "change"
    assert project.asked == 2


class Counting(Project):
    """A project that counts how often it is rendered."""

    rendered = 0

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        self.rendered += 1
        return super().layout(name)


def test_an_issue_is_rendered_once_per_change_however_many_ask(publication: Path) -> None:
    project = Counting(publication)
    with served(project) as studio:
        askers = [threading.Thread(target=ask, args=(studio, f"/proof/{NEWEST}")) for _ in range(8)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        assert project.rendered == 1
        with news(studio.port) as stream:
            studio.edit(f"issues/{NEWEST}.yaml", "Dear {{", "Hello and welcome, {{")
            assert event(stream) == "change"
        assert "Hello and welcome, Robin" in ask(studio, f"/proof/{NEWEST}").body
        ask(studio, f"/api/issues/{NEWEST}")
        assert project.rendered == 2


class Cursed(Project):
    """A project in which something happens that nobody expected."""

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        raise ZeroDivisionError

    def issues(self) -> list[str]:
        if (self.root / "cursed").exists():
            raise OverflowError
        return list(super().issues())


def test_a_defect_is_reported_once_and_shown_and_the_server_goes_on(publication: Path) -> None:
    with served(Cursed(publication)) as studio:
        for _ in range(2):
            sight = json.loads(ask(studio, f"/api/issues/{NEWEST}").body)
            assert sight["state"] == "broken"
            assert "defect of this program: ZeroDivisionError" in sight["message"]
            assert sight["hint"] == "the details are kept"
        assert [type(err) for err in studio.defects] == [ZeroDivisionError]
        assert ask(studio, "/").status == 200


def test_a_defect_anywhere_else_is_an_answer_too(publication: Path) -> None:
    with served(Cursed(publication)) as studio:
        (publication / "cursed").touch()
        answer = ask(studio, "/api/issues")
        assert answer.status == 500
        assert answer.body == "A defect of this program: OverflowError. the details are kept"
        (publication / "cursed").unlink()
        assert ask(studio, "/api/issues").status == 200


def test_nothing_is_written_into_the_publication(reading: Studio) -> None:
    before = sorted(reading.folder.rglob("*"))
    ask(reading, f"/proof/{NEWEST}")
    assert sorted(reading.folder.rglob("*")) == before


def test_a_busy_port_that_was_asked_for_is_an_error_with_a_hint(publication: Path, studio: Studio) -> None:
    with pytest.raises(BadInput, match=f"port {studio.port} cannot be used") as caught:
        StudioServer(Here(Project(publication), {}), studio.port, str)
    assert "--port" in caught.value.hint


def test_without_a_port_the_next_free_one_is_taken(publication: Path) -> None:
    with socket.socket() as busy:
        busy.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            busy.bind((HOST, PORT))
            busy.listen()
        except OSError:
            pass  # somebody else has it, which is as good
        with served(Project(publication), port=None) as studio:
            assert PORT < studio.port < PORT + 20


@contextmanager
def program(publication: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `newsletter preview` in a process of its own; yield it and the address that it printed."""
    command = [sys.executable, "-c", "from newsletter.cli.app import main; main()", "preview", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [*command, *arguments],
        cwd=publication,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline().strip()
        finally:
            if running.poll() is None:
                running.kill()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_the_server_within_five_seconds_though_a_page_listens(
    publication: Path, sign: signal.Signals
) -> None:
    with program(publication, "--no-open") as (running, url):
        port = int(url.rsplit(":", 1)[1].strip("/"))
        with news(port) as stream:
            running.send_signal(sign)
            assert event(stream) == "end"
            _, talk = running.communicate(timeout=5)
    assert running.returncode in {130, -signal.SIGTERM}
    assert "Traceback" not in talk


def test_an_issue_named_on_the_command_line_is_in_the_address(publication: Path) -> None:
    with program(publication, OLDER) as (_, url):
        assert url.endswith(f"/?issue={OLDER}")


def test_an_issue_that_is_not_there_ends_the_command_with_a_hint(publication: Path) -> None:
    with program(publication, "vol-1-issue-7") as (running, _):
        _, talk = running.communicate(timeout=10)
    assert running.returncode == 2
    assert "error: there is no issue 'vol-1-issue-7'" in talk
    assert "hint:" in talk


def test_pictures_of_an_issue_are_served_by_their_names_and_no_others(studio: Studio) -> None:
    shutil.copy(REPOSITORY / "tests/pictures/pulse.gif", studio.folder / "issues")
    studio.edit(f"issues/{NEWEST}.yaml", "blocks:\n", "blocks:\n  - {kind: figure, src: pulse.gif, decorative: true}\n")

    def pictures() -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(ask(studio, f"/api/issues/{NEWEST}").body)["pictures"]
        return found

    end = monotonic() + 5
    while not pictures() and monotonic() < end:
        sleep(0.05)
    [about] = pictures()
    address = f"/assets/{NEWEST}/" + str(about["file"]).removeprefix("assets/")
    assert f'src="{address}"' in ask(studio, f"/proof/{NEWEST}").body
    connection = HTTPConnection(HOST, studio.port, timeout=10)
    connection.request("GET", address)
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/gif")
    assert len(answer.read()) == about["bytes"]
    connection.close()
    assert ask(studio, f"/assets/{NEWEST}/nothing.png").status == 404
    assert ask(studio, f"/assets/{NEWEST}/..%2F..%2Fpulse.gif").status == 404
    assert ask(studio, address.replace(NEWEST, OLDER)).status == 404

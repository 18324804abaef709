"""However the door out is run, it answers the same: its pages to the byte, its headers, and who is taken off."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import boto3
import pytest

from newsletter.core.feedback import Kind
from newsletter.core.links import Bearer, LinkMaker, inert_link
from newsletter.core.ses_events import read_event
from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.web.public.guard import safe_headers
from newsletter.web.public.pages import Button, Pages, pages_of
from newsletter.wiring import Here
from tests.standins import running_moto
from tests.web.exits import ByMangum, Exit, Inline, Queue, Served
from tests.web.public.conftest import Doors, publication_in, served

pytestmark = pytest.mark.slow

BASE = "https://v2gnews.example.com"
OLD, NEW = "o" * 32, "n" * 32
GERMAN = """
words:
  unsubscribe_title: "{publication} verlassen?"
  unsubscribe: Abmelden
tokens:
  accent: "#7A1F5C"
"""
ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = (
    "multipart/form-data; boundary=xYzZY",
    '--xYzZY\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xYzZY--\r\n',
)
FORM = ("application/x-www-form-urlencoded", ONE_CLICK)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    """A publication with words and a colour of its own, and an account of Amazon's with a queue and the keys."""
    folder = publication_in(tmp_path_factory.mktemp("exits") / "publication", GERMAN)
    with running_moto() as endpoint, pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ENDPOINT_URL", endpoint)
        patch.setenv("ARCHIVE", f"{BASE}/archive")
        patch.setenv("KEYS", client("secretsmanager").create_secret(Name="keys", SecretString=f"{OLD}, {NEW}")["ARN"])
        patch.setenv("QUEUE", client("sqs").create_queue(QueueName="events")["QueueUrl"])
        yield Here(Project(folder), {"NEWSLETTER_SECRET": f"{OLD},{NEW}"})


@pytest.fixture
def queue(here: Here, monkeypatch: pytest.MonkeyPatch) -> Queue:
    sqs = client("sqs")
    return Queue(sqs, sqs.get_queue_url(QueueName="events")["QueueUrl"])


def client(service: Any) -> Any:
    return boto3.client(service, region_name="us-east-1")


def of_a_function(here: Here, queue: Queue) -> Here:
    """Return the same without a database."""
    settings = {
        "NEWSLETTER_SES_FEEDBACK_QUEUE": queue.url,
        "NEWSLETTER_SES_REGION": "us-east-1",
        "NEWSLETTER_STORE": "postgresql+psycopg://nobody@localhost:1/nothing",
    }
    return Here(here.project, {**here.environment, **settings})


@pytest.fixture(scope="module")
def doors(here: Here) -> Iterator[Doors]:
    with served(here.project.root, here.environment) as serving:
        yield serving


@pytest.fixture(params=["serve", "mangum", "inline"])
def exit_(request: pytest.FixtureRequest, here: Here, queue: Queue) -> tuple[Exit, str]:
    """An open door, and the uid of somebody who may leave by it."""
    if request.param == "mangum":
        return ByMangum(of_a_function(here, queue), queue), "ann"
    if request.param == "inline":
        return Inline(of_a_function(here, queue), queue), "ann"
    doors: Doors = request.getfixturevalue("doors")
    address = f"{uuid4().hex}@example.org"
    doors.store.subscribers.put([Subscriber(address=address)], datetime.now(UTC))
    reader = doors.reader(address)
    assert reader
    return Served(doors, reader.uid), reader.uid


@pytest.fixture(params=["mangum", "inline"])
def function(request: pytest.FixtureRequest, here: Here, queue: Queue) -> Exit:
    """A door of which there is no list behind."""
    made = ByMangum if request.param == "mangum" else Inline
    return made(of_a_function(here, queue), queue)


@pytest.fixture(scope="module")
def pages(here: Here) -> Pages:
    return pages_of(here.project, here.environment)[1]


def path(uid: str, door: str = "unsubscribe", key: str = NEW) -> str:
    return LinkMaker(BASE, [key]).make(door, Bearer(uid, "may")).removeprefix(BASE)


def asking(pages: Pages) -> str:
    return pages.message("unsubscribe", Button("Abmelden"))


@pytest.mark.parametrize("key", [OLD, NEW], ids=["an old link", "a new link"])
@pytest.mark.parametrize(("kind", "body"), [FORM, MULTIPART, ("", "")], ids=["urlencoded", "multipart", "nothing"])
def test_one_click_takes_effect_at_once_whatever_it_says(
    exit_: tuple[Exit, str], pages: Pages, kind: str, body: str, key: str
) -> None:
    door, ann = exit_
    answer = door.ask("POST", path(ann, key=key), body, kind)
    assert (answer.status, answer.title) == (200, "You have left")
    assert "set-cookie" not in answer.headers
    assert door.left() == [ann]


def test_to_look_shows_a_page_in_the_publication_s_look_and_words_and_takes_nobody_off(
    exit_: tuple[Exit, str], pages: Pages
) -> None:
    door, ann = exit_
    answer = door.ask("GET", path(ann))
    assert answer.status == 200
    assert answer.body == asking(pages)
    assert "V2G News verlassen?" in answer.body
    assert "--accent: #7A1F5C" in answer.body
    assert door.ask("HEAD", path(ann)).status == 200
    assert door.left() == []


def wrong_ones(uid: str) -> Mapping[str, tuple[int, str]]:
    """Return paths that are no reader's link, with the status and the page that they get."""
    broken = 404, "broken"
    return {
        inert_link("", "unsubscribe"): (200, "test"),
        path(uid)[:-1]: broken,
        path(uid) + "x": broken,
        path(uid, key="another key of thirty-two characters"): broken,
        path(uid).replace(uid, "somebody-else"): broken,
        path(uid, "preferences").replace("/preferences/", "/unsubscribe/"): broken,
        "/unsubscribe/nonsense": broken,
        "/unsubscribe/%C3%A9.%00.%ED%A0%80": broken,
        "/nowhere": broken,
        "/": broken,
    }


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_no_reader_s_link_takes_nobody_off(exit_: tuple[Exit, str], pages: Pages, method: str) -> None:
    door, ann = exit_
    for wrong, (status, page) in wrong_ones(ann).items():
        answer = door.ask(method, wrong, ONE_CLICK if method == "POST" else "")
        assert (wrong, answer.status, answer.body) == (wrong, status, pages.message(page))
    assert door.left() == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_other_methods_are_refused_and_told_which_there_are(exit_: tuple[Exit, str], pages: Pages, method: str) -> None:
    door, ann = exit_
    answer = door.ask(method, path(ann), ONE_CLICK)
    assert (answer.status, answer.body) == (405, pages.message("refused"))
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert door.left() == []


def test_a_link_whose_characters_a_scanner_wrote_otherwise_still_works(exit_: tuple[Exit, str], pages: Pages) -> None:
    door, ann = exit_
    assert door.ask("GET", path(ann).replace(".", "%2E")).body == asking(pages)


def test_every_answer_says_what_it_may_not_do(exit_: tuple[Exit, str], pages: Pages) -> None:
    door, ann = exit_
    expected = {name.lower(): value for name, value in safe_headers(pages.policy, encrypted=True).items()}
    asked = [("GET", path(ann)), ("PUT", path(ann)), ("GET", "/nowhere"), ("GET", "/favicon.ico")]
    answers = [door.ask(*each) for each in asked]
    assert [each.status for each in answers] == [200, 405, 404, 204]
    for answer in answers:
        assert expected.items() <= answer.headers.items()
    assert {each.headers["content-type"] for each in answers[:3]} == {"text/html; charset=utf-8"}


def test_the_wish_is_one_that_feedback_understands(function: Exit, queue: Queue) -> None:
    function.ask("POST", path("ann"), ONE_CLICK)
    (body,) = queue.wishes()
    wish = read_event(body)
    assert wish
    assert (wish.kind, wish.subscriber, wish.mailing) == (Kind.UNSUBSCRIBE, "ann", "may")
    assert wish.at
    assert abs((datetime.now(UTC) - wish.at).total_seconds()) < 60


def test_the_other_links_of_a_mail_lead_to_the_archive_and_to_leaving(function: Exit, pages: Pages) -> None:
    view = function.ask("GET", path("ann", "view"))
    assert (view.status, view.headers["location"]) == (303, f"{BASE}/archive")
    preferences = path("ann", "preferences")
    answer = function.ask("GET", preferences)
    assert answer.status == 303
    assert urljoin(preferences, answer.headers["location"]) == path("ann")
    assert function.ask("GET", preferences + "x").status == 404
    assert function.ask("GET", inert_link("", "preferences")).body == pages.message("test")
    for name in ("view", "preferences"):
        refused = function.ask("POST", path("ann", name), ONE_CLICK)
        assert (refused.status, set(refused.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert function.left() == []


@pytest.mark.parametrize("made", [ByMangum, Inline])
def test_when_the_queue_fails_readers_are_asked_to_come_back(
    made: type[ByMangum | Inline],
    here: Here,
    queue: Queue,
    pages: Pages,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    gone = Queue(queue.client, queue.url + "-gone")
    monkeypatch.setenv("QUEUE", gone.url)
    answer = made(of_a_function(here, gone), queue).ask("POST", path("ann-the-reader"), ONE_CLICK)
    assert (answer.status, answer.body) == (503, pages.message("later"))
    assert answer.headers["retry-after"] == "60"
    said = capsys.readouterr().err
    assert re.search(r"asked to try again later: .*NonExistentQueue", said)
    assert "ann-the-reader" not in said


def test_the_inline_function_answers_below_any_path(here: Here, queue: Queue, pages: Pages) -> None:
    door = Inline(of_a_function(here, queue), queue)
    assert door.ask("GET", f"/letters{path('ann')}").body == asking(pages)

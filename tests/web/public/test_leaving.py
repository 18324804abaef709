"""Leaving: as mail programs do it, by the page, under load, and over the years."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.core.links import Bearer, LinkMaker
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.edges.store import open_store
from tests.postgresql import databases
from tests.stores import empty_store
from tests.web.public.conftest import Doors, publication_in, served

ANN = "ann@example.org"
OLD, NEW = "o" * 32, "n" * 32
ONE_CLICK = "List-Unsubscribe=One-Click"
MULTIPART = (
    "multipart/form-data; boundary=xYzZY",
    '--xYzZY\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--xYzZY--\r\n',
)


def put(doors: Doors, *addresses: str) -> list[Subscriber]:
    people = [Subscriber(address=address) for address in addresses]
    doors.store.subscribers.put(people, datetime.now(UTC))
    return [found for address in addresses if (found := doors.reader(address))]


def standing(doors: Doors, address: str = ANN) -> Standing | None:
    reader = doors.reader(address)
    return reader.standing if reader else None


@pytest.mark.parametrize(
    ("kind", "body"), [("application/x-www-form-urlencoded", ONE_CLICK), MULTIPART], ids=["urlencoded", "multipart"]
)
def test_one_click_of_a_mail_program_takes_the_reader_off_at_once(doors: Doors, kind: str, body: str) -> None:
    (ann,) = put(doors, ANN)
    answer = doors.ask(doors.path("unsubscribe", ann), body, kind=kind, User_Agent="Google-Gmail-Unsubscribe")
    assert answer.status == 200  # RFC 8058 3.1: no redirect
    assert "set-cookie" not in answer.headers
    assert standing(doors) is Standing.UNSUBSCRIBED
    (entry,) = doors.store.readers.history(Whom(address=ANN))
    assert (entry.what, entry.detail) == ("unsubscribed", "by the reader: the link in may")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_nothing_but_a_post_takes_anybody_off(doors: Doors, method: str) -> None:
    (ann,) = put(doors, ANN)
    answer = doors.ask(doors.path("unsubscribe", ann), method=method)
    assert answer.status == (200 if method in {"GET", "HEAD"} else 405)
    if answer.status == 405:
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    assert standing(doors) is Standing.ACTIVE


def test_the_page_has_one_button_that_does_what_a_mail_program_does(doors: Doors) -> None:
    (ann,) = put(doors, ANN)
    page = doors.ask(doors.path("unsubscribe", ann))
    assert page.title == "Leave V2G News?"
    assert page.body.count("<button") == 1
    assert 'name="List-Unsubscribe" value="One-Click"' in page.body


def test_leaving_twice_is_leaving(doors: Doors) -> None:
    (ann,) = put(doors, ANN)
    for _ in range(2):
        assert doors.ask(doors.path("unsubscribe", ann), ONE_CLICK).title == "You have left"
    assert len(doors.store.readers.history(Whom(address=ANN))) == 1


def test_whoever_is_no_longer_known_has_left(doors: Doors) -> None:
    gone = Subscriber(address=ANN, uid="gone")
    assert doors.ask(doors.path("unsubscribe", gone), ONE_CLICK).title == "You have left"


@pytest.mark.parametrize("name", ["unsubscribe", "preferences", "confirm", "view"])
def test_the_links_of_test_copies_say_that_they_are(doors: Doors, name: str) -> None:
    assert doors.ask(f"/{name}/test-copy").title == "This is a test copy"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_was_not_made_here_leads_nowhere(doors: Doors, method: str) -> None:
    (ann,) = put(doors, ANN)
    good = doors.path("unsubscribe", ann)
    for bad in (good[:-1], good + "A", good.replace(ann.uid, ann.uid[::-1]), "/unsubscribe/x"):
        answer = doors.ask(bad, method=method)
        assert (answer.status, answer.title) == (404, "This link does not work")
    assert standing(doors) is Standing.ACTIVE


def test_links_work_after_the_key_was_changed_and_stop_when_it_is_dropped(tmp_path: Path) -> None:
    folder = publication_in(tmp_path / "publication")
    url = empty_store(folder / ".newsletter")
    with open_store(url) as store:
        store.subscribers.put([Subscriber(address=ANN)], datetime.now(UTC))
        ann = store.subscribers.get(ANN)
    assert ann
    public = "https://v2gnews.example.com"
    old = LinkMaker(public, [OLD]).make("unsubscribe", Bearer(ann.uid, "may")).removeprefix(public)
    with served(folder, {"NEWSLETTER_SECRET": NEW}, url=url) as doors:
        assert doors.ask(old, ONE_CLICK).status == 404
        assert standing(doors) is Standing.ACTIVE
    with served(folder, {"NEWSLETTER_SECRET": f"{OLD},{NEW}"}, url=url) as doors:
        assert doors.ask(doors.path("preferences", ann)).status == 200
        assert doors.ask(old, ONE_CLICK).status == 200
        assert standing(doors) is Standing.UNSUBSCRIBED


@pytest.fixture(params=["sqlite", "postgresql"])
def busy(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Doors]:
    """Doors over either database."""
    folder = publication_in(tmp_path / "publication")
    if request.param == "sqlite":
        with served(folder, {}) as doors:
            yield doors
        return
    with databases() as new, served(folder, {}, url=new()) as doors:
        yield doors


def test_of_500_who_leave_at_the_same_time_none_is_lost(busy: Doors) -> None:
    addresses = [f"reader{number}@example.net" for number in range(500)]
    paths = [busy.path("unsubscribe", reader) for reader in put(busy, *addresses)]
    assert len(paths) == 500
    with ThreadPoolExecutor(100) as crowd:
        answers = list(crowd.map(lambda path: busy.ask(path, ONE_CLICK).status, paths))
    assert answers == [200] * 500
    assert {standing(busy, address) for address in addresses} == {Standing.UNSUBSCRIBED}

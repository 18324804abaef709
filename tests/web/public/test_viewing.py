"""Issues in the browser: as they were sent, to whom they were sent, and without the keys of their reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsletter.core.audience import Audience
from newsletter.core.delivery import Mailing, NewMailing
from newsletter.core.subscriber import Subscriber
from newsletter.edges.files import Project
from newsletter.edges.kept import KeptBuilds
from newsletter.flows.build import Edition, edition
from tests.web.public.conftest import Doors, publication_in, served

ISSUE = """\
volume: 3
number: 1
date: 2026-03-03
subject: Hello
preheader: There
blocks:
  - {kind: letter, text: "Dear {{ subscriber.first_name | default('reader') }}."}
  - {kind: note, text: For the US alone., only: {tag: us}}
  - {kind: note, text: For Bath alone., only: field.city = Bath}
  - {kind: figure, src: picture.png, alt: A picture}
  - {kind: button, label: Go, url: "https://example.org/go"}
"""
PICTURES = Path(__file__).parents[2] / "pictures"


def sent(doors: Doors) -> tuple[Mailing, Edition]:
    """Leave what a send leaves, but for the mails."""
    (doors.folder / "issues/vol-3-issue-1.yaml").write_text(ISSUE, encoding="utf-8")
    picture = next(iter(sorted(PICTURES.glob("*.png"))))
    (doors.folder / "issues/picture.png").write_bytes(picture.read_bytes())
    made = edition(Project(doors.folder), "vol-3-issue-1", {})
    new = NewMailing("vol-3-issue-1", made.build.digest, "Hello", "outbox")
    mailing = doors.store.mailings.freeze(new, Audience(), datetime.now(UTC))
    KeptBuilds(doors.folder / ".newsletter/mailings").put(mailing.uid, made.build)
    return mailing, made


@pytest.fixture
def people(doors: Doors) -> tuple[Subscriber, Subscriber]:
    ann = Subscriber(address="ann@example.org", first_name="<Ann>", tags=frozenset({"us"}), fields={"city": "Bath"})
    doors.store.subscribers.put([ann, Subscriber(address="bob@example.org")], datetime.now(UTC))
    found = doors.reader("ann@example.org"), doors.reader("bob@example.org")
    assert found[0]
    assert found[1]
    return found[0], found[1]


def test_each_reader_sees_what_they_got_whatever_became_of_the_source(
    doors: Doors, people: tuple[Subscriber, Subscriber]
) -> None:
    mailing, _ = sent(doors)
    (doors.folder / "issues/vol-3-issue-1.yaml").unlink()
    ann, bob = (doors.ask(doors.path("view", each, mailing.uid)) for each in people)
    assert "Dear &lt;Ann&gt;." in ann.body
    assert "For the US alone." in ann.body
    assert "Dear reader." in bob.body
    assert "For Bath alone." in ann.body
    assert "For the US alone." not in bob.body
    assert "For Bath alone." not in bob.body
    policy = ann.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert ann.headers["referrer-policy"] == "no-referrer"


def test_a_link_that_was_passed_on_gives_no_key_away(doors: Doors, people: tuple[Subscriber, Subscriber]) -> None:
    mailing, _ = sent(doors)
    page = doors.ask(doors.path("view", people[0], mailing.uid))
    assert people[0].uid not in page.body
    links = set(re.findall(r'href="(/[^"]*)"', page.body))
    assert links == {"/unsubscribe", "/preferences", "/view"}
    for link in links:
        assert doors.ask(link).title == "This link is in your own mail"


def test_what_is_said_to_ses_alone_is_not_in_the_browser(doors: Doors, people: tuple[Subscriber, Subscriber]) -> None:
    settings = doors.folder / "publication.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "track: {clicks: true}\n", encoding="utf-8")
    mailing, made = sent(doors)
    assert {"ses:tags", "ses:no-track"} <= set(re.findall(r"ses:[a-z-]+", made.build.html))
    assert "ses:" not in doors.ask(doors.path("view", people[0], mailing.uid)).body


def test_pictures_are_served_from_what_was_kept(doors: Doors, people: tuple[Subscriber, Subscriber]) -> None:
    mailing, made = sent(doors)
    page = doors.ask(doors.path("view", people[0], mailing.uid))
    (address,) = set(re.findall(r'src="(/pictures/[^"]*)"', page.body))
    picture = doors.ask(address)
    assert (picture.status, picture.data) == (200, made.build.assets[0].data)
    assert picture.headers["content-type"] == made.build.assets[0].media_type
    for wrong in ("/pictures/x/y", f"/pictures/{mailing.uid}/y.png", "/pictures/..%2f..%2f/publication.yaml"):
        assert doors.ask(wrong).status == 404


def test_what_is_not_kept_here_is_in_the_archive(doors: Doors, people: tuple[Subscriber, Subscriber]) -> None:
    page = doors.ask(doors.path("view", people[0], "neverkept"))
    assert (page.status, page.title) == (404, "This issue is not kept here")
    assert 'href="https://v2gnews.example.com/archive"' in page.body


def test_pictures_that_have_an_address_are_loaded_from_there(tmp_path: Path) -> None:
    more = "assets: {url: 'https://pictures.example.org/p'}\nses: {region: us-east-1}\n"
    folder = publication_in(tmp_path / "p", more)
    environment = {"NEWSLETTER_TRANSPORT": "ses", "NEWSLETTER_SECRET": "s" * 32}
    with served(folder, environment) as doors:
        doors.store.subscribers.put([Subscriber(address="ann@example.org")], datetime.now(UTC))
        mailing, made = sent(doors)
        page = doors.ask(doors.path("view", doors.reader("ann@example.org"), mailing.uid))
        assert f'src="https://pictures.example.org/p/{made.build.assets[0].name}"' in page.body

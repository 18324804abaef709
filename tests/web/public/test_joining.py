"""Signing up, confirming, and coming back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from newsletter.core.acts import Block, By
from newsletter.core.ports.readers import Whom
from newsletter.core.subscriber import Standing, Subscriber
from newsletter.flows.errands import Errands
from newsletter.flows.letters import Post
from newsletter.flows.readers import Reception
from tests.fakes import NOON, REFUSED, THROTTLE, FakeTransport
from tests.stores import on_the_list
from tests.web.public.conftest import Doors, link_in, publication_in, served

ANN, KNOWN = "ann@example.org", "known@example.org"


def standing(doors: Doors, address: str = ANN) -> Standing | None:
    reader = doors.reader(address)
    return reader.standing if reader else None


def joined(doors: Doors, address: str = ANN) -> Subscriber:
    """Sign somebody up, and confirm."""
    assert doors.sign_up(address).status == 200
    assert doors.ask(link_in(doors.mails()[-1], "confirm"), "").status == 200
    reader = doors.reader(address)
    assert reader
    return reader


def test_a_sign_up_is_on_the_list_once_the_link_in_the_mail_is_confirmed(doors: Doors) -> None:
    asked = doors.sign_up(ANN, first_name="Ann", last_name=" van  Dyck", topic="us")
    assert (asked.status, asked.title) == (200, "Look into your mailbox")
    assert standing(doors) is Standing.UNCONFIRMED
    (mail,) = doors.mails()
    assert mail["To"] == ANN
    assert mail["Subject"] == "Please confirm your subscription to V2G News"
    link = link_in(mail, "confirm")
    assert ANN not in link
    page = doors.ask(link)
    assert (page.status, page.title) == (200, "One last click")
    assert standing(doors) is Standing.UNCONFIRMED
    done = doors.ask(link, "")
    assert (done.status, done.title) == (200, "You are on the list")
    reader = doors.reader(ANN)
    assert reader
    assert (reader.standing, reader.first_name, reader.last_name) == (Standing.ACTIVE, "Ann", "van Dyck")
    assert reader.tags == {"us"}
    consent = reader.consent
    assert (consent.source, consent.ip, consent.confirmed_ip) == ("the sign-up form", "127.0.0.1", "127.0.0.1")
    assert consent.at
    assert consent.confirmed_at
    assert [entry.what for entry in doors.store.readers.history(Whom(address=ANN))] == ["signed up", "confirmed"]


def test_the_mail_that_asks_says_why_it_came_and_offers_nothing_but_to_confirm(doors: Doors) -> None:
    doors.sign_up(ANN)
    (mail,) = doors.mails()
    for kind in ("html", "plain"):
        body = mail.get_body((kind,))
        assert body
        text = body.get_content()
        assert "If it was not you, do nothing" in text
        assert "You receive" not in text
        assert "Volume" not in text
        assert "/preferences/" not in text
        assert "/view/" not in text
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert doors.ask(link_in_header(mail["List-Unsubscribe"]), "List-Unsubscribe=One-Click").status == 200
    assert standing(doors) is Standing.UNSUBSCRIBED


def link_in_header(value: str) -> str:
    return value.strip("<>").removeprefix("https://v2gnews.example.com")


@pytest.mark.parametrize("blocked", [Standing.BOUNCED, Standing.COMPLAINED, Standing.DISABLED])
def test_known_and_unknown_addresses_get_the_same_answer(doors: Doors, blocked: Standing) -> None:
    joined(doors, "active@example.org")
    doors.store.readers.change(Whom(address="blocked@example.org"), Block(blocked, "", By.EDITOR), NOON)
    before = len(doors.mails())
    answers = {
        (answer.status, answer.body)
        for address in ("active@example.org", "blocked@example.org", "unknown@example.org")
        for answer in [doors.sign_up(address)]
    }
    assert len(answers) == 1
    assert [mail["To"] for mail in doors.mails()[before:]] == ["unknown@example.org"]
    assert standing(doors, "active@example.org") is Standing.ACTIVE
    assert standing(doors, "blocked@example.org") is blocked


def test_known_and_unknown_addresses_take_as_long(tmp_path: Path) -> None:
    with served(publication_in(tmp_path / "publication"), {}, at_least=0.5) as doors:
        joined(doors)
        for address in (ANN, "unknown@example.org"):
            begun = monotonic()
            doors.sign_up(address)
            assert 0.5 <= monotonic() - begun < 0.9


def test_one_mail_asks_to_confirm_however_often_somebody_signs_up(doors: Doors) -> None:
    assert [doors.sign_up(ANN).status for _ in range(3)] == [200, 200, 200]
    assert len(doors.mails()) == 1


def test_whoever_left_comes_back_by_signing_up_and_confirming_alone(doors: Doors) -> None:
    reader = joined(doors)
    old = link_in(doors.mails()[-1], "confirm")
    doors.ask(doors.path("unsubscribe", reader), "")
    assert doors.ask(old, "").title == "You are not on the list"
    assert standing(doors) is Standing.UNSUBSCRIBED
    doors.sign_up(ANN)
    assert standing(doors) is Standing.UNCONFIRMED
    doors.ask(link_in(doors.mails()[-1], "confirm"), "")
    assert standing(doors) is Standing.ACTIVE


def test_whoever_left_by_mistake_comes_back_by_the_button_on_that_page(doors: Doors) -> None:
    reader = joined(doors)
    left = doors.ask(doors.path("unsubscribe", reader), "")
    (back,) = {part for part in left.body.split('"') if part.startswith("/return/")}
    assert doors.ask(back).status == 405
    assert standing(doors) is Standing.UNSUBSCRIBED
    assert doors.ask(back, "").title == "You are on the list"
    assert standing(doors) is Standing.ACTIVE
    wrong_purpose = back.replace("/return/", "/unsubscribe/")
    assert doors.ask(wrong_purpose, "").status == 404


@pytest.mark.parametrize("address", ["", "ann", "ann@", "a b@example.org", "ann@example.org\nBcc: x@example.org"])
def test_what_is_no_address_is_said_to_be_wrong_beside_its_field(doors: Doors, address: str) -> None:
    answer = doors.sign_up(address, first_name="<Ann>")
    assert answer.status == 400
    assert 'aria-invalid="true" aria-describedby="wrong"' in answer.body
    assert 'value="&lt;Ann&gt;"' in answer.body
    assert on_the_list(doors.store) == 0
    assert doors.mails() == []


def test_a_program_that_fills_in_every_field_gets_the_same_answer_and_no_mail(doors: Doors) -> None:
    answer = doors.sign_up(ANN, homepage="https://spam.example")
    assert answer.title == "Look into your mailbox"
    assert doors.mails() == []
    assert standing(doors) is None


def test_the_mail_that_asks_says_nothing_that_was_typed_into_the_form(doors: Doors) -> None:
    doors.sign_up(ANN, first_name="Win at https://spam.example", last_name="now", topic="us")
    (mail,) = doors.mails()
    assert mail["To"] == ANN
    assert "spam.example" not in mail.as_string()


def test_search_engines_may_find_the_form_and_nothing_else(doors: Doors) -> None:
    reader = joined(doors)
    assert doors.ask("/subscribe").headers["x-robots-tag"] == "all"
    for path in (doors.path("preferences", reader), doors.path("unsubscribe", reader), "/nowhere"):
        assert doors.ask(path).headers["x-robots-tag"] == "noindex, nofollow"


def test_topics_that_the_publication_has_not_are_no_tags(doors: Doors) -> None:
    assert doors.ask("/subscribe", f"address={ANN}&topic=us&topic=vip&topic=global").status == 200
    reader = doors.reader(ANN)
    assert reader
    assert reader.tags == {"us", "global"}


def test_while_no_mail_can_be_sent_everybody_gets_the_same_answer_and_the_mail_comes_once_it_can(
    tmp_path: Path,
) -> None:
    transport = FakeTransport([None, THROTTLE, THROTTLE])
    errands: list[Errands] = []

    def change(reception: Reception) -> Reception:
        errands.append(Errands(reception.tell, lambda err: pytest.fail(repr(err)), pauses=[0.5, 0.5]))
        post = replace(reception.post, transport=transport)
        return replace(reception, post=post, later=errands[0])

    with served(publication_in(tmp_path / "publication"), {}, change=change) as doors:
        with closing(errands[0]):
            doors.sign_up(KNOWN)
            eventually(lambda: standing(doors, KNOWN) is Standing.UNCONFIRMED)
            answers = {(answer.status, answer.body) for answer in map(doors.sign_up, (KNOWN, ANN, ANN))}
            assert len(answers) == 1
            assert standing(doors) is None
            eventually(lambda: standing(doors) is Standing.UNCONFIRMED)
        assert [parcel.address for parcel in transport.parcels] == [KNOWN, ANN, ANN, ANN]
        assert len(doors.told) == 2
        assert all("and is tried again" in line and ANN not in line for line in doors.told)


def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    until = monotonic() + 20
    while not true():
        assert monotonic() < until
        sleep(0.01)


def test_too_many_sign_ups_from_one_place_have_to_wait(doors: Doors) -> None:
    answers = [doors.sign_up(f"reader{number}@example.org") for number in range(21)]
    assert {answer.status for answer in answers[:20]} == {200}
    assert (answers[20].status, answers[20].title) == (429, "Please wait a while")
    assert 0 < int(answers[20].headers["retry-after"]) <= 600
    elsewhere = doors.ask("/subscribe", "address=one@example.org", X_Forwarded_For="203.0.113.7")
    assert elsewhere.status == 200
    reader = doors.reader("one@example.org")
    assert reader
    assert reader.consent.ip == "203.0.113.7"
    doors.ask("/subscribe", "address=two@example.org", X_Forwarded_For="<script>")
    reader = doors.reader("two@example.org")
    assert reader
    assert reader.consent.ip == ""


def test_too_many_sign_ups_of_one_address_have_to_wait_wherever_they_come_from(doors: Doors) -> None:
    answers = [doors.ask("/subscribe", f"address={ANN}", X_Forwarded_For=f"203.0.113.{last}") for last in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]


def test_the_form_for_other_pages_posts_to_the_public_address(doors: Doors) -> None:
    snippet = doors.ask("/embed")
    assert snippet.headers["content-type"].startswith("text/plain")
    assert '<form action="https://v2gnews.example.com/subscribe" method="post">' in snippet.body


WELCOME = """\
subject: Welcome to {name}
preheader: Glad that you are here
blocks:
  - kind: letter
    text: |
      Dear {{{{ subscriber.first_name | default("reader") }}}}, see Vol. 1 | Issue 6.
"""


def test_whoever_confirms_is_welcomed_once(tmp_path: Path) -> None:
    folder = publication_in(tmp_path / "publication", "welcome: welcome\n")
    (folder / "issues/welcome.yaml").write_text(WELCOME.format(name="V2G News"), encoding="utf-8")
    with served(folder, {}) as doors:
        doors.sign_up(ANN, first_name="Ann")
        link = link_in(doors.mails()[0], "confirm")
        for _ in range(2):
            assert doors.ask(link, "").title == "You are on the list"
        (mail,) = doors.mails("welcome")
        assert mail["Subject"] == "Welcome to V2G News"
        body = mail.get_body(("html",))
        assert body
        assert "Dear Ann, see" in body.get_content()
        assert "/archive/vol-1-issue-6" in body.get_content()
        assert doors.ask(link_in(mail, "preferences")).title == "Your preferences"
        assert doors.ask(link_in(mail, "unsubscribe"), "").title == "You have left"


def test_a_welcome_that_fails_undoes_no_confirmation(tmp_path: Path) -> None:
    folder = publication_in(tmp_path / "publication", "welcome: welcome\n")
    (folder / "issues/welcome.yaml").write_text(WELCOME.format(name="V2G News"), encoding="utf-8")
    transport = FakeTransport([None, REFUSED])

    def change(reception: Reception) -> Reception:
        post = reception.post
        return replace(reception, post=Post(transport, post.clock, post.links, post.publication))

    with served(folder, {}, change=change) as doors:
        doors.sign_up(ANN)
        reader = doors.reader(ANN)
        assert doors.ask(doors.path("confirm", reader), "").title == "You are on the list"
        assert standing(doors) is Standing.ACTIVE
        assert len(doors.told) == 1

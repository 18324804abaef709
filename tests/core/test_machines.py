"""Opens and clicks of programs are told from those of people, by stated rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from newsletter.core.feedback import Event, Kind
from newsletter.core.machines import AT_ONCE, TOO_SOON, is_machine, is_scan

SENT = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = SENT + timedelta(hours=1)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"


def done(kind: Kind, agent: str, at: datetime = LATER) -> Event:
    return Event(kind=kind, delivery="d-1", at=at, sent_at=SENT, user_agent=agent)


@pytest.mark.parametrize("kind", [Kind.OPEN, Kind.CLICK])
@pytest.mark.parametrize(
    ("agent", "machine"),
    [
        (PHONE, False),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", False),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", False),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", False),
        ("Microsoft Outlook 16.0", False),
        ("Mozilla/5.0", True),
        ("", True),
        ("curl/8.5.0", True),
        ("python-requests/2.32", True),
        ("Go-http-client/2.0", True),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", True),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/120.0 Safari/537.36", True),
        ("BarracudaCentral URL check", True),
        ("facebookexternalhit/1.1", True),
    ],
)
def test_who_opened_or_clicked_is_told_by_the_words_of_the_program(kind: Kind, agent: str, *, machine: bool) -> None:
    assert is_machine(done(kind, agent)) is machine


def test_nobody_reads_within_seconds_of_the_sending() -> None:
    assert is_machine(done(Kind.CLICK, PHONE, SENT + TOO_SOON / 2))
    assert not is_machine(done(Kind.CLICK, PHONE, SENT + TOO_SOON))


def test_what_is_neither_an_open_nor_a_click_is_of_no_machine() -> None:
    assert not is_machine(done(Kind.DELIVERY, "", SENT))


@pytest.mark.parametrize(
    ("clicks", "scan"),
    [
        ([], False),
        ([(0, "a"), (1, "b")], False),
        ([(0, "a"), (1, "b"), (2, "c")], True),
        ([(2, "c"), (0, "a"), (1, "b")], True),
        ([(0, "a"), (1, "a"), (2, "a"), (3, "b")], False),
        ([(0, "a"), (60, "b"), (120, "c")], False),
        ([(0, "a"), (60, "b"), (61, "c"), (62, "d")], True),
        ([(0, "a"), (1, "b"), (AT_ONCE.total_seconds() + 0.1, "c")], False),
    ],
)
def test_many_links_at_once_are_a_scan(clicks: list[tuple[float, str]], *, scan: bool) -> None:
    assert is_scan((LATER + timedelta(seconds=at), link) for at, link in clicks) is scan

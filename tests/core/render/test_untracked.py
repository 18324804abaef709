"""With click tracking on, the reader's own links say that they are not to be tracked; without it nothing changes."""

from __future__ import annotations

from html.parser import HTMLParser

from newsletter.core.merge import LINKS, Field, Tokens
from newsletter.core.publication import Tracking
from newsletter.core.render.untracked import bare, untracked
from tests.core.examples import built, composed, note, parsed, publication


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def links(html: str) -> list[dict[str, str | None]]:
    parser = Links()
    parser.feed(html)
    return parser.found


NO_TRACK = "ses:no-track"
CLICKS = publication(track=Tracking(clicks=True))
WORDS = "[Elsewhere](https://example.com/a), [leave]({{ links.unsubscribe }}) or [see]({{ links.view }})"


def own(html: str) -> list[bool]:
    """Tell of each link of a message whether it is the reader's own, which are on the public pages."""
    return ["/unsubscribe/" in str(link["href"]) or "/view/" in str(link["href"]) for link in links(html)]


def message(*, clicks: bool) -> str:
    by = CLICKS if clicks else publication()
    body = parsed(composed(built(note(WORDS), by=by), by=by)).get_body(("html",))
    assert body
    return str(body.get_content())


def test_with_click_tracking_the_readers_own_links_are_kept_out_of_it_and_no_others() -> None:
    html = message(clicks=True)
    assert [NO_TRACK in link for link in links(html)] == own(html)
    assert {True, False} == set(own(html))


def test_without_click_tracking_nothing_is_added() -> None:
    html = message(clicks=False)
    assert NO_TRACK not in html
    assert html == bare(message(clicks=True))


def test_a_link_is_told_from_words_that_look_like_one() -> None:
    tokens = Tokens()
    mine = tokens.token(Field("links", LINKS[0]))
    name = tokens.token(Field("subscriber", "first_name"))
    others = f'<abbr title="{mine}">{mine}</abbr><a href="https://x.example/?n={name}" title=">">{mine}</a>'
    assert untracked(others, tokens) == others
    assert untracked(f'<A title=">" href="{mine}">x</A>', tokens) == f'<a ses:no-track title=">" href="{mine}">x</A>'
    assert untracked("<a>", Tokens()) == "<a>"

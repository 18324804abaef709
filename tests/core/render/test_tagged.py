"""With click tracking on, links say in which block they stand and which of its links they are; readers never see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from newsletter.core.publication import Tracking
from newsletter.core.render.tagged import standings
from newsletter.core.render.untracked import bare
from newsletter.flows.build import edition
from tests.core.examples import built, note, publication
from tests.core.render.test_costs import LOOP, drawing
from tests.golden.cases import ROOT, Shelf

CLICKS = publication(track=Tracking(clicks=True))
A, B = "https://a.example/", "https://b.example/?x=1&y=2"


class Links(HTMLParser):
    """The links of an HTML, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.append(dict(attrs))


def stands(*blocks: dict[str, Any], **given: Any) -> list[list[tuple[int, int, str]]]:
    """Return of each variant where its links say that they stand."""
    build = built(*blocks, by=CLICKS, **given)
    return [[(each.block, each.position, each.url) for each in standings(variant.html)] for variant in build.variants]


def test_a_link_of_two_blocks_says_in_which_of_them_it_stands() -> None:
    assert stands(note(f"[a]({A}) [b]({B}) [again]({A})"), note("No link."), note(f"[b]({B}) [a]({A})")) == [
        [(1, 1, A), (1, 2, B), (1, 1, A), (3, 1, B), (3, 2, A)]
    ]


def test_blocks_keep_their_numbers_where_readers_do_not_see_all_of_them() -> None:
    blocks = note(f"[a]({A})", only={"tag": "us"}), note(f"[b]({B})")
    assert sorted(map(len, stands(*blocks))) == [1, 2]
    assert all(each[-1] == (2, 1, B) for each in stands(*blocks))


def test_buttons_have_tags_and_what_is_no_page_on_the_web_has_none() -> None:
    share = {"kind": "share", "text": "[mail](mailto:ann@example.org)", "label": "Share", "url": A}
    assert stands(share) == [[(1, 1, A)]]


def test_the_readers_own_links_have_no_tags_and_are_not_tracked() -> None:
    own = "[leave]({{ links.unsubscribe }}) [via](https://a.example/?to={{ links.view }})"
    html = built(note(own), by=CLICKS).html
    assert list(standings(html)) == []
    assert sum("ses:no-track" in link for link in Links(html).found) == 3


def test_without_click_tracking_no_link_has_tags() -> None:
    for by in (publication(), publication(track=Tracking(opens=True))):
        assert "ses:" not in built(note(f"[a]({A})"), by=by).html


def test_a_layout_whose_blocks_cannot_be_told_apart_goes_out_without_tags() -> None:
    inside = "<mj-section><mj-column><mj-social>|</mj-social></mj-column></mj-section>"
    element = '<mj-social-element src="a.png" alt="" href="https://a.example/">a</mj-social-element>'
    layout = drawing(inside.replace("|", LOOP), note=element)
    assert A in built(note(), layout=layout, by=CLICKS).html
    assert stands(note(), layout=layout) == [[]]


def test_words_that_look_like_a_link_with_tags_are_words() -> None:
    words = f'&lt;a ses:tags="block:9;link:9" href="{A}"&gt; `<a ses:no-track>` [a]({A})'
    html = built(note(words), by=CLICKS).html
    assert [(each.block, each.position) for each in standings(html)] == [(1, 1)]
    assert bare(html) == built(note(words)).html


class TrackedShelf(Shelf):
    """A case whose publication tracks clicks."""

    def publication(self) -> bytes:
        return super().publication() + b"\ntrack: {clicks: true}\n"


@pytest.mark.slow
@pytest.mark.parametrize("case", ["everything", "hostile", "own-kind", "plain", "rtl", "vol-2-issue-3"])
def test_what_readers_get_is_the_same_with_and_without_tracking(case: str) -> None:
    tracked, plain = (
        edition(shelf, shelf.issue_name(None), {}).build
        for shelf in (TrackedShelf(ROOT / "tests/golden" / case), Shelf(ROOT / "tests/golden" / case))
    )
    for with_tags, without in zip(tracked.variants, plain.variants, strict=True):
        assert bare(with_tags.html) == without.html
        assert with_tags.text == without.text
        told = [link["ses:tags"] or "" for link in Links(with_tags.html).found if "ses:tags" in link]
        assert {re.sub("[0-9]+", "1", tags) for tags in told} == {"block:1;link:1"}

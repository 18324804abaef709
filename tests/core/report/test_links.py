"""Whose clicks are whose."""

from __future__ import annotations

from newsletter.core.blocks import Button, Feature, Finds, Poll, Raw, Sponsor
from newsletter.core.issue import Issue
from newsletter.core.publication import Tracking
from newsletter.core.report import Clicked
from newsletter.core.report.links import figures, places, places_built
from tests.core.examples import built, issue_data, note, publication

BLOCKS = (
    Feature(
        kind="feature",
        department="Field notes",
        title="Hello {{ subscriber.first_name }}",
        text='See [own](https://own.example/{{ subscriber.name | default("you") }}) [one](https://one.example/a_(b)), '
        "https://two.example.\n\n<!-- more -->\n\n[no](https://cut.example)",
    ),
    Sponsor(
        kind="sponsor",
        name="Acme",
        text="[us](https://acme.example/?a=1&b=2) and [two](https://two.example)",
        label="Go",
        url="https://acme.example/you?who={{subscriber.address}}&z=1",
    ),
    Raw(
        kind="raw", mjml='<mj-button href="https://raw.example/?a=1&amp;b=2">x</mj-button>', text="https://raw.example"
    ),
)


CLICKS = publication(track=Tracking(clicks=True))
SHARED = (
    note("[a](https://a.example/) and [b](https://b.example/?who={{subscriber.address}})"),
    note("[a](https://a.example/)"),
)


def told(*clicked: Clicked) -> list[tuple[int, int, str, int]]:
    """Return where clicks are counted in an issue whose links say where they stand."""
    blocks = Issue.model_validate(issue_data(*SHARED)).blocks
    shown = figures(clicked, places_built(blocks, built(*SHARED, by=CLICKS)))
    return [
        (each.place.block, each.place.position, each.place.url, each.clicks)
        if each.place
        else (0, 0, each.host, each.clicks)
        for each in shown
        if each.clicks
    ]


def found(*urls: str) -> dict[str, int]:
    told = figures([Clicked(url, 1, 2, 0) for url in urls], places(BLOCKS))
    return {each.place.url if each.place else each.host: each.clicks for each in told if each.clicks}


def test_links_are_listed_by_block_and_position_as_readers_meet_them() -> None:
    assert [
        (each.block, each.kind, each.title, each.position, each.url.count("\ufffc")) for each in places(BLOCKS)
    ] == [
        (1, "feature", "Hello …", 1, 1),
        (1, "feature", "Hello …", 2, 0),
        (1, "feature", "Hello …", 3, 0),
        (2, "sponsor", "Acme", 1, 0),
        (2, "sponsor", "Acme", 3, 1),
        (3, "raw", "", 1, 0),
        (3, "raw", "", 2, 0),
    ]
    assert [each.url for each in places(BLOCKS)][1:4] == [
        "https://one.example/a_(b)",
        "https://two.example",
        "https://acme.example/?a=1&b=2",
    ]


def test_a_link_of_two_blocks_stands_at_the_first_and_says_so() -> None:
    assert {each.url: list(each.also) for each in places(BLOCKS) if each.also} == {"https://two.example": [2]}


def test_what_is_below_the_cut_is_in_no_mail() -> None:
    assert not any("cut.example" in each.url for each in places(BLOCKS))


def test_a_link_is_found_however_its_letters_are_written() -> None:
    assert found("https://one.example/a_%28b%29", "https://two.example/", "https://raw.example/?a=1&b=2") == {
        "https://one.example/a_(b)": 2,
        "https://two.example": 2,
        "https://raw.example/?a=1&b=2": 2,
    }


def test_a_link_with_a_merge_field_is_one_link_and_names_nobody() -> None:
    clicked = ("https://acme.example/you?who=ada%40lovelace.example&z=1", "https://acme.example/you?who=bob&z=1")
    assert found(*clicked) == {"https://acme.example/you?who=…&z=1": 4}


def test_other_links_are_counted_by_their_host_alone() -> None:
    assert found("https://x.example/?to=ada@lovelace.example", "https://x.example/b", "http://[", "") == {
        "x.example": 4,
        "": 4,
    }


def test_a_link_longer_than_what_events_keep_is_found() -> None:
    url = "https://long.example/" + "a" * 400
    told = figures([Clicked(url[:300], 1, 1, 0)], places([Button(kind="button", label="x", url=url)]))
    assert [(each.place.url if each.place else "", each.people) for each in told] == [(url, 1)]


def test_a_long_link_with_merge_fields_is_found() -> None:
    url = "https://long.example/?n={{subscriber.first_name}}&x=" + "a" * 400
    told = figures(
        [Clicked(url.replace("{{subscriber.first_name}}", "Ada")[:300], 1, 1, 0)],
        places([Button(kind="button", label="x", url=url)]),
    )
    assert [each.people for each in told] == [1]


def test_what_a_scanner_clicked_leaves_nothing_behind() -> None:
    told = figures([Clicked("https://x.example/", 1, 1, 0), Clicked("https://x.example/", -1, -1, 1)], places(BLOCKS))
    assert all(each.place for each in told)


def test_the_items_of_lists_are_links_of_their_block() -> None:
    item = {"title": "T", "url": "https://f.example/1", "date": "2026-01-02", "text": "[x](https://f.example/2)"}
    finds = Finds.model_validate({"kind": "finds", "department": "Finds", "items": (item,)})
    answers = ({"label": "a", "url": "https://p.example/a"}, {"label": "b", "url": "https://p.example/b"})
    poll = Poll.model_validate({"kind": "poll", "question": "Well?", "answers": answers})
    assert [(each.block, each.position, each.title) for each in places([finds, poll])] == [
        (1, 1, "Finds"),
        (1, 2, "Finds"),
        (2, 1, "Well?"),
        (2, 2, "Well?"),
    ]


def test_a_click_that_says_where_it_was_counts_there_alone() -> None:
    first, second = Clicked("https://a.example/", 1, 2, 0, 1, 1), Clicked("https://a.example/", 1, 3, 0, 2, 1)
    assert told(first, second) == [(1, 1, "https://a.example/", 2), (2, 1, "https://a.example/", 3)]


def test_a_click_that_does_not_say_where_it_was_counts_at_the_first_such_link() -> None:
    assert told(Clicked("https://a.example/", 1, 1, 0)) == [(1, 1, "https://a.example/", 1)]


def test_a_link_with_a_merge_field_names_nobody_wherever_it_stands() -> None:
    clicked = Clicked("https://b.example/?who=ada%40lovelace.example", 1, 1, 0, 1, 2)
    assert told(clicked) == [(1, 2, "https://b.example/?who=…", 1)]


def test_a_link_that_stands_there_no_longer_has_its_place_and_its_host() -> None:
    gone = [Clicked(f"https://gone.example/?who={who}", 1, 1, 0, 2, 2) for who in ("ada", "bob")]
    elsewhere = Clicked("https://x.example/", 1, 1, 0)
    assert told(elsewhere, *gone) == [(2, 2, "https://gone.example/…", 2), (0, 0, "x.example", 1)]
    assert (
        told(Clicked("https://gone.example/", 1, 1, 0, 2, 2), Clicked("https://gone.example/", -1, -1, 1, 2, 2)) == []
    )


def test_an_issue_built_without_tracking_has_no_links_that_say_where_they_stand() -> None:
    blocks = Issue.model_validate(issue_data(*SHARED)).blocks
    assert places_built(blocks, built(*SHARED)) == []
    shown = figures([Clicked("https://a.example/", 1, 1, 0, 2, 1)], places(blocks))
    assert [(each.place.block, each.place.also) for each in shown if each.place and each.clicks] == [(1, (2,))]

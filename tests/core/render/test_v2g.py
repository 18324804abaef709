"""What the layouts that ship promise of every block, in any order and with any text; both promise the same."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.core.layout import Layout, parse_layout
from newsletter.core.source import Document, read
from newsletter.edges.files import Project
from newsletter.errors import InvalidSource
from tests.core.examples import built, hostile_texts, note, publication
from tests.core.render.test_pipeline import seen
from tests.core.test_blocks import SMALLEST, URL
from tests.screens import LAYOUTS

ROOT = Path(__file__).parents[3]
CHART = {"kind": "chart", **SMALLEST["chart"], "style": "lines", "unit": "MW", "alt": "It grows."}


both = pytest.mark.parametrize("name", LAYOUTS)


@cache
def look(name: str) -> Layout:
    templates, tokens = Project(ROOT).layout(name)
    source = read(tokens, "tokens.yaml")
    return parse_layout(name, templates, source, publication=publication(), source=Document("publication.yaml", {}))


def v2g() -> Layout:
    return look("v2g")


def kinds(line: str, text: str) -> list[dict[str, Any]]:
    """Return one block of every kind, with all of its keys and the same words in all of them."""
    date = "2026-02-03"
    named = {"department": line, "title": line, "editors_note": text, "authors_note": text}
    item = {"title": line, "url": URL, "date": date, "text": text}
    picture = {"src": "small.png", "alt": line}
    return [
        {"kind": "letter", "text": text, "signature": line},
        {"kind": "feature", **named, "text": text, "read_on": {"label": line}},
        {"kind": "interview", **named, "guest": {"name": line}, "questions": [{"question": line, "answer": text}]},
        {"kind": "finds", "department": line, "items": [item, {**item, "picture": picture}]},
        {"kind": "finds", "department": line, "style": "columns", "items": [{**item, "picture": picture}, item, item]},
        note(text, title=line),
        {"kind": "share", "title": line, "text": text, "label": line},
        {"kind": "quote", "text": text, "by": line, "role": line, "url": URL},
        {"kind": "figure", **picture, "caption": text, "credit": line, "url": URL},
        {"kind": "numbers", "title": line, "items": [{"value": line, "label": line, "note": line}] * 3},
        {"kind": "events", "department": line, "items": [{**item, "end_date": "2026-02-04", "place": line}] * 2},
        {"kind": "jobs", "department": line, "items": [{**SMALLEST["jobs"]["items"][0], "title": line}] * 2},
        {"kind": "sponsor", "name": line, "text": text, "label": line, "url": URL},
        {"kind": "poll", "question": line, "answers": [{"label": line, "url": URL}] * 2},
        {"kind": "table", "caption": line, "header": [line] * 3, "rows": [[line] * 3] * 2},
        {**CHART, "title": line, "alt": line, "caption": text},
        {"kind": "contents", "title": line},
        {"kind": "button", "label": line, "url": URL},
        {"kind": "divider", "label": line},
        {"kind": "raw", "mjml": SMALLEST["raw"]["mjml"], "text": text},
    ]


SMALL = [{"kind": kind, **keys} for kind, keys in SMALLEST.items()] + [note(title="")]
ORDERS = st.permutations(kinds("Line", "### Text\n\n# Text\n\n##### Text\n\nText") + SMALL)
SAFE = hostile_texts.map(lambda text: " ".join(text.split())).filter(
    lambda text: text.strip() and "{{" not in text and "}}" not in text
)


class Page(HTMLParser):
    """The headings, ids and links of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ranks: list[int] = []
        self.ids: list[str] = []
        self.links: list[tuple[dict[str, str | None], str]] = []
        self._words: list[str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        if re.fullmatch("h[1-6]", tag):
            self.ranks.append(int(tag[1]))
        if tag == "a":
            self._words = []
            self.links.append((given, ""))

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._words is not None:
            self.links[-1] = (self.links[-1][0], "".join(self._words).strip())
            self._words = None


@both
@settings(max_examples=10)
@given(ORDERS)
def test_headings_leave_out_no_rank_in_whatever_order_blocks_stand(name: str, blocks: list[dict[str, Any]]) -> None:
    page = Page(built(*blocks, layout=look(name)).html)
    assert page.ranks.count(1) == 1
    assert page.ranks[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.ranks, page.ranks[1:], strict=False))
    assert len(set(page.ids)) == len(page.ids)
    assert {"#" + each for each in page.ids} == {
        str(link["href"]) for link, _ in page.links if str(link["href"]).startswith("#")
    }


@both
@settings(max_examples=10)
@given(SAFE)
@example("x" * 300)
@example('"><script>alert(1)</script> --> ]]> é/>')
def test_no_text_in_any_block_adds_markup(name: str, line: str) -> None:
    fenced = f"~~~~\n{line}\n~~~~"
    calm, page = (
        seen(built(*kinds(words, text), layout=look(name)).html)
        for words, text in (("x", "~~~~\nx\n~~~~"), (line, fenced))
    )
    assert page.tags == calm.tags
    assert {name for name, _ in page.attributes} == {name for name, _ in calm.attributes}


WORDS = st.lists(st.text("abcdé-.", min_size=1, max_size=14), min_size=1, max_size=30).map(" ".join)


@both
@settings(max_examples=12)
@given(WORDS, WORDS)
@example("a " * 36, "word " * 40)
def test_no_line_of_plain_text_is_wider_than_the_page(name: str, line: str, text: str) -> None:
    build = built(*kinds(line, f"{text} [{text}]({URL})"), layout=look(name))
    for each in build.text.split("\n"):
        assert len(each) <= 72, each
        assert each == each.rstrip()
    assert "\n\n\n" not in build.text


@both
@pytest.mark.parametrize("kind", SMALLEST)
def test_a_block_with_what_it_must_have_leaves_no_holes(name: str, kind: str) -> None:
    build = built({"kind": kind, **SMALLEST[kind]}, note(title="After"), layout=look(name))
    assert not re.search(r"<(p|h[1-6]|li|td|th|caption|a|span|blockquote|ol|ul)\b[^>]*>\s*</\1>", build.html)
    assert "\n\n\n" not in build.text
    assert not re.search(r"[=-]{72}\n\n", build.text)
    assert 'href=""' not in build.html


@both
@pytest.mark.parametrize("kind", ["button", "events", "jobs", "poll", "quote", "sponsor"])
def test_links_have_words_of_the_editors(name: str, kind: str) -> None:
    block = next(each for each in kinds("Words", "Text") if each["kind"] == kind)
    page = Page(built(block, layout=look(name)).html)
    assert {words.removesuffix("→").strip() for link, words in page.links if link["href"] == URL} == {"Words"}


@both
def test_every_link_of_a_sponsor_is_marked_as_paid_for_and_the_block_says_so(name: str) -> None:
    build = built({**SMALLEST["sponsor"], "kind": "sponsor", "text": f"A [b]({URL}) <{URL}x>"}, layout=look(name))
    links = [link for link, _ in Page(build.html).links if str(link["href"]).startswith(URL)]
    assert [link.get("rel") for link in links] == ["sponsored"] * 3
    assert ">Sponsored</p>" in build.html
    assert "\nsponsored\n" in build.text.lower()


@both
def test_a_table_says_what_it_is_to_screen_readers(name: str) -> None:
    table = {"kind": "table", "caption": "C", "header": ["A", "B"], "rows": [["a", "1"], ["b", "2"]]}
    html = built(table, layout=look(name)).html
    [data] = re.findall(r'<table class="data.*?</table>', html, re.DOTALL)
    assert "presentation" not in data
    cells = re.findall(r'<(th|td)(?: scope="(\w+)")? class=[^>]* text-align:(\w+)', data)
    assert cells == [("th", "col", "left"), ("th", "col", "right"), *[("th", "row", "left"), ("td", "", "right")] * 2]
    assert re.search("<caption[^>]*>C</caption>", data)


def test_the_picture_of_a_chart_is_in_the_build_and_has_its_words_and_size() -> None:
    build = built(CHART, layout=v2g())
    (asset,) = build.assets
    (attributes,) = re.findall("<img ([^>]*)>", build.html)
    found = dict(re.findall(r'([a-z]+)="([^"]*)"', attributes))
    assert (found["src"], found["alt"]) == (asset.reference, "It grows.")
    assert (2 * int(found["width"]), 2 * int(found["height"])) == (asset.width, asset.height)


def test_a_chart_is_a_table_in_the_plain_text_with_what_it_counts() -> None:
    single = {"kind": "chart", "title": "T", "alt": "A", "labels": ["One", "Two"], "values": ["1", "20"], "unit": "MW"}
    assert "T\n\nA\n\n     MW\n---  --\nOne   1\nTwo  20\n" in built(single, layout=v2g()).text
    assert "     MW\n" not in built({**single, "unit": ""}, layout=v2g()).text
    series = [{"name": name, "values": ["1", "20"]} for name in ("X", "Y")]
    several = {key: value for key, value in single.items() if key != "values"}
    assert "A\n\nMW\n\n      X   Y\n" in built({**several, "series": series}, layout=v2g()).text


def test_words_that_a_chart_cannot_draw_are_said_where_they_stand() -> None:
    with pytest.raises(InvalidSource) as raised:
        built(note(), {**CHART, "labels": ["電力"]}, layout=v2g())
    [problem] = raised.value.problems
    assert problem.path == "blocks[1].labels[0]"
    assert "'電力'" in problem.message


def test_a_layout_without_the_colours_of_charts_is_told_which() -> None:
    tokens = {name: value for name, value in v2g().tokens.items() if name != "rule"}
    stripped = {"inline.css.j2": "", "layout.mjml.j2": "{{ issue.blocks[0] | drawn(560) }}"}
    with pytest.raises(InvalidSource) as raised:
        built(CHART, layout=replace(v2g(), tokens=tokens, templates={**v2g().templates, **stripped}))
    assert "does not have: rule" in raised.value.problems[0].message


def test_numbers_move_below_one_another_without_a_media_query() -> None:
    html = built({"kind": "numbers", **SMALLEST["numbers"]}, layout=v2g()).html
    figures = re.findall(r'<div class="figure" style="([^"]*)"', html)
    assert len(figures) == 2
    assert all("inline-block" in style and "max-width:280px" in style.replace(" ", "") for style in figures)
    assert html.count('<td width="280" valign="top">') == 2


@both
def test_dates_of_events_are_printed_as_the_publication_prints_them(name: str) -> None:
    item = {"title": "T", "url": URL, "place": "P", "date": "2026-02-03"}
    events = {"kind": "events", "department": "D", "items": [item, {**item, "end_date": "2026-03-01"}]}
    build = built(events, layout=look(name), by=publication(date_format="d.m.yyyy"))
    for text in (build.html, build.text):
        assert "3.2.2026 – 1.3.2026" in text
    assert "3.2.2026 · P" in build.html


@both
def test_decoration_leaves_no_trace_in_the_plain_text(name: str) -> None:
    decoration = {"kind": "raw", "decorative": "true", "mjml": "<mj-section></mj-section>"}
    with_it, without = (
        built(*blocks, layout=look(name)).text for blocks in ([note(), decoration, note()], [note(), note()])
    )
    assert with_it == without


@both
def test_merge_fields_work_in_mjml_and_wrong_ones_are_found_there(name: str) -> None:
    def raw(inside: str) -> dict[str, str]:
        return {"kind": "raw", "text": "T", "mjml": f"<mj-section><mj-column>{inside}</mj-column></mj-section>"}

    build = built(
        raw('<mj-text><a href="https://e.com/?a={{ subscriber.name }}">{{ subscriber.name }}</a></mj-text>'),
        layout=look(name),
    )
    assert 'href="https://e.com/?a={{ subscriber.name }}"' in build.restored(build.html)
    with pytest.raises(InvalidSource) as caught:
        built(raw('<mj-text><a href="{{ subscriber.name }}">x</a></mj-text>'), layout=look(name))
    [problem] = caught.value.problems
    assert problem.path == "blocks[0].mjml"


def test_what_the_engine_alone_refuses_is_said_at_the_key() -> None:
    mjml = "<mj-section><mj-column><mj-text><p a b=></p></mj-text></mj-column></mj-section>"
    with pytest.raises(InvalidSource) as caught:
        built({"kind": "raw", "text": "T", "mjml": mjml}, layout=v2g())
    assert {problem.path for problem in caught.value.problems} == {"blocks[0].mjml"}


def test_the_readme_of_the_layout_names_every_key_of_every_kind() -> None:
    text = (ROOT / "layouts" / "v2g" / "README.md").read_text(encoding="utf-8")
    for block in kinds("Line", "Text"):
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{block['kind']}` |")]
        assert [key for key in block if key != "kind" and f"`{key}`" not in row] == []


def test_a_picture_has_its_size_for_outlook_and_shrinks_with_the_column_elsewhere() -> None:
    html = built({"kind": "figure", "src": "depot.jpg", "alt": "A"}, layout=v2g()).html
    [tag] = re.findall(r"<img[^>]*>", html)
    assert 'width="560" height="373"' in tag
    style = tag.replace(": ", ":")
    assert all(each in style for each in ("width:100%", "max-width:560px", "height:auto", "display:block", "border:0"))


def test_each_picture_is_in_the_build_once_at_twice_its_shown_width() -> None:
    item = {"title": "T", "url": URL, "date": "2026-02-03", "text": "T", "picture": {"src": "depot.jpg", "alt": "A"}}
    finds = {"kind": "finds", "department": "D", "items": [item, item]}
    build = built({"kind": "figure", "src": "depot.jpg", "alt": "A"}, finds, finds, layout=v2g())
    assert [(each.origin, each.width, each.shown) for each in build.assets] == [
        ("issues/depot.jpg", 1120, 560),
        ("issues/depot.jpg", 192, 96),
    ]
    assert [build.html.count(each.reference) for each in build.assets] == [1, 4]
    assert build.html.count("<img") == 5


def test_a_chart_is_known_by_its_title_as_it_was_written() -> None:
    title = "Charged by {{ subscriber.first_name }}"
    chart = {"kind": "chart", "title": title, "labels": ["One"], "values": ["1"], "alt": "A"}
    [asset] = built(chart, layout=v2g()).assets
    assert (asset.origin, asset.shown) == (f"chart {title!r}", 560)


def test_a_picture_that_is_none_is_a_problem_wherever_it_is_asked_for() -> None:
    with pytest.raises(InvalidSource) as caught:
        built({"kind": "figure", "src": "__main__.py", "alt": "A"}, layout=v2g())
    [problem] = caught.value.problems
    assert problem.message == "issues/__main__.py is no picture that can be read here"


def test_columns_move_below_one_another_without_a_media_query() -> None:
    item = {"title": "T", "url": URL, "date": "2026-02-03", "text": "T"}
    html = built({"kind": "finds", "department": "D", "style": "columns", "items": [item] * 5}, layout=v2g()).html
    boxes = re.findall(r'<div class="half" style="([^"]*)"', html)
    assert [re.findall(r"max-width: ?(\d+)px", style) for style in boxes] == [["292"], ["268"]] * 2 + [["292"]]
    assert all("inline-block" in style for style in boxes)
    assert html.count('<td width="292" valign="top">') == 3
    assert html.count('<td width="268" valign="top">') == 2


def test_a_logo_takes_the_place_of_the_name_and_reads_as_the_name() -> None:
    logo = publication(logo={"src": "logo.png"})
    assert re.search(r'<h1[^>]*><a[^>]*><img[^>]* alt="The Letter"', built(layout=v2g(), by=logo).html)
    named = publication(logo={"src": "logo.png", "alt": "The Letter, a letter"})
    assert 'alt="The Letter, a letter"' in built(layout=v2g(), by=named).html
    assert built(layout=v2g(), by=logo).text == built(layout=v2g()).text


def test_plain_text_has_the_words_for_a_picture_and_nothing_for_decoration() -> None:
    shown, hidden = (
        built(note(), {"kind": "figure", "src": "small.png", **keys}, note(), layout=v2g()).text
        for keys in ({"alt": "A plan", "caption": "See [it](https://e.com/it)", "credit": "Me"}, {"decorative": "true"})
    )
    assert "[A plan]\n\nSee it [1]\nMe\n\n[1] https://e.com/it\n" in shown
    assert hidden == built(note(), note(), layout=v2g()).text


def test_two_features_and_ten_finds_stay_small() -> None:
    """Gmail cuts a message off at about 100 kB."""
    feature = {"kind": "feature", "department": "D", "title": "T", "text": "word " * 400}
    find = {"title": "A find of ten words or so, as most are", "url": URL, "date": "2026-02-03", "text": "word " * 60}
    finds = {"kind": "finds", "department": "D", "items": [find] * 10}
    plain, trade = (len(built(feature, feature, finds, layout=look(name)).html) for name in LAYOUTS)
    assert plain < 0.8 * trade
    with_picture = {**find, "picture": {"src": "depot.jpg", "alt": "A picture"}}
    for style, item in (("list", find), ("list", with_picture), ("columns", with_picture)):
        finds = {"kind": "finds", "department": "D", "style": style, "items": [item] * 10}
        assert len(built(feature, feature, finds, layout=v2g()).html) < 65_000

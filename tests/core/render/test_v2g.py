"""What the v2g layout promises of every block, in any order and with any text."""

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

ROOT = Path(__file__).parents[3]
CHART = {"kind": "chart", **SMALLEST["chart"], "style": "lines", "unit": "MW", "alt": "It grows."}


@cache
def v2g() -> Layout:
    templates, tokens = Project(ROOT).layout("v2g")
    source = read(tokens, "tokens.yaml")
    return parse_layout("v2g", templates, source, publication=publication(), source=Document("publication.yaml", {}))


def kinds(line: str, text: str) -> list[dict[str, Any]]:
    """Return one block of every kind, with all of its keys and the same words in all of them."""
    date = "2026-02-03"
    named = {"department": line, "title": line, "editors_note": text, "authors_note": text}
    item = {"title": line, "url": URL, "date": date, "text": text}
    return [
        {"kind": "letter", "text": text, "signature": line},
        {"kind": "feature", **named, "text": text, "read_on": {"label": line}},
        {"kind": "interview", **named, "guest": {"name": line}, "questions": [{"question": line, "answer": text}]},
        {"kind": "finds", "department": line, "items": [item]},
        note(text, title=line),
        {"kind": "share", "title": line, "text": text, "label": line},
        {"kind": "quote", "text": text, "by": line, "role": line, "url": URL},
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


@settings(max_examples=15)
@given(ORDERS)
def test_headings_leave_out_no_rank_in_whatever_order_blocks_stand(blocks: list[dict[str, Any]]) -> None:
    page = Page(built(*blocks, layout=v2g()).html)
    assert page.ranks.count(1) == 1
    assert page.ranks[0] == 1
    assert all(after <= before + 1 for before, after in zip(page.ranks, page.ranks[1:], strict=False))
    assert len(set(page.ids)) == len(page.ids)
    assert {"#" + each for each in page.ids} == {
        str(link["href"]) for link, _ in page.links if str(link["href"]).startswith("#")
    }


@settings(max_examples=15)
@given(SAFE)
@example("x" * 300)
@example('"><script>alert(1)</script> --> ]]> é/>')
def test_no_text_in_any_block_adds_markup(line: str) -> None:
    fenced = f"~~~~\n{line}\n~~~~"
    calm, page = (
        seen(built(*kinds(words, text), layout=v2g()).html) for words, text in (("x", "~~~~\nx\n~~~~"), (line, fenced))
    )
    assert page.tags == calm.tags
    assert {name for name, _ in page.attributes} == {name for name, _ in calm.attributes}


WORDS = st.lists(st.text("abcdé-.", min_size=1, max_size=14), min_size=1, max_size=30).map(" ".join)


@settings(max_examples=25)
@given(WORDS, WORDS)
@example("a " * 36, "word " * 40)
def test_no_line_of_plain_text_is_wider_than_the_page(line: str, text: str) -> None:
    build = built(*kinds(line, f"{text} [{text}]({URL})"), layout=v2g())
    for each in build.text.split("\n"):
        assert len(each) <= 72, each
        assert each == each.rstrip()
    assert "\n\n\n" not in build.text


@pytest.mark.parametrize("kind", SMALLEST)
def test_a_block_with_what_it_must_have_leaves_no_holes(kind: str) -> None:
    build = built({"kind": kind, **SMALLEST[kind]}, note(title="After"), layout=v2g())
    assert not re.search(r"<(p|h[1-6]|li|td|th|caption|a|span|blockquote|ol|ul)\b[^>]*>\s*</\1>", build.html)
    assert "\n\n\n" not in build.text
    assert not re.search(r"[=-]{72}\n\n", build.text)
    assert 'href=""' not in build.html


@pytest.mark.parametrize("kind", ["button", "events", "jobs", "poll", "quote", "sponsor"])
def test_links_have_words_of_the_editors(kind: str) -> None:
    block = next(each for each in kinds("Words", "Text") if each["kind"] == kind)
    page = Page(built(block, layout=v2g()).html)
    assert {words.removesuffix("→").strip() for link, words in page.links if link["href"] == URL} == {"Words"}


def test_every_link_of_a_sponsor_is_marked_as_paid_for_and_the_block_says_so() -> None:
    build = built({**SMALLEST["sponsor"], "kind": "sponsor", "text": f"A [b]({URL}) <{URL}x>"}, layout=v2g())
    links = [link for link, _ in Page(build.html).links if str(link["href"]).startswith(URL)]
    assert [link.get("rel") for link in links] == ["sponsored"] * 3
    assert ">Sponsored</p>" in build.html
    assert "\nSPONSORED\n" in build.text


def test_a_table_says_what_it_is_to_screen_readers() -> None:
    table = {"kind": "table", "caption": "C", "header": ["A", "B"], "rows": [["a", "1"], ["b", "2"]]}
    html = built(table, layout=v2g()).html
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


def test_dates_of_events_are_printed_as_the_publication_prints_them() -> None:
    item = {"title": "T", "url": URL, "place": "P", "date": "2026-02-03"}
    events = {"kind": "events", "department": "D", "items": [item, {**item, "end_date": "2026-03-01"}]}
    build = built(events, layout=v2g(), by=publication(date_format="d.m.yyyy"))
    for text in (build.html, build.text):
        assert "3.2.2026 – 1.3.2026" in text
    assert "3.2.2026 · P" in build.html


def test_decoration_leaves_no_trace_in_the_plain_text() -> None:
    decoration = {"kind": "raw", "decorative": "true", "mjml": "<mj-section></mj-section>"}
    with_it, without = (
        built(*blocks, layout=v2g()).text for blocks in ([note(), decoration, note()], [note(), note()])
    )
    assert with_it == without


def test_merge_fields_work_in_mjml_and_wrong_ones_are_found_there() -> None:
    def raw(inside: str) -> dict[str, str]:
        return {"kind": "raw", "text": "T", "mjml": f"<mj-section><mj-column>{inside}</mj-column></mj-section>"}

    build = built(
        raw('<mj-text><a href="https://e.com/?a={{ subscriber.name }}">{{ subscriber.name }}</a></mj-text>'),
        layout=v2g(),
    )
    assert 'href="https://e.com/?a={{ subscriber.name }}"' in build.restored(build.html)
    with pytest.raises(InvalidSource) as caught:
        built(raw('<mj-text><a href="{{ subscriber.name }}">x</a></mj-text>'), layout=v2g())
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


def test_two_features_and_ten_finds_stay_small() -> None:
    feature = {"kind": "feature", "department": "D", "title": "T", "text": "word " * 400}
    find = {"title": "A find of ten words or so, as most are", "url": URL, "date": "2026-02-03", "text": "word " * 60}
    finds = {"kind": "finds", "department": "D", "items": [find] * 10}
    assert len(built(feature, feature, finds, layout=v2g()).html) < 60_000

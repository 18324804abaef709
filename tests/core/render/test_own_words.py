"""A publication in another language: not an English word is left in what the layout says by itself."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from newsletter.core.layout import Layout, parse_layout
from newsletter.core.publication import Publication
from newsletter.core.source import Document, read
from newsletter.edges.files import Project
from tests.core.examples import built, publication
from tests.core.render.test_v2g import kinds
from tests.screens import LAYOUTS

ROOT = Path(__file__).parents[3]
GERMAN = {
    "say_issue": "Jahrgang {volume}, Nr. {number}",
    "say_reference": "Nr. {number}/{volume}",
    "say_contents": "In dieser Ausgabe",
    "say_editors_note": "Vorbemerkung",
    "say_authors_note": "Nachbemerkung",
    "say_sponsored": "Anzeige",
    "say_apply_by": "Bis {date} bewerben",
    "say_comma": " / ",
    "say_question": "Frage:",
    "say_answer": "Antwort:",
    "say_why": "Sie haben {publication} abonniert.",
    "say_unsubscribe": "Abmelden",
    "say_preferences": "Einstellungen",
    "say_view": "Im Browser ansehen",
}


@cache
def german(name: str) -> tuple[Publication, Layout]:
    by = publication(name="Der Brief", language="de", tokens=GERMAN)
    templates, tokens = Project(ROOT).layout(name)
    source = Document("publication.yaml", {})
    return by, parse_layout(name, templates, read(tokens, "tokens.yaml"), publication=by, source=source)


def blocks() -> list[dict[str, object]]:
    job = {"title": "x", "organization": "x", "place": "x", "url": "https://e.com", "closing_date": "2026-04-01"}
    every = [block for block in kinds("x", "x") if block["kind"] not in {"contents", "jobs"}]
    return [{"kind": "contents"}, *every, {"kind": "jobs", "department": "x", "items": [job]}]


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_word_can_be_said_in_another_language(layout: str) -> None:
    by, look = german(layout)
    assert {name for name in look.tokens if name.startswith("say_")} == set(GERMAN)
    build = built(*blocks(), layout=look, by=by, byline="x", volume="3", number="4", subject="x", preheader="x")
    body = re.sub(r"<[^>]*>", " ", build.html[build.html.index("<body") :])
    ours = {*words_of(" ".join(GERMAN.values())), "der", "brief", "as", "it", "stands"}
    for text in (body, build.text):
        without = re.sub(rf"{build.tokens.pattern}|https://\S+|12 Sample Street, Rutland", "", text)
        assert words_of(without) - ours == set()


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{2,}", text.lower()))


def test_words_in_another_language_stand_where_the_english_ones_do(layout: str) -> None:
    by, look = german(layout)
    build = built(*blocks(), layout=look, by=by, volume="3", number="4")
    for text in (build.html, build.text):
        assert "Jahrgang 3, Nr. 4" in text
        assert "Bis 2026-04-01 bewerben" in text
        assert "Sie haben Der Brief abonniert." in text
        assert "x / x" in text
    assert "\nin dieser ausgabe\n" in build.text.lower()
    assert "\nFrage:   x\n\nAntwort: x\n" in build.text


def test_a_reference_in_the_publication_s_own_form_leads_to_the_archive(layout: str) -> None:
    by, look = german(layout)
    build = built({"kind": "note", "text": "Wie in Nr. 6/1 und Vol. 1 | Issue 5."}, layout=look, by=by, volume="3")
    for text in (build.html, build.text):
        assert "https://letter.example.com/archive/vol-1-issue-6" in text
        assert "vol-1-issue-5" not in text


def test_a_merge_field_in_the_words_is_not_broken_over_lines() -> None:
    words = f"{'x' * 60} {{{{ subscriber.first_name }}}} {{publication}}"
    by = publication(tokens={"say_why": words})
    templates, tokens = Project(ROOT).layout("v2g")
    source = Document("publication.yaml", {})
    look = parse_layout("v2g", templates, read(tokens, "tokens.yaml"), publication=by, source=source)
    build = built({"kind": "note", "text": "x"}, layout=look, by=by)
    assert "{{ subscriber.first_name }}" in build.restored(build.text)

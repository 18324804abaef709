from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.merge import Tokens
from tests.core.examples import built, hostile_texts, note, raw_build

BUILD = built(note("Dear {{ subscriber.first_name | default('you') }}"))


@pytest.mark.parametrize("part", ["subject", "preheader", "html", "text"])
@given(change=st.text("ab \n\u00a0", min_size=1, max_size=3))
def test_the_digest_changes_with_each_part(part: str, change: str) -> None:
    changed = replace(BUILD, **{part: getattr(BUILD, part) + change})
    assert changed.digest != BUILD.digest


def test_the_digest_tells_apart_where_one_part_ends_and_the_next_begins() -> None:
    first = replace(BUILD, subject="ab", preheader="c")
    second = replace(BUILD, subject="a", preheader="bc")
    assert first.digest != second.digest


def test_the_digest_depends_on_nothing_else() -> None:
    other = Tokens(taken=["mergefield"])
    subject, html, text = (other.replace(BUILD.restored(each)) for each in (BUILD.subject, BUILD.html, BUILD.text))
    same = replace(BUILD, issue="other", day=date(1999, 1, 1), tokens=other, subject=subject, html=html, text=text)
    assert same.text != BUILD.text
    assert same.digest == BUILD.digest


def test_the_digest_changes_when_only_a_default_changes() -> None:
    first, second = (raw_build(f"{{{{ subscriber.a | default('{each}') }}}}") for each in "xy")
    assert first.digest != second.digest


@given(hostile_texts)
def test_a_text_without_fields_is_restored_as_it_is(text: str) -> None:
    if "{{" not in text:
        build = raw_build(text)
        assert build.restored(build.text) == text


def test_the_templates_fill_every_field() -> None:
    build = raw_build("{{ subscriber.a }} {{ links.view }}", "<p>{{ subscriber.a }}</p>", "{{ subscriber.a }}!")
    assert build.text_template().fill(str) == "{{ subscriber.a }} {{ links.view }}"
    assert build.html_template().fill(lambda _: "<") == "<p>&lt;</p>"
    assert build.subject_template().fill(lambda _: "<") == "<!"

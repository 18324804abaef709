from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.kept import packed, unpacked
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


US, EU, NOBODY = frozenset({"us"}), frozenset({"eu"}), frozenset[str]()
FOR_SOME = built(note("For all"), note("For the US", only={"tag": "us"}), note("For others", only={"no_tag": "us"}))


def test_a_reader_gets_the_blocks_of_their_tags_in_html_and_text() -> None:
    for variant in (FOR_SOME.seen_by(US), FOR_SOME.seen_by(US | EU)):
        for text in (variant.html, variant.text):
            assert "For all" in text
            assert "For the US" in text
            assert "For others" not in text
    assert FOR_SOME.seen_by(EU) == FOR_SOME.seen_by(NOBODY) == FOR_SOME.variants[0]
    assert "For the US" not in FOR_SOME.html + FOR_SOME.text
    assert "For others" in FOR_SOME.html


def test_the_digest_covers_the_variants_and_their_readers() -> None:
    (other,) = FOR_SOME.others
    changes = [
        replace(other, html=other.html + " "),
        replace(other, text=other.text + " "),
        replace(other, readers=frozenset([EU])),
    ]
    digests = {replace(FOR_SOME, others=(changed,)).digest for changed in changes}
    assert len(digests | {FOR_SOME.digest, replace(FOR_SOME, others=()).digest}) == 5


def test_a_fact_that_only_keeps_readers_from_what_others_get_is_asked_for() -> None:
    build = built(note("For all"), note("For the US", only="tag:us and not tag:eu"))
    assert "For the US" in build.seen_by(US).html
    assert "For the US" not in build.seen_by(US | EU).html
    without = built(note("For all"), note("For the US", only="tag:us"))
    assert [each.readers for each in without.others] == [each.readers for each in build.others] == [{US}]
    assert without.digest != build.digest


def test_readers_of_a_variant_are_named() -> None:
    assert [FOR_SOME.readers(each) for each in FOR_SOME.variants] == ["not us", "us"]
    assert [BUILD.readers(each) for each in BUILD.variants] == ["everybody"]


@pytest.mark.parametrize(
    "of", ["tag:us", "not tag:us", "field.city = Bath", "last_name is set", "tag:us and not tag:eu"]
)
def test_an_issue_with_blocks_for_some_depends_on_more_than_names(of: str) -> None:
    assert built(note("For all"), note("For some", only=of)).details


@pytest.mark.parametrize("place", ["text", "html", "subject"])
@pytest.mark.parametrize("name", ["city", "Name", "tags"])
def test_an_issue_with_a_field_of_the_list_s_own_depends_on_more_than_names(place: str, name: str) -> None:
    assert raw_build(**{place: f"{{{{ subscriber.{name} | default('x') }}}}"}).details


def test_a_field_of_the_list_s_own_counts_in_the_preheader_too() -> None:
    assert built(note("Dear all"), preheader="For {{ subscriber.city }}").details


def test_an_issue_with_names_and_links_alone_depends_on_nothing_more() -> None:
    names = " ".join(f"{{{{ subscriber.{name} }}}}" for name in ("first_name", "last_name", "name", "address"))
    assert not raw_build(f"{names} {{{{ links.view }}}}").details
    assert not BUILD.details


def test_a_build_that_was_kept_depends_on_what_it_did() -> None:
    for build in (BUILD, FOR_SOME, raw_build("{{ subscriber.city }}")):
        assert unpacked(packed(build)).details == build.details

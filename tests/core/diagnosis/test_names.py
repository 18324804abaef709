"""What SPF and DMARC records say, and which names are asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.core.diagnosis.names import (
    MOST_LOOKUPS,
    Fate,
    Lookup,
    Question,
    above,
    dmarc_in,
    found_dmarc,
    included,
    questions,
    spf_in,
    spf_terms,
    tags_of,
)


def texts(**records: str) -> dict[Question, Lookup]:
    """Return TXT records by name; an underscore at the beginning stands for `_dmarc.`."""
    named = {name.replace("__", "."): value for name, value in records.items()}
    return {Question(name, "TXT"): Lookup(Fate.FOUND, (value,)) for name, value in named.items()}


def test_a_domain_is_followed_by_those_above_it_but_for_the_top() -> None:
    assert above("a.News.Example.com") == ["a.news.example.com", "news.example.com", "example.com"]
    assert above("localhost") == ["localhost"]


def test_other_texts_are_no_spf_records() -> None:
    found = Lookup(Fate.FOUND, ("v=spf1 -all", "v=spf10 -all", "google-site-verification=x", "V=SPF1", "spf2.0/pra"))
    assert spf_in(found) == ["v=spf1 -all", "V=SPF1"]
    assert spf_in(None) == []


def test_a_dmarc_record_begins_with_its_version() -> None:
    found = Lookup(Fate.FOUND, ("v=DMARC1; p=none", "p=none; v=DMARC1", "v=DMARC10; p=none", "v=DMARC1"))
    assert dmarc_in(found) == ["v=DMARC1; p=none", "v=DMARC1"]


def test_tags_are_read_whatever_the_spaces() -> None:
    assert tags_of("v=DMARC1 ;p = Reject;; sp=none; rua=mailto:a@b.example?x=1") == {
        "v": "DMARC1",
        "p": "Reject",
        "sp": "none",
        "rua": "mailto:a@b.example?x=1",
    }


def test_what_an_spf_record_takes_in_is_found_whatever_its_qualifier() -> None:
    record = "v=spf1 include:A.example. ?include:b.example exists:%{i}.c.example redirect=d.example include:%{d}.e"
    assert included(record) == ["a.example", "b.example", "d.example"]


def test_look_ups_are_counted_through_what_is_taken_in() -> None:
    known = texts(
        a__example="v=spf1 a mx include:b.example ip4:192.0.2.1 ~all",
        b__example="v=spf1 include:amazonses.com a:mail.example -all",
    )
    assert spf_terms("a.example", known) == (["b.example", "amazonses.com"], 5)


def test_records_that_take_in_each_other_come_to_an_end() -> None:
    known = texts(a__example="v=spf1 include:b.example -all", b__example="v=spf1 include:a.example -all")
    assert spf_terms("a.example", known)[0] == ["b.example", "a.example"]


def test_the_policy_of_a_domain_is_its_own_or_the_nearest_above() -> None:
    top = texts(_dmarc__example__com="v=DMARC1; p=reject")
    both = {**top, **texts(_dmarc__news__example__com="v=DMARC1; p=none")}

    assert [found[0] for found in (found_dmarc("news.example.com", known) for known in (top, both)) if found] == [
        "example.com",
        "news.example.com",
    ]
    assert found_dmarc("news.example.com", {}) is None


def test_answers_lead_to_questions_until_nothing_is_open() -> None:
    first = questions("news.example.com", "example.com", "bounce.news.example.com", {"k._domainkey.x": "CNAME"}, {})
    assert {str(each) for each in first} == {
        "TXT of _dmarc.news.example.com",
        "TXT of _dmarc.example.com",
        "MX of example.com",
        "CNAME of k._domainkey.x",
        "MX of bounce.news.example.com",
        "TXT of bounce.news.example.com",
    }
    known = {each: Lookup(Fate.NO_RECORD) for each in first}
    known.update(texts(bounce__news__example__com="v=spf1 include:spf.example -all"))
    second = questions("news.example.com", "example.com", "bounce.news.example.com", {}, known)
    assert {str(each) for each in second} == {"A of example.com", "TXT of spf.example"}


def test_a_record_that_takes_in_hundreds_is_not_followed_for_ever() -> None:
    many = " ".join(f"include:{number}.example" for number in range(300))
    known = texts(a__example=f"v=spf1 {many} -all")
    asked = [each for each in questions("x.example", "x.example", "a.example", {}, known) if each.type == "TXT"]
    assert len(asked) <= MOST_LOOKUPS + 1


@pytest.mark.parametrize("parse", [tags_of, included])
@given(st.text())
def test_no_record_is_too_strange_to_be_read(parse: object, record: str) -> None:
    assert callable(parse)
    parse(record)
    spf_terms("a", {Question("a", "TXT"): Lookup(Fate.FOUND, (f"v=spf1 {record}",))})

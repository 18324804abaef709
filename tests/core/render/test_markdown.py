from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.render.markdown import above_cut, to_html, wrong_links
from tests.core.examples import hostile_texts

MARKDOWNISH = st.text(alphabet="ab *_`#>-+1.[]()<>!\\\n\t&;|~\"'{}é\u00a0", max_size=80) | hostile_texts
XML_TEXT = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)])


def archive(volume: int, number: int) -> str | None:
    return f"https://e.com/vol-{volume}-issue-{number}" if (volume, number) < (2, 3) else None


def html(text: str) -> str:
    return str(to_html(text, archive))


def elements(markup: str) -> list[ET.Element]:
    """Parse as XML, which is what MJML's parser demands: every element closed, every attribute quoted."""
    return list(ET.fromstring(f"<x>{markup.translate(XML_TEXT)}</x>").iter())  # noqa: S314 - our own markup


@given(MARKDOWNISH)
@example("<script>alert(1)</script>")
@example("[a](javascript:alert(1))")
@example('[a](https://e.com "x\\" onclick=\\"y")')
@example("<https://e.com/?a=1&b=2>")
@example("***a** b*  \nc\n***\n1) x\n   - y\n\n     > z")
def test_any_text_becomes_well_formed_and_harmless(text: str) -> None:
    allowed = set("x p h3 h4 h5 h6 ul ol li blockquote em strong a code pre br hr img".split())  # noqa: SIM905
    for element in elements(html(text)):
        assert element.tag in allowed
        assert set(element.attrib) <= {"href", "title", "start", "class", "src", "alt"}
        assert not element.get("href", "").lower().startswith(("javascript:", "data:text", "vbscript:"))


@pytest.mark.parametrize("text", ["<b>x</b>", "<!-- x -->", "&lt;b&gt;", "a <br/> b", "<?php ?>", "<![CDATA[x]]>"])
def test_html_in_a_text_is_shown_and_not_obeyed(text: str) -> None:
    assert [element.tag for element in elements(html(text))] == ["x", "p"]


def test_subheadings_stand_below_the_title_of_their_piece() -> None:
    assert html("# a\n\n## b\n\n### c\n\n###### d").replace("\n", "") == "<h3>a</h3><h3>b</h3><h4>c</h4><h5>d</h5>"


def test_a_reference_to_an_earlier_issue_becomes_a_link() -> None:
    found = elements(html("See Vol. 1 | Issue 6, not Vol. 2 | Issue 3 or [Vol. 1 | Issue 2](https://other.org)."))
    assert [(each.get("href"), (each.text or "").replace("\u00a0", " ")) for each in found if each.tag == "a"] == [
        ("https://e.com/vol-1-issue-6", "Vol. 1 | Issue 6"),
        ("https://other.org", "Vol. 1 | Issue 2"),
    ]


@pytest.mark.parametrize("quote", ["> ", "- ", "1. ", ">- "])
def test_deep_nesting_is_bounded(quote: str) -> None:
    assert html(quote * 5000 + "x").count("<") < 200


def test_the_cut_mark_parts_what_is_mailed_from_what_is_archived() -> None:
    text = "One.\n\n  <!--  more-->  \n\nTwo."
    assert above_cut(text) == "One."
    assert above_cut("One <!-- more --> two.") == "One <!-- more --> two."
    assert above_cut("One.") == "One."


def found(text: str) -> list[tuple[int, str]]:
    return [(wrong.offset, wrong.message) for wrong in wrong_links(text)]


@pytest.mark.parametrize(
    "target", ["", "#top", "/a", "page.html", "ftp://e.com", "www.e.com", "javascript:x", "//e.com"]
)
def test_a_link_that_leads_nowhere_from_an_email_is_found(target: str) -> None:
    # markdown-it makes no link at all of what runs code; then nothing is left to report.
    text = f"One.\n\nSee [this]({target}) one."
    if target != "javascript:x":
        [(offset, message)] = found(text)
        assert message == f"the link to {target!r} leads nowhere from an email"
        assert offset == (text.index(target) if target else text.index("See"))


def test_a_picture_in_a_text_is_found() -> None:
    assert found("a\n\nb ![c](https://e.com/a.png)") == [(10, "a picture stands inside a text")]


def test_lines_are_counted_as_commonmark_does() -> None:
    text = "a\u2028\x0bb\x85\n\nSee [this](page)."
    assert found(text) == [(text.index("page"), "the link to 'page' leads nowhere from an email")]


@pytest.mark.parametrize("target", ["https://e.com", "http://e.com", "mailto:a@e.com", "tel:+123", "{{links.view}}"])
def test_a_link_that_leads_somewhere_is_not(target: str) -> None:
    assert not found(f"See [this]({target}).")


@given(MARKDOWNISH)
def test_wrong_links_stand_inside_their_text(text: str) -> None:
    assert all(0 <= wrong.offset <= len(text) for wrong in wrong_links(text))

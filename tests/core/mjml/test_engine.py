"""What is said of mjml-python is true of the release that is installed.

A row that fails here after an upgrade may go from `newsletter/core/mjml/engine.py`.
"""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest

from newsletter.core.mjml import engine
from newsletter.core.mjml.components import mjml
from newsletter.core.render.mjml import to_html
from newsletter.errors import InvalidSource
from tests.core.mjml.test_data import FITTING, path_to
from tests.core.mjml.writing import column, document, said

COMPONENTS = mjml().components
IGNORED = [(tag, name) for tag, names in engine.IGNORED.items() for name in sorted(names)]


def html(source: str) -> str:
    return to_html(source, file="a.mjml")


def stops(source: str) -> bool:
    try:
        html(source)
    except InvalidSource:
        return True
    return False


def inside(tag: str, markup: str) -> str:
    """Return a document with this in a tag that stands where it may."""
    around = [*path_to(tag), tag]
    opening, closing = "".join(f"<{each}>" for each in around), "".join(f"</{each}>" for each in reversed(around))
    return opening + markup + closing


def hidden(what: str, drawn: str) -> bool:
    """Tell whether something stands in a comment that Outlook alone reads."""
    before = drawn[: drawn.index(what)]
    return before.rfind("<!--[if mso") > before.rfind("<![endif]")


def test_the_rows_are_about_the_release_that_is_installed() -> None:
    assert engine.__doc__ is not None
    assert version("mjml-python") in engine.__doc__


@pytest.mark.parametrize(("tag", "name"), IGNORED)
def test_an_attribute_said_to_have_no_effect_has_none(tag: str, name: str) -> None:
    needed = {"mj-image": 'src="a.png" alt=""', "mj-social-element": 'src="a.png" href="b" alt=""'}.get(tag, "")
    inside = {"mj-wrapper": 2 * "<mj-section><mj-column /></mj-section>", "mj-table": "<tr><td>a</td></tr>"}
    around = path_to(tag)

    def drawn(attribute: str) -> str:
        opening, closing = "".join(f"<{each}>" for each in around), "".join(f"</{each}>" for each in reversed(around))
        return html(f"{opening}<{tag} {needed} {attribute}>{inside.get(tag, '')}</{tag}>{closing}")

    kind = min(COMPONENTS[tag].attributes[name])
    options = re.findall(r"[\w-]+", kind)[1:] if kind.startswith("enum") else [FITTING[kind]]
    assert {drawn(f'{name}="{option}"') for option in options} == {drawn("")}


@pytest.mark.parametrize("parent", sorted(engine.NO_RAW - {"mjml"}))
def test_mj_raw_stops_it_in_these(parent: str) -> None:
    assert not stops(inside(parent, ""))
    assert stops(inside(parent, "<mj-raw>a</mj-raw>"))


@pytest.mark.parametrize("tag", sorted(engine.NO_COMMENTS - {"mj-breakpoint"}))
def test_a_comment_stops_it_in_these(tag: str) -> None:
    assert not stops(inside(tag, ""))
    assert stops(inside(tag, "<!-- a -->"))


CHILDREN = {
    "mj-accordion": "mj-accordion-element",
    "mj-body": "mj-section",
    "mj-column": "mj-spacer",
    "mj-group": "mj-column",
    "mj-hero": "mj-spacer",
    "mj-navbar": "mj-navbar-link",
    "mj-section": "mj-column",
    "mj-social": "mj-social-element",
    "mj-wrapper": "mj-section",
}


@pytest.mark.parametrize(("tag", "child"), CHILDREN.items())
def test_a_comment_changes_what_is_around_it_in_these_alone(tag: str, child: str) -> None:
    plain, commented = (html(inside(tag, f"<{child} />{comment}<{child} />")) for comment in ("", "<!--a-->"))
    torn = commented.replace("<!--a-->", "") != plain or hidden("<!--a", commented)
    assert torn == (tag in engine.TORN_BY_COMMENTS)


def test_mj_raw_in_mj_wrapper_is_seen_by_outlook_alone() -> None:
    assert hidden("here", html(inside("mj-wrapper", "<mj-section /><mj-raw>here</mj-raw><mj-section />")))
    assert not hidden("here", html(inside("mj-body", "<mj-section /><mj-raw>here</mj-raw><mj-section />")))


@pytest.mark.parametrize("tag", sorted(engine.WORDS_ALONE))
def test_a_tag_stops_it_in_these(tag: str) -> None:
    assert stops(document(head=f"<{tag}>a <b>b</b></{tag}>"))


STOPPING = {
    "mj-include": document('<mj-include path="a" />'),
    "mj-html-attributes": document(
        head='<mj-html-attributes><mj-selector path="a"></mj-selector></mj-html-attributes>'
    ),
    "a class without a name": document(head='<mj-attributes><mj-class color="red" /></mj-attributes>'),
    "a class with defaults": document(
        head='<mj-attributes><mj-class name="a"><mj-text color="red" /></mj-class></mj-attributes>'
    ),
    "a lone <": column("<mj-text>1 < 2</mj-text>"),
    "HTML that is not closed": column("<mj-text><p>a</mj-text>"),
    "HTML in capitals that holds nothing": column("<mj-text>a<BR></mj-text>"),
    "an attribute without quotes": column("<mj-text><a href=a>a</a></mj-text>"),
    "no space between attributes": column('<mj-text color="red"font-size="16px">a</mj-text>'),
    "a comment for Outlook in the body": document("<!--[if mso]><![endif]-->"),
    "a comment for Outlook that is not balanced": document("<mj-raw><!--[if mso]><p><![endif]--></mj-raw>"),
    "CDATA": column("<mj-text><![CDATA[a]]></mj-text>"),
    "an XML declaration": '<?xml version="1.0"?>' + document(),
    "a doctype": "<!doctype html>" + document(),
    "two documents": document() + document(),
    "words in the head": document(head="a"),
    "the end of a comment for Outlook in the body": document("<![endif]-->"),
    "two hyphens in a comment": document("<!-- a -- b -->"),
    "]]> in words": column("<mj-text>a ]]> b</mj-text>"),
    "an odd name": column("<mj-text><b$>a</b$></mj-text>"),
}


@pytest.mark.parametrize("source", STOPPING.values(), ids=STOPPING)
def test_what_stops_it_is_refused_before(source: str) -> None:
    assert stops(source)
    assert said(source) != []


def test_a_padding_in_percent_or_of_0_on_one_side_is_not_taken_off_the_width() -> None:
    def width(padding: str) -> list[str]:
        picture = '<mj-column><mj-image src="a.png" alt="" padding="0px" /></mj-column>'
        return re.findall(
            r'width="(\d+)" style="border:0', html(document(f"<mj-section {padding}>{picture}</mj-section>"))
        )

    assert width('padding="0px 30px"') == width('padding="0 30px"') == ["540"]
    assert width('padding="0px 5%"') == ["600"]
    assert width('padding="0px 30px" padding-left="0px"') == ["570"]
    assert width('padding="0px 30px" padding-left="0"') == ["540"]


def test_of_two_classes_and_of_two_attributes_it_takes_the_other_one() -> None:
    classes = (
        '<mj-attributes><mj-class name="a" color="#aaaaaa" /><mj-class name="b" color="#bbbbbb" /></mj-attributes>'
    )
    both = document('<mj-section><mj-column><mj-text mj-class="a b">a</mj-text></mj-column></mj-section>', head=classes)
    assert "#aaaaaa" in html(both)  # MJML: the last class wins
    assert "#bbbbbb" in html(column('<mj-text color="#aaaaaa" color="#bbbbbb">a</mj-text>'))  # MJML: the first


def test_defaults_for_mj_body_a_fluid_hero_and_inline_styles_come_to_nothing() -> None:
    assert "#123456" not in html(document(head='<mj-attributes><mj-body background-color="#123456" /></mj-attributes>'))
    hero = '<mj-hero mode="{}" background-url="a.png" background-width="600px" background-height="300px"></mj-hero>'
    assert 'height="0"' in html(document(hero.format("fluid-height")))
    styled = html(
        column('<mj-text><p class="a">b</p></mj-text>').replace(
            "</mj-head>", '<mj-style inline="inline">.a { color: #123456 }</mj-style></mj-head>'
        )
    )
    assert '<p class="a">' in styled

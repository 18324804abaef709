from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.fragment import MAX_DEPTH, flaws
from newsletter.core.merge import Tokens
from newsletter.core.render import mjml
from newsletter.core.source import Lines
from newsletter.errors import InvalidSource
from tests.core.examples import HOSTILE, hostile_texts


def said(source: str) -> list[str]:
    lines = Lines(source)
    marks = ((lines.mark(flaw.offset), flaw) for flaw in flaws(source))
    return [f"{mark.line}:{mark.column}: {flaw.message}; {flaw.hint}" for mark, flaw in marks]


def column(inside: str) -> str:
    return f"<mj-section><mj-column>{inside}</mj-column></mj-section>"


def text(inside: str) -> str:
    return column(f"<mj-text>{inside}</mj-text>")


FINE = [
    "",
    "<mj-section></mj-section>",
    "<mj-section />",
    "<mj-wrapper><mj-section></mj-section><mj-section></mj-section></mj-wrapper>",
    "<!-- a comment -->\n" + text("One<br>two<br/>three <hr /><b>four</b> &amp; & &nbsp; é x"),
    column('<mj-image src="https://e.com/a.png" alt="1 > 0" /><mj-spacer height="8px" /><mj-divider />'),
    column("<mj-button href='https://e.com/?a=\"b\"'>Go <b>there</b></mj-button>"),
    column(
        '<mj-social><mj-social-element href="https://e.com" src="https://e.com/a.png">E</mj-social-element></mj-social>'
    ),
    column('<mj-navbar><mj-navbar-link href="https://e.com">E</mj-navbar-link></mj-navbar>'),
    "<mj-section><mj-group><mj-column></mj-column></mj-group><mj-raw><p>x</p></mj-raw></mj-section>",
    column("<mj-raw><!--[if mso]><p>Outlook</p><![endif]--><!--[if !mso]><!--><p>others</p><!--<![endif]--></mj-raw>"),
    text("<!--[if mso]><table><tr><td><![endif]-->x<!--[if mso]></td></tr></table><![endif]-->"),
    text('{{ subscriber.first_name | default("<b>") }}'),
    column('<mj-image src="https://e.com/a.png" alt="{{ subscriber.first_name | default("you") }}" />'),
]


@pytest.mark.parametrize("source", FINE)
def test_what_mjml_takes_is_fine_here_and_comes_out(source: str) -> None:
    assert said(source) == []
    html = mjml.to_html(f"<mjml><mj-body>{Tokens().replace(source)}</mj-body></mjml>", file="f")
    assert html.endswith("</body></html>")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<mj-section>\n  <mj-column>", ["1:1: <mj-section> is never closed; write </mj-section> where it ends"]),
        (text("\n<mj-raw>"), ["2:1: <mj-raw> cannot stand in <mj-text>; put it into <mj-section> or <mj-column>"]),
        (column("<mj-raw><div></mj-raw>"), ["1:32: <div> is never closed; write </div> where it ends"]),
        (text("<b><i>x</b></i>"), ["1:36: <i> is never closed; write </i> where it ends"]),
        (text("<b>x</i></b>"), ["1:37: </i> closes nothing; delete it, or open the tag before it"]),
        (text("x</br>"), ["1:34: </br> closes nothing; write <br />"]),
        (text("1 < 2"), ["1:35: < begins no tag; write &lt;"]),
        (text("<![CDATA[x]]>"), ["1:33: < begins no tag; write &lt;"]),
        ("<?xml?>" + text(""), ["1:1: < begins no tag; write &lt;"]),
        (text("a ]]> b"), ["1:37: > ends no tag; write &gt;"]),
        (text("é/>"), ["1:35: > ends no tag; write &gt;"]),
        (text("<!-- x"), ["1:33: a comment is never closed; write --> where it ends"]),
        (text("<!-- <mj-text> -->"), ["1:33: a comment holds a tag or --; take that out of it"]),
        (text("<p class=x>y</p>"), ["1:33: a tag is not written out; put every value into quotes"]),
        (column('<mj-image src="a alt=">" />'), ["1:47: '\" />' stands outside of all text; put it into"]),
        (text("<b"), ["1:33: a tag is not written out; put every value into quotes"]),
        (text("<BR>"), ["1:33: <BR> is written in capitals; write <br>"]),
        (text("<script>x</script>"), ["1:33: <script> cannot stand in an email's body; mail programs drop it"]),
        (text("<style>x</style>"), ["1:33: <style> cannot stand in an email's body; write style attributes instead"]),
        (text("<div />"), ["1:33: <div /> is not closed by its slash; write <div></div>"]),
        (
            "<mj-column></mj-column>",
            ["1:1: <mj-column> cannot stand by itself; put it into <mj-section> or <mj-group>"],
        ),
        (column("<mj-section />"), ["1:24: <mj-section> cannot stand in <mj-column>; close what is open before it"]),
        (column("<mj-txt>x</mj-txt>"), ["1:24: <mj-txt> cannot be used here; did you mean 'mj-text'?"]),
        ('<mj-include path="/etc/passwd" />', ["1:1: <mj-include> cannot be used here; "]),
        ("<mjml></mjml>", ["1:1: <mjml> cannot be used here; "]),
        ("hello", ["1:1: 'hello' stands outside of all text; put it into <mj-text>"]),
        ("<p>hello</p>", ["1:1: <p> stands outside of all text; a block of kind raw is one or more <mj-section>"]),
        (
            column("\n  a very long text that is not all shown"),
            ["2:3: 'a very long text that is not a' stands outside"],
        ),
    ],
)
def test_what_would_not_come_out_as_written_is_refused(source: str, expected: list[str]) -> None:
    found = said(source)
    assert [any(each.startswith(start) for each in found) for start in expected] == [True] * len(expected), found


def test_nothing_is_nested_until_the_engine_dies() -> None:
    [flaw] = flaws(text("<b>" * 20_000))
    assert flaw.message == f"nested deeper than {MAX_DEPTH} tags"


PIECES = (
    "<mj-section>|</mj-section>|<mj-column>|</mj-column>|<mj-text>|</mj-text>|<mj-raw>|</mj-raw>|<mj-button>|"
    "</mj-button>|<mj-spacer/>|<mj-image alt='a' />|<b>|</b>|<br>|<br/>|<p class='x'>|</p>|<!-- x -->|<!--[if mso]>|"
    "<![endif]-->|&|&nbsp;|]]>|-->| |\n|x|<|</|/>"
)
TAGS = st.sampled_from(PIECES.split("|"))


@given(st.lists(TAGS | st.sampled_from(HOSTILE), max_size=14).map("".join) | hostile_texts.map(text))
@example(text("<b>" * 40 + "</b>" * 40))
@example(text("<!--[if mso]><b><![endif]--></b>"))
def test_what_is_not_refused_the_engine_renders_whole(source: str) -> None:
    wrapped = text(source) if not source.startswith("<mj-section>") else source
    if list(flaws(wrapped)):
        return
    try:
        html = mjml.to_html(f"<mjml><mj-body>{wrapped}{text('the end')}</mj-body></mjml>", file="f")
    except InvalidSource as err:
        pytest.fail(f"{wrapped!r}: {err.problems}")
    assert "the end</div>" in html

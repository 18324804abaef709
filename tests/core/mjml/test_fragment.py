from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.merge import Tokens
from newsletter.core.mjml import engine
from newsletter.core.mjml.components import mjml
from newsletter.core.mjml.fragment import flaws
from newsletter.core.render.mjml import to_html
from newsletter.core.source import Lines
from newsletter.errors import InvalidSource
from tests.core.examples import HOSTILE, hostile_texts
from tests.core.mjml.test_data import FITTING


def said(source: str) -> list[str]:
    lines = Lines(source)
    marks = ((lines.mark(flaw.at), flaw) for flaw in flaws(source))
    return [f"{mark.line}:{mark.column}: {flaw.said(lines.mark)}; {flaw.hint}" for mark, flaw in marks]


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
        '<mj-social><mj-social-element href="https://e.com/" src="https://e.com/a.png" alt="">E'
        "</mj-social-element></mj-social>"
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
    html = to_html(f"<mjml><mj-body>{Tokens().replace(source)}</mj-body></mjml>", file="f")
    assert html.endswith("</body></html>")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<mj-section>\n  <mj-column>", ["1:1: <mj-section> is never closed; write </mj-section> where it ends"]),
        (text("\n<mj-raw>"), ["2:1: <mj-raw> stands inside <mj-text> of line 1; close <mj-text> before it"]),
        (column("<mj-raw><div></mj-raw>"), ["1:32: <div> is never closed; write </div> where it ends"]),
        (text("<b><i>x</b></i>"), ["1:36: <i> is never closed; write </i> where it ends"]),
        (text("<b>x</i></b>"), ["1:37: </i> closes nothing; delete it, or open the tag before it"]),
        (text("x</br>"), ["1:34: </br> closes nothing; write <br />"]),
        (text("1 < 2"), ["1:35: < begins no tag; write &lt;"]),
        (text("<![CDATA[x]]>"), ["1:33: <![CDATA[ stops mjml-python; delete it"]),
        ("<?xml?>" + text(""), ["1:1: <?xml stops mjml-python; delete it"]),
        (text("a ]]> b"), ["1:37: > ends no tag; write &gt;"]),
        (text("é/>"), ["1:35: > ends no tag; write &gt;"]),
        (text("<!-- x"), ["1:33: a comment is never closed; write --> where it ends"]),
        (text("<!-- <mj-text> -->"), ["1:33: a comment holds a tag; take that out of it"]),
        (text("<p class=x>y</p>"), ['1:36: class of <p> has no quotes; write class="x"']),
        (column('<mj-image src="a alt=">" />'), ["1:47: '\" />' cannot stand in <mj-image>; delete it"]),
        (text("<b"), ["1:33: <b> does not end; look for a missing quote or >"]),
        (text("<BR>"), ["1:33: <BR> is written in capitals; write <br>"]),
        (text("<script>x</script>"), ["1:33: <script> cannot stand in an email's body; mail programs drop it"]),
        (text("<style>x</style>"), ["1:33: <style> cannot stand in an email's body; write style attributes instead"]),
        (text("<div />"), ["1:33: <div /> is not closed by its slash; write <div></div>"]),
        (
            "<mj-column></mj-column>",
            ["1:1: <mj-column> cannot stand in a block of kind raw; put it into <mj-group> or <mj-section>"],
        ),
        (column("<mj-section />"), ["1:24: <mj-section> cannot stand in <mj-column>; close what is open before it"]),
        (column("<mj-txt>x</mj-txt>"), ["1:24: <mj-txt> is not a tag of MJML; did you mean 'mj-text'?"]),
        ('<mj-include path="/etc/passwd" />', ["1:1: <mj-include> cannot be used here; "]),
        ("<mjml></mjml>", ["1:1: <mjml> cannot be used here; "]),
        ("<mj-style>a { color: red }</mj-style>", ["1:1: <mj-style> cannot be used here; it belongs to the layout"]),
        ("<mj-hero><mj-text>x</mj-text></mj-hero>", ["1:1: <mj-hero> cannot be used here; show the picture with"]),
        (column("<mj-table></mj-table>"), ["1:24: <mj-table> cannot be used here; write the <table> inside <mj-text>"]),
        (column("<mj-carousel></mj-carousel>"), ["1:24: <mj-carousel> comes out without its arrows; show one picture"]),
        (column("<mj-accordion></mj-accordion>"), ["1:24: <mj-accordion> stays unfolded and too tall in many mail"]),
        (
            "<mj-raw>x</mj-raw>",
            ["1:1: <mj-raw> cannot stand in a block of kind raw; put it into <mj-column> or <mj-section>"],
        ),
        (column('<mj-text colour="red">x</mj-text>'), ["1:33: colour is not an attribute of <mj-text>; did you mean"]),
        (column('<mj-spacer height="8" />'), ["1:35: height of <mj-spacer> cannot be '8'; write it like 20px"]),
        (column('<mj-image src="a.png" />'), ["1:24: <mj-image> has no alt, which is read out or shown in place"]),
        (text('<img src="a.png">'), ["1:33: <img> has no alt, which is read out or shown in place"]),
        (
            column('<mj-text color="{{ subscriber.ink }}">x</mj-text>'),
            ["1:33: color of <mj-text> cannot be '{{ ... }}'; write six digits"],
        ),
        (column("{{ subscriber.name }}"), ["1:24: '{{ ... }}' cannot stand in <mj-column>; put it into <mj-text>"]),
        (column("{% if x %}<mj-spacer />{% endif %}"), ["1:24: '{% if x %}' cannot stand in <mj-column>"]),
        (text("<mj->x</mj->"), ["1:33: <mj-> stands inside <mj-text> of line 1"]),
        (text("a -- b <!-- a -- b -->"), ["1:40: a comment with -- inside stops mjml-python; take that out of it"]),
        (text("<a title='<'>x</a>"), ["1:36: title of <a> holds a <; write &lt;"]),
        (text("<b$>x</b$>"), ["1:33: <b$> is no tag; write &lt; if it is meant to be read"]),
        (text("<!-- [if mso -->"), ["1:33: a comment for Outlook is not written out; write <!--[if mso]> before"]),
        (text("<![if mso]>x<![endif]>"), ["1:33: a comment for Outlook is not written out; write <!--[if mso]>"]),
        (text("<!--[if mso]>x"), ["1:33: a comment for Outlook is never closed; write <![endif]--> where it ends"]),
        (text("x<![endif]-->"), ["1:34: <![endif] ends nothing; write <!--[if mso]> before"]),
        ("hello", ["1:1: 'hello' cannot stand in a block of kind raw; it is one or more <mj-section>"]),
        ("<p>hello</p>", ["1:1: <p> cannot stand in a block of kind raw; it is one or more <mj-section>"]),
        (
            column("\n  a very long text that is not all shown"),
            ["2:3: 'a very long text' cannot stand in <mj-column>; put it into <mj-text>"],
        ),
    ],
)
def test_what_would_not_come_out_as_written_is_refused(source: str, expected: list[str]) -> None:
    found = said(source)
    assert [any(each.startswith(start) for each in found) for start in expected] == [True] * len(expected), found


def test_nothing_is_nested_until_the_engine_dies() -> None:
    [flaw] = flaws(text("<b>" * 20_000))
    assert flaw.message == f"<b> stands inside {engine.MAX_DEPTH} others"


PIECES = (
    "<mj-section>|</mj-section>|<mj-column>|</mj-column>|<mj-text>|</mj-text>|<mj-raw>|</mj-raw>|<mj-button>|"
    "</mj-button>|<mj-spacer/>|<mj-image alt='a' />|<b>|</b>|<br>|<br/>|<p class='x'>|</p>|<!-- x -->|<!--[if mso]>|"
    "<![endif]-->|&|&nbsp;|]]>|-->| |\n|x|<|</|/>"
)
TAGS = st.sampled_from(PIECES.split("|"))


LEFT_OUT = {"mj-accordion", "mj-carousel", "mj-hero", "mj-include", "mj-table"}
COMPONENTS = mjml().components
# Separated by spaces; ~ stands for one.
VALUES = """
    0 0px 20px 50% 1px~2px~3px~4px 1.5 16 auto left center top true false #aabbcc red rgb(1,2,3) full-width -2px 1e9px
    99999999999999999999px NaNpx 300% a b~c https://e.com/a.png {{~subscriber.name~}} \\ é ❤️ &lt; < >
"""
NEEDED = {tag: {"src": "a.png", "alt": ""} for tag in ("mj-image", "mj-social-element")}


@st.composite
def attributes(draw: st.DrawFn, tag: str) -> str:
    """Draw some attributes of a tag, more often with values that fit than with others."""
    kinds = COMPONENTS[tag].attributes
    useful = sorted(kinds.keys() - engine.IGNORED.get(tag, set()))
    names = draw(st.lists(st.sampled_from(useful), max_size=3)) if useful else []
    fitting = {name: FITTING[min(kinds[name])] for name in names}
    odd = draw(st.dictionaries(st.sampled_from(names), st.sampled_from(VALUES.split()), max_size=1)) if names else {}
    given = {**NEEDED.get(tag, {}), **fitting, **odd}
    return "".join(f' {name}="{value.replace("~", " ")}"' for name, value in given.items())


@st.composite
def trees(draw: st.DrawFn, parent: str = "mj-body", depth: int = 0) -> str:
    """Draw MJML that nests as MJML allows, with words, HTML and comments in the tags that hold those."""
    if COMPONENTS[parent].ending:
        return draw(st.just("x") | st.lists(TAGS | st.sampled_from(HOSTILE), max_size=3).map("".join))
    tags = sorted(COMPONENTS[parent].children - LEFT_OUT)
    drawn = draw(st.lists(st.sampled_from(tags), min_size=not depth, max_size=2)) if tags else []
    return "".join(f"<{tag}{draw(attributes(tag))}>{draw(trees(tag, depth + 1))}</{tag}>" for tag in drawn)


def refuse_what_does_not_come_out(source: str) -> None:
    """Fail if the check lets something pass that the engine does not render whole."""
    if flaws(source):
        return
    try:
        html = to_html(f"<mjml><mj-body>{Tokens().replace(source)}{text('the end')}</mj-body></mjml>", file="f")
    except InvalidSource as err:
        pytest.fail(f"{source!r}: {err.problems}")
    assert "the end</div>" in html


@given(st.lists(TAGS | st.sampled_from(HOSTILE), max_size=14).map("".join) | hostile_texts.map(text))
@example(text("{% if a %}<b>{{ links.view }}</b>{% else %}"))
@example(text("<b>" * 40 + "</b>" * 40))
@example(text("<!--[if mso]><b><![endif]--></b>"))
def test_what_is_not_refused_the_engine_renders_whole(source: str) -> None:
    refuse_what_does_not_come_out(source if source.startswith("<mj-section>") else text(source))


@given(trees())
def test_what_is_nested_well_is_refused_or_rendered_whatever_its_attributes(source: str) -> None:
    refuse_what_does_not_come_out(source)

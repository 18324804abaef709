"""Every rule of the check: a broken template, and what is said about it, word for word."""

from __future__ import annotations

import pytest

from tests.core.mjml.writing import column, document, findings, said

# In `column` the piece begins on line 7, in the body of `document` on line 6, in its head on line 3.
BROKEN = {
    "an unknown tag": (
        column("<mj-txt>Hello</mj-txt>"),
        ["7:1: <mj-txt> is not a tag of MJML; did you mean 'mj-text'?"],
    ),
    "a tag in capitals": (
        document("<MJ-SECTION></MJ-SECTION>"),
        ["6:1: <MJ-SECTION> is not a tag of MJML; did you mean 'mj-section'?"],
    ),
    "an underscore in a tag": (
        column("<mj_text>Hello</mj_text>"),
        ["7:1: <mj_text> is not a tag of MJML; did you mean 'mj-text'?"],
    ),
    "an unknown tag like none": (
        document(head="<mj-quasiquotation />"),
        [
            (
                "3:1: <mj-quasiquotation> is not a tag of MJML; known here: mj-attributes, mj-breakpoint, mj-font, "
                "mj-html-attributes, mj-preview, mj-raw, mj-style, mj-title"
            )
        ],
    ),
    "an unknown attribute": (
        column('<mj-text\n  colour="#112233">Hello</mj-text>'),
        ["8:3: colour is not an attribute of <mj-text>; did you mean 'color'?"],
    ),
    "a text in the body": (
        document("<mj-text>Hello</mj-text>"),
        ["6:1: <mj-text> cannot stand in <mj-body>; put it into <mj-column> or <mj-hero>"],
    ),
    "a section in a section": (
        document("<mj-section><mj-section></mj-section></mj-section>"),
        ["6:13: <mj-section> cannot stand in <mj-section>; put it into <mj-body> or <mj-wrapper>"],
    ),
    "a tag inside one that holds nothing": (
        column("<mj-spacer><mj-text>Hello</mj-text></mj-spacer>"),
        ["7:12: <mj-text> cannot stand in <mj-spacer>; put it into <mj-column> or <mj-hero>"],
    ),
    "no root": (
        "<mj-body></mj-body>",
        ["1:1: <mj-body> cannot stand in the document outside <mjml>; put it into <mjml>"],
    ),
    "a document in a document": (
        document("<mjml></mjml>"),
        ["6:1: <mjml> cannot stand in <mj-body>; it stands once, around everything"],
    ),
    "two documents": (
        "<mjml></mjml>\n<mjml></mjml>",
        ["2:1: <mjml> stands here twice; keep one"],
    ),
    "two heads": (
        "<mjml><mj-head></mj-head>\n<mj-head></mj-head><mj-body></mj-body></mjml>",
        ["2:1: <mj-head> stands here twice; keep one"],
    ),
    "a length without unit": (
        column('<mj-text font-size="16">Hello</mj-text>'),
        ["7:10: font-size of <mj-text> cannot be '16'; write it like 20px"],
    ),
    "a length in a wrong unit": (
        column('<mj-column width="3em" />').replace("<mj-column>\n", "").replace("\n</mj-column>", ""),
        ["6:24: width of <mj-column> cannot be '3em'; write it like 20px or 20%"],
    ),
    "too many lengths": (
        document('<mj-section padding="1px 2px 3px 4px 5px"></mj-section>'),
        [
            (
                "6:13: padding of <mj-section> cannot be '1px 2px 3px 4px 5px'; "
                "write one to 4 lengths with spaces between, like 0px 20px"
            )
        ],
    ),
    "no length": (
        column('<mj-spacer height="" />'),
        ["7:12: height of <mj-spacer> cannot be ''; write it like 20px or 20%"],
    ),
    "a word that is no colour": (
        document('<mj-section background-color="reddish"></mj-section>'),
        ["6:13: background-color of <mj-section> cannot be 'reddish'; write six digits, like #1A4D8F"],
    ),
    "a word that is not among the few": (
        column('<mj-button align="middle">Go</mj-button>'),
        ["7:12: align of <mj-button> cannot be 'middle'; use left, center or right"],
    ),
    "no whole number": (
        column('<mj-table cellpadding="2px"></mj-table>'),
        ["7:11: cellpadding of <mj-table> cannot be '2px'; write digits only"],
    ),
    "neither true nor false": (
        column('<mj-image src="a.png" alt="" fluid-on-mobile="yes" />'),
        ["7:30: fluid-on-mobile of <mj-image> cannot be 'yes'; write true or false"],
    ),
    "a wrong length beside one of Jinja's": (
        document('<mj-section padding="{{ tokens.gap }} 3"></mj-section>'),
        ["6:13: padding of <mj-section> cannot be '... 3'; write one to 4 lengths with spaces between, like 0px 20px"],
    ),
    "an attribute without quotes": (
        column("<mj-text color=red>Hello</mj-text>"),
        ['7:10: color of <mj-text> has no quotes; write color="red"'],
    ),
    "an address from Jinja without quotes": (
        column("<mj-text><a href={{ here }}>a</a></mj-text>"),
        ['7:13: href of <a> has no quotes; write href="..."'],
    ),
    "an attribute right behind another": (
        column('<mj-text color="red"font-size="16px">Hello</mj-text>'),
        ["7:21: font-size stands right behind a quote; put a space between"],
    ),
    "an attribute twice": (
        column('<mj-text color="red" color="blue">Hello</mj-text>'),
        ["7:22: color stands twice in <mj-text>; keep one"],
    ),
    "a quote that does not end": (
        column('<mj-text color="red>Hello</mj-text>\n<mj-spacer height="1px" />'),
        ["7:10: an attribute of <mj-text> does not end; look for a missing quote"],
    ),
    "a tag that does not end": (
        document('<mj-section padding="0px" <mj-column></mj-column></mj-section>'),
        ["6:1: <mj-section> does not end; look for a missing quote or >"],
    ),
    "a tag that is not closed": (
        document("<mj-section><mj-column></mj-section>"),
        ["6:13: <mj-column> is never closed; write </mj-column> where it ends"],
    ),
    "a closing tag too many": (
        document("<mj-section></mj-column></mj-section>"),
        ["6:13: </mj-column> closes nothing; delete it, or open the tag before it"],
    ),
    "a text that is not closed": (
        column("<mj-text>Hello\n<mj-button>Go</mj-button>"),
        ["8:1: <mj-button> stands inside <mj-text> of line 7; close <mj-text> before it"],
    ),
    "a button inside a text": (
        column("<mj-text>Hello <mj-button>Go</mj-button></mj-text>"),
        ["7:16: <mj-button> stands inside <mj-text> of line 7; close <mj-text> before it"],
    ),
    "words in a column": (
        column("Hello from all of us here"),
        ["7:1: 'Hello from all of' cannot stand in <mj-column>; put it into <mj-text>"],
    ),
    "words in the head": (document(head="Hello"), ["3:1: 'Hello' cannot stand in <mj-head>; delete it"]),
    "HTML in a column": (
        column("<p>Hello</p>"),
        ["7:1: <p> cannot stand in <mj-column>; put it into <mj-text> or <mj-raw>"],
    ),
    "HTML around a section": (
        document("<div><mj-section></mj-section></div>"),
        ["6:1: <div> cannot stand in <mj-body>; put it into <mj-text> or <mj-raw>"],
    ),
    "HTML that is not closed": (
        column("<mj-text><p>Hello</mj-text>"),
        ["7:10: <p> is never closed; write </p> where it ends"],
    ),
    "an unbalanced mj-raw": (
        document("<mj-raw><div></mj-raw>\n<mj-raw></div></mj-raw>"),
        [
            "6:9: <div> is never closed; write </div> where it ends",
            "7:9: </div> closes nothing; delete it, or open the tag before it",
        ],
    ),
    "a table that only Outlook opens": (
        document("<mj-raw><!--[if mso]><table><![endif]--></mj-raw>"),
        ["6:22: <table> is never closed; write </table> where it ends"],
    ),
    "a closing tag of what holds nothing": (
        column("<mj-text>a<br></br></mj-text>"),
        ["7:15: </br> closes nothing; write <br />"],
    ),
    "HTML in capitals that holds nothing": (
        column("<mj-text>a<BR></mj-text>"),
        ["7:11: <BR> in capitals wants to be closed; write <br />"],
    ),
    "HTML without quotes": (
        column("<mj-text><a href=https://example.org>a</a></mj-text>"),
        ['7:13: href of <a> has no quotes; write href="https://example.org"'],
    ),
    "a lone <": (column("<mj-text>1 < 2</mj-text>"), ["7:12: < begins no tag; write &lt;"]),
    "a < in mj-style": (
        document(head="<mj-style>\n/* < */ a { color: red }\n</mj-style>"),
        ["4:4: < begins no tag; delete it"],
    ),
    "a comment in mj-style": (
        document(head="<mj-style><!-- a --></mj-style>"),
        ["3:11: a comment in <mj-style> stops mjml-python; write /* ... */"],
    ),
    "a comment in mj-attributes": (
        document(head="<mj-attributes>\n  <!-- a -->\n</mj-attributes>"),
        ["4:3: a comment in <mj-attributes> stops mjml-python; write {# ... #}"],
    ),
    "a comment for Outlook outside mj-raw": (
        document("<!--[if mso]><![endif]-->"),
        ["6:1: a comment for Outlook stands in <mj-body>; put it into <mj-raw>"],
    ),
    "the end of a comment for Outlook outside mj-raw": (
        document("<![endif]-->"),
        ["6:1: a comment for Outlook stands in <mj-body>; put it into <mj-raw>"],
    ),
    "a comment in a wrapper": (
        document("<mj-wrapper>\n  <!-- a -->\n</mj-wrapper>"),
        ["7:3: a comment in <mj-wrapper> tears apart what is around it; put it elsewhere"],
    ),
    "mj-raw in a wrapper": (
        document("<mj-wrapper><mj-raw>a</mj-raw></mj-wrapper>"),
        ["6:13: <mj-raw> in <mj-wrapper> is shown by Outlook alone; put it into a section"],
    ),
    "a comment that does not end, with what follows": (
        document("<!-- a\n<mj-section></mj-txt>"),
        ["6:1: a comment is never closed; write --> where it ends"],
    ),
    "two hyphens in a comment": (
        document("<!-- a -- b -->\n<!-- c --->"),
        [
            "6:1: a comment with -- inside stops mjml-python; take that out of it",
            "7:1: a comment with -- inside stops mjml-python; take that out of it",
        ],
    ),
    "]]> in words": (column("<mj-text>a ]]> b</mj-text>"), ["7:14: ]]> stops mjml-python; write ]]&gt;"]),
    "an odd name": (
        column("<mj-text><b$>a</b$></mj-text>"),
        ["7:10: <b$> is no tag; write &lt; if it is meant to be read"],
    ),
    "a name that is not written out": (
        document("<mj-></mj->"),
        ["6:1: <mj-> is not a tag of MJML; known here: mj-hero, mj-raw, mj-section, mj-wrapper"],
    ),
    "a tag in mj-preview": (
        document(head="<mj-preview>An <b>early</b> word</mj-preview>"),
        ["3:16: <b> stands in <mj-preview>, which holds words alone; delete it"],
    ),
    "CDATA": (column("<mj-text><![CDATA[a]]></mj-text>"), ["7:10: <![CDATA[ stops mjml-python; delete it"]),
    "an XML declaration": (
        '<?xml version="1.0"?>\n' + document(),
        ["1:1: <?xml stops mjml-python; delete it"],
    ),
    "mj-include": (
        document('<mj-include path="a.mjml" />'),
        ['6:1: <mj-include> loses the width of what it includes; write {% include "blocks/_piece.mjml.j2" %}'],
    ),
    "mj-html-attributes": (
        document(
            head='<mj-html-attributes><mj-selector path="a"><mj-html-attribute name="b">c</mj-html-attribute>'
            "</mj-selector></mj-html-attributes>"
        ),
        ["3:1: <mj-html-attributes> stops mjml-python; write the attributes where the HTML is"],
    ),
    "a carousel": (
        column('<mj-carousel><mj-carousel-image src="a.png" alt="" /></mj-carousel>'),
        ["7:1: <mj-carousel> comes out without its arrows; show one picture with <mj-image>"],
    ),
    "a padding in %": (
        document('<mj-section padding="0px 5%"></mj-section>'),
        ["6:13: padding in % does not narrow what is inside; write it in px"],
    ),
    "a padding of 0 on one side": (
        document('<mj-section padding-left="0"></mj-section>'),
        ["6:13: padding-left '0' is not understood; write 0px"],
    ),
    "several classes": (
        column('<mj-text mj-class="quiet small">Hello</mj-text>'),
        ["7:10: mj-class names 2 classes, of which the first wins; name one"],
    ),
    "defaults for mj-body": (
        document(head='<mj-attributes><mj-body width="700px" /></mj-attributes>'),
        ["3:16: <mj-body> has no effect here; write its attributes into <mj-body> itself"],
    ),
    "a class without a name": (
        document(head='<mj-attributes><mj-class color="red" /></mj-attributes>'),
        ['3:16: <mj-class> has no name; give it one, like name="quiet"'],
    ),
    "defaults inside a class": (
        document(head='<mj-attributes><mj-class name="a"><mj-text color="red" /></mj-class></mj-attributes>'),
        ["3:35: <mj-text> cannot stand in <mj-class>; write the attributes into <mj-class> itself"],
    ),
    "a gap": (
        document('<mj-wrapper gap="20px"></mj-wrapper>'),
        ["6:13: gap of <mj-wrapper> has no effect; give the sections a padding"],
    ),
    "a hero of fluid height": (
        document('<mj-hero mode="fluid-height"></mj-hero>'),
        ["6:10: mode 'fluid-height' comes out without any height; write mode=\"fixed-height\" and a height"],
    ),
    "styles to be inlined": (
        document(head='<mj-style inline="inline">a { color: red }</mj-style>'),
        ["3:11: inline of <mj-style> does not inline anything; write these styles into inline.css.j2"],
    ),
    "mj-raw before the document": (
        '<mjml>\n<mj-raw position="file-start">a</mj-raw><mj-body></mj-body></mjml>',
        [
            "2:1: <mj-raw> in <mjml> stops mjml-python; put it elsewhere",
            "2:9: position of <mj-raw> has no effect; delete it",
        ],
    ),
    "a hundred tags inside one another, with what follows": (
        column(f"<mj-text>{'<b>' * 100}{'</b>' * 100}</mj-text><mj-txt />"),
        ["7:145: <b> stands inside 50 others; nest less: depth stops mjml-python"],
    ),
}

POOR = {
    "a picture in HTML without alt": (
        column('<mj-text><img src="a.png" /></mj-text>'),
        [
            (
                "7:10: <img> has no alt, which is read out or shown in place of the picture; "
                'say what it shows, or write alt="" if it only decorates'
            )
        ],
    ),
    "a picture without alt": (
        column('<mj-image src="a.png" />'),
        [
            (
                "7:1: <mj-image> has no alt, which is read out or shown in place of the picture; "
                'say what it shows, or write alt="" if it only decorates'
            )
        ],
    ),
    "an icon of mailjet's": (
        column('<mj-social><mj-social-element name="facebook" alt="Facebook" /></mj-social>'),
        [
            (
                "7:12: <mj-social-element> without src fetches its icon from mailjet.com; "
                "give the address of an icon of your own"
            )
        ],
    ),
    "a colour of three digits": (
        document('<mj-section background-color="#1aF"></mj-section>'),
        ["6:13: background-color '#1aF' is not understood by old mail programs; write #11aaFF"],
    ),
    "an accordion": (
        column("<mj-accordion></mj-accordion>"),
        ["7:1: <mj-accordion> stays unfolded and too tall in many mail programs; write it out with <mj-text>"],
    ),
}


@pytest.mark.parametrize(("source", "wanted"), BROKEN.values(), ids=BROKEN)
def test_an_error_is_said_with_its_place_and_what_to_write_instead(source: str, wanted: list[str]) -> None:
    assert said(source) == wanted
    assert findings(source).warnings == ()


@pytest.mark.parametrize(("source", "wanted"), POOR.values(), ids=POOR)
def test_what_comes_out_less_than_good_is_a_warning(source: str, wanted: list[str]) -> None:
    assert [str(each).removeprefix("layouts/own/layout.mjml.j2:") for each in findings(source).warnings] == wanted
    assert findings(source).errors == ()


GOOD = {
    "an empty document": document(),
    "comments where mjml-python takes them": document(
        "<!-- a --><mj-section><!-- <p> --></mj-section>", head="<!-- b -->"
    ),
    "balanced markup for Outlook": document(
        "<mj-raw><!--[if mso]><table><tr><td><![endif]-->a<!--[if mso]></td></tr></table><![endif]--></mj-raw>"
    ),
    "markup for all but Outlook": document("<mj-raw><!--[if !mso]><!--><p>a</p><!--<![endif]--></mj-raw>"),
    "HTML that holds nothing": column('<mj-text>a<br>b<br />c<hr><img src="a.png" alt=""></mj-text>'),
    "an attribute without a value": column("<mj-text><input disabled />a</mj-text>"),
    "> and & in words": column("<mj-text>1 > 2 & 3 &nbsp;</mj-text>"),
    "a child selector": document(head="<mj-style>a > b { color: red }</mj-style>"),
    "an attribute that holds a tag": column('<mj-text><a title="<b>">a</a></mj-text>'),
    "attributes with spaces around =": column('<mj-text color = "red">a</mj-text>'),
    "a padding over two lines": document('<mj-section padding="0\n  10px"></mj-section>'),
    "no padding": document('<mj-section padding="0"></mj-section>'),
    "a plain line height": column('<mj-text line-height="1.5">a</mj-text>'),
    "a negative letter spacing": column('<mj-text letter-spacing="-.5px">a</mj-text>'),
    "a colour by name, by digits and by rgb": column(
        '<mj-text color="Red">a</mj-text><mj-text color="#AABBCC">a</mj-text>'
        '<mj-text color="rgba(0, 0, 0, 0.5)">a</mj-text>'
    ),
}


@pytest.mark.parametrize("source", GOOD.values(), ids=GOOD)
def test_what_comes_out_as_written_is_not_mentioned(source: str) -> None:
    assert said(source) == []
    assert findings(source).warnings == ()

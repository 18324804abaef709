"""No value of a subscriber may change anything but the text it stands in."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.merge import Context, Field
from newsletter.core.slots import Template, UnsafeSlotError, escaped, html_template, text_template
from tests.core.examples import HOSTILE

CITY = Field("subscriber", "city")
VIEW = Field("links", "view")
FIELDS = {"TOKENz": CITY, "LINKz": VIEW}
VALUES = st.text(max_size=30) | st.sampled_from(
    [
        *(
            *HOSTILE,
            "javascript:alert(1)",
            "@evil.com",
            "//evil.com/",
            "\\evil.com",
            ".evil.com",
            "evil.com#",
            "?x=1&y=2",
        ),
        *(
            "' onload='x",
            '" onload="x',
            "--><script>",
            "\t\n javascript:",
            "&quot; onload=&quot;",
            "../..",
            "%0d%0aBcc:x",
        ),
    ]
)


class Seen(HTMLParser):
    """What a browser would see: every tag with its attributes, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/" + tag, []))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_decl(self, decl: str) -> None:
        self.tags.append(("!" + decl, []))

    def unknown_decl(self, data: str) -> None:
        self.tags.append(("![" + data, []))

    def handle_pi(self, data: str) -> None:
        self.tags.append(("?" + data, []))


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    return parser


def template(html: str) -> Template:
    return html_template(html, "|".join(FIELDS), FIELDS)


def filled(found: Template, value: str) -> str:
    return found.fill(lambda _: value)


@given(VALUES)
@example("</p>")
def test_a_value_in_text_adds_no_markup(value: str) -> None:
    page = seen(filled(template("<p>a <b>TOKENz</b></p>"), value))
    assert [tag for tag, _ in page.tags] == ["p", "b", "/b", "/p"]
    assert page.text == f"a {value}"


@pytest.mark.parametrize("quote", ['"', "'"])
@given(value=VALUES)
def test_a_value_cannot_leave_its_attribute(quote: str, value: str) -> None:
    page = seen(filled(template(f"<img alt={quote}x TOKENz y{quote} title='z'><p>end</p>"), value))
    assert page.tags == [("img", [("alt", f"x {value} y"), ("title", "z")]), ("p", []), ("/p", [])]
    assert page.text == "end"


@pytest.mark.parametrize(
    "prefix", ["https://e.com/?n=", "https://e.com/", "http://e.com:8080/a/b#", "mailto:a@e.com?subject="]
)
@given(value=VALUES)
def test_a_value_in_an_address_changes_neither_its_host_nor_its_shape(prefix: str, value: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in value):
        return
    page = seen(filled(template(f'<a href="{prefix}TOKENz&amp;k=v">x</a>'), value))
    [(_, [(_, address)]), _] = page.tags
    assert address is not None
    parts, expected = urlsplit(address), urlsplit(prefix)
    assert (parts.scheme, parts.netloc) == (expected.scheme, expected.netloc)
    assert address.startswith(prefix)
    assert address.endswith("&k=v")
    assert unquote(address[len(prefix) : -len("&k=v")]) == value
    if "?" in prefix:
        assert list(parse_qs(parts.query, keep_blank_values=True, max_num_fields=2))[-1] == "k"


@given(VALUES)
def test_a_value_in_an_outlook_conditional_cannot_end_it(value: str) -> None:
    page = seen(filled(template("<!--[if mso]><td title='TOKENz'>TOKENz</td><![endif]--><p>x</p>"), value))
    assert [tag for tag, _ in page.tags] == ["p", "/p"]
    assert len(page.comments) == 1


@given(VALUES)
def test_a_value_in_the_title_stays_there(value: str) -> None:
    page = seen(filled(template("<title>TOKENz</title><p>x</p>"), value))
    assert [tag for tag, _ in page.tags] == ["title", "/title", "p", "/p"]


@pytest.mark.parametrize(
    ("html", "where"),
    [
        ('<a href="TOKENz">x</a>', "where the address of a link begins"),
        ('<a href="https://TOKENz/">x</a>', "where the address of a link begins"),
        ('<a href="https://e.comTOKENz/">x</a>', "where the address of a link begins"),
        ('<a href="https://a@TOKENz/">x</a>', "where the address of a link begins"),
        ('<a href="https:TOKENz">x</a>', "where the address of a link begins"),
        ('<a href="https:/\\TOKENz/">x</a>', "where the address of a link begins"),
        ('<a href="/a/TOKENz">x</a>', "where the address of a link begins"),
        ('<a href="#TOKENz">x</a>', "where the address of a link begins"),
        ("<a href=\"javascript:f('TOKENz')\">x</a>", "where the address of a link begins"),
        ('<a href="data:text/html,TOKENz">x</a>', "where the address of a link begins"),
        ('<a href="mailto:TOKENz">x</a>', "where the address of a link begins"),
        ('<a href="tel:TOKENz">x</a>', "where the address of a link begins"),
        ('<a href="https://LINKz">x</a>', "where the address of a link begins"),
        ('<a HREF="TOKENz">x</a>', "where the address of a link begins"),
        ('<img srcset="TOKENz 2x">', "where the address of a link begins"),
        ('<use xlink:href="TOKENz"/>', "where the address of a link begins"),
        ('<td background="TOKENz">', "where the address of a link begins"),
        ('<!--[if mso]><v:fill src="TOKENz"/><![endif]-->', "where the address of a link begins"),
        ('<p style="color:TOKENz">', "inside CSS"),
        ("<style>p{color:TOKENz}</style>", "inside CSS"),
        ("<STYLE media=x>p{color:TOKENz}</STYLE>", "inside CSS"),
        ("<script>TOKENz</script>", "inside CSS"),
        ('<p onclick="TOKENz">', "inside a script"),
        ('<p ONCLICK="TOKENz">', "inside a script"),
        ("<p TOKENz>", "inside a tag"),
        ("<p TOKENz='x'>", "inside a tag"),
        ("<TOKENz>", "inside a tag"),
        ("<pTOKENz>", "inside a tag"),
        ("<p title=TOKENz>", "inside a tag"),
        ("</TOKENz>", "inside a tag"),
    ],
)
def test_where_no_escaping_is_safe_a_field_is_refused(html: str, where: str) -> None:
    with pytest.raises(UnsafeSlotError, match=where):
        template(html)


def test_one_of_our_links_may_be_a_whole_address_and_is_encoded_inside_another() -> None:
    assert [slot.context for slot in template('<a href="LINKz">LINKz</a>').slots] == [Context.ATTRIBUTE, Context.HTML]
    assert [slot.context for slot in template('<a href="https://e.com/?u=LINKz">').slots] == [Context.URL]


@given(VALUES)
def test_in_plain_text_a_value_stands_as_it_is_and_in_an_address_encoded(value: str) -> None:
    if any("\ud800" <= char <= "\udfff" for char in value):
        return
    found = text_template("Dear TOKENz,\nhttps://e.com/?n=TOKENz&x=LINKz now TOKENz", "|".join(FIELDS), FIELDS)
    contexts = [slot.context for slot in found.slots]
    assert contexts == [Context.TEXT, Context.URL, Context.URL, Context.TEXT]
    quoted = escaped(value, Context.URL)
    assert filled(found, value) == f"Dear {value},\nhttps://e.com/?n={quoted}&x={quoted} now {value}"


@pytest.mark.parametrize("text", ["https://TOKENz", "see https://e.comTOKENz", "HTTP://TOKENz/"])
def test_in_plain_text_a_field_cannot_be_the_host_of_an_address(text: str) -> None:
    with pytest.raises(UnsafeSlotError, match="where the address of a link begins"):
        text_template(text, "|".join(FIELDS), FIELDS)


def test_a_quote_or_angle_bracket_in_text_does_not_hide_a_tag() -> None:
    assert [slot.context for slot in template("<p>it's 3 > 2 \" TOKENz <b title='>'>TOKENz</b>").slots] == [
        Context.HTML,
        Context.HTML,
    ]
    assert [slot.context for slot in template("<b title='> TOKENz'>").slots] == [Context.ATTRIBUTE]

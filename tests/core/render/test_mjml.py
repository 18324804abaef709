"""Each trap of mjml-python 1.4.2 is shown first as the library falls into it, then as we pass it by."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from mjml import mjml2html

from newsletter.core.render.mjml import protect, to_html
from newsletter.errors import InvalidSource
from tests.core.examples import HOSTILE, hostile_texts

FILE = "layouts/x/layout.mjml.j2"


def page(body: str, head: str = "") -> str:
    return f"<mjml>\n<mj-head>\n{head}\n</mj-head>\n<mj-body>{body}</mj-body>\n</mjml>"


def column(inside: str, attributes: str = "") -> str:
    return page(f"<mj-section padding='0px'><mj-column {attributes}>{inside}</mj-column></mj-section>")


def raw(source: str) -> str:
    """Render without any work-around; an error counts as its message."""
    try:
        return str(mjml2html(source, fonts={}))
    except ValueError as err:
        return f"error: {err}"


def ours(source: str) -> str:
    return to_html(source, file=FILE)


def attributes(html: str, tag: str, name: str) -> list[str | None]:
    found: list[str | None] = []

    class Parser(HTMLParser):
        def handle_starttag(self, seen: str, attrs: list[tuple[str, str | None]]) -> None:
            found.extend(value for key, value in attrs if (seen, key) == (tag, name))

    Parser().feed(html)
    return found


def escaped(value: str) -> str:
    """Escape as Jinja2 does."""
    return value.translate({38: "&amp;", 60: "&lt;", 62: "&gt;", 34: "&#34;", 39: "&#39;"})


@pytest.mark.parametrize(
    "value",
    [
        "a\u00a0b",
        "I ❤\ufe0f it",
        "👩\u200d🚀",
        "\u200b",
        "a\u00adb",
        "e\u0301",
        "\u3000",
        "a\u2028b",
        "C:\\new",
        "\u202e",
    ],
)
def test_an_attribute_keeps_every_character(value: str) -> None:
    source = column(f'<mj-image src="a" alt="{value}" />')
    assert attributes(raw(source), "img", "alt") != [value]
    assert attributes(ours(source), "img", "alt") == [value]


@pytest.mark.parametrize(("written", "meant"), [('"a\nb\tc"', "a b c"), ("'say \"hi\"'", 'say "hi"')])
def test_an_attribute_keeps_its_line_ends_as_spaces_and_its_quotes(written: str, meant: str) -> None:
    source = column(f"<mj-image src='a' alt={written} />")
    assert attributes(raw(source), "img", "alt") != [meant]
    assert attributes(ours(source), "img", "alt") == [meant]


def test_a_style_on_several_lines_inside_text_survives() -> None:
    source = column('<mj-text><p style="\n  color:red">x</p></mj-text>')
    assert "\\n" in raw(source)
    assert "\\n" not in ours(source)


def test_the_title_keeps_every_character_in_its_label() -> None:
    source = page("", "<mj-title>A\u00a0B ❤\ufe0f \\ C</mj-title>")
    assert attributes(raw(source), "div", "aria-label") != ["A\u00a0B ❤\ufe0f \\ C"]
    assert attributes(ours(source), "div", "aria-label") == ["A\u00a0B ❤\ufe0f \\ C"]


@given(hostile_texts)
def test_no_text_harms_an_attribute_or_the_title(text: str) -> None:
    body = f'<mj-section><mj-column><mj-image src="a" alt="{escaped(text)}" /></mj-column></mj-section>'
    html = ours(page(body, f"<mj-title>{escaped(text)}</mj-title>"))
    clean = "".join(char for char in text if char in "\t\n\r" or not (ord(char) < 32 or 0x7F <= ord(char) < 0xA0))
    clean = clean.replace("\ufffe", "").replace("\uffff", "").replace("\r", " ")
    assert [str(alt).split() for alt in attributes(html, "img", "alt")] == [clean.split()]
    assert [str(label).split() for label in attributes(html, "div", "aria-label")] == [clean.split()]
    assert "\\u{" not in html.replace("\\n\\u{a0}", "")


@pytest.mark.parametrize("padding", ["0 10px", "0px  10px", " 0px 10px ", "0px\n10px"])
def test_padding_is_understood_however_it_is_written(padding: str) -> None:
    source = column('<mj-image padding="0px" src="a" />', f'padding="{padding}"')
    assert attributes(raw(source), "img", "width") != ["580"]
    assert attributes(ours(source), "img", "width") == ["580"]


@pytest.mark.parametrize("gap", [" ", "\t", "\r\n", "  \n"])
def test_any_white_space_may_stand_between_tags_of_the_head(gap: str) -> None:
    source = f"<mjml><mj-head>{gap}<mj-title>T</mj-title>{gap}</mj-head>{gap}<mj-body></mj-body></mjml>"
    assert raw(source).startswith("error")
    assert "<title>T</title>" in ours(source)


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_stop_the_parser_are_left_out(character: str) -> None:
    source = column(f"<mj-text>a{character}b</mj-text>")
    assert raw(source).startswith("error")
    assert ">ab<" in ours(source)


@pytest.mark.parametrize("character", ["\x80", "\x92", "\x9f", "\x7f"])
def test_control_characters_that_make_gmail_clip_are_left_out(character: str) -> None:
    source = column(f"<mj-text>a{character}b</mj-text>")
    assert character in raw(source)
    assert ">ab<" in ours(source)


def test_a_byte_order_mark_and_space_around_the_document_are_left_out() -> None:
    assert "<body" in ours(f"\ufeff\n  {column('')}  \n")


def test_no_font_is_fetched_from_anywhere() -> None:
    source = column("<mj-text>x</mj-text>")
    assert "fonts.googleapis.com" in mjml2html(source)
    assert "fonts.googleapis.com" not in ours(source)


@pytest.mark.parametrize(
    ("source", "leaked"),
    [
        (column("<mj-foo>x</mj-foo>"), "mj-foo"),
        (page("<MJ-SECTION></MJ-SECTION>"), "MJ-SECTION"),
        (column("<mj-text><mj-button>x</mj-button></mj-text>"), "mj-button"),
        (page("<mj-raw><div></mj-raw><mj-section></mj-section><mj-raw></div></mj-raw>"), "mj-section"),
    ],
)
def test_what_the_library_silently_leaks_is_refused(source: str, leaked: str) -> None:
    assert not raw(source).startswith("error")
    with pytest.raises(InvalidSource) as caught:
        ours(source)
    assert any(f"<{leaked}" in problem.message for problem in caught.value.problems)


def test_text_about_mjml_tags_is_no_leak() -> None:
    assert "&lt;mj-section&gt;" in ours(column("<mj-text>&lt;mj-section&gt;</mj-text>"))
    assert attributes(ours(column('<mj-image src="a" alt="&lt;mj-text&gt;" />')), "img", "alt") == ["<mj-text>"]


def test_an_error_of_the_parser_is_reported_with_its_line() -> None:
    source = page("", "<mj-preview>ä❤\nö\n a <b>x</b></mj-preview>")
    with pytest.raises(InvalidSource) as caught:
        ours(source)
    [problem] = caught.value.problems
    assert problem.file == f"{FILE} (filled)"
    assert (problem.mark.line, problem.mark.column) == (5, 4)
    assert problem.message == "MJML cannot be parsed near 'a <b>x</b></mj-preview>'"


@pytest.mark.parametrize("text", ["a < b", "<p>a", "<BR>", "<a href=x>b</a>"])
def test_an_error_without_a_position_is_reported_too(text: str) -> None:
    with pytest.raises(InvalidSource) as caught:
        ours(column(f"<mj-text>{text}</mj-text>"))
    assert caught.value.problems[0].message.startswith("MJML cannot be parsed")


@pytest.mark.parametrize("source", ["", "x", "<mjml>", "<mjml></mjml>x", "<p>", "\0"])
def test_what_is_no_mjml_is_a_problem_and_never_a_crash(source: str) -> None:
    with pytest.raises(InvalidSource):
        ours(source)


def test_no_file_is_included() -> None:
    with pytest.raises(InvalidSource):
        ours(page('<mj-include path="/etc/hostname" />'))


def test_comments_styles_and_conditionals_are_left_as_they_are() -> None:
    verbatim = '<mj-raw><!--[if mso]><td title="a\u00a0b"><![endif]--></mj-raw>'
    assert verbatim in protect(page(verbatim))
    style = "<mj-style>.x::before { content: '\\201C'; } a[title=\"é\"] { color: red; }</mj-style>"
    assert style in protect(page("", style))


def test_protecting_twice_is_protecting_once() -> None:
    for text in HOSTILE:
        source = column(f'<mj-image src="a" alt="{escaped(text)}" />')
        assert protect(protect(source)) == protect(source)


_TEXT = "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section></mj-body></mjml>"


def test_a_lone_end_of_a_tag_behind_an_accent_is_text_and_no_panic() -> None:
    html = to_html(_TEXT.format("caf\u00e9/> \u2019/>"), file="layout.mjml.j2")
    assert "caf\u00e9/&gt; \u2019/&gt;" in html


def test_a_panic_of_the_engine_is_a_problem_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        """What a panic of Rust code arrives as; its real class cannot be imported."""

    def panic(*_: object, **__: object) -> str:
        raise PanicException

    monkeypatch.setattr("mjml.mjml2html", panic)
    with pytest.raises(InvalidSource, match="1 problem"):
        to_html(_TEXT.format("x"), file="layout.mjml.j2")

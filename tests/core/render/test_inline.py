"""Each default of premailer 3.10.0 that harms MJML's output is shown first, then what our call makes of it."""

from __future__ import annotations

import html
import re
import warnings

import pytest
from premailer import Premailer

from newsletter.core.render.inline import conditionals_joined, inlined

CSS = "p { margin: 0 0 16px; color: #001122; } .wide { width: 100%; }"


def page(head: str = "", body: str = "<p>x</p>") -> str:
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>"


def raw(source: str) -> str:
    """Inline with premailer's defaults, but for the network, which the tests have closed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(Premailer(source, css_text=CSS, allow_network=False).transform())


def ours(source: str) -> str:
    return inlined(source, CSS)


def test_the_layouts_css_becomes_attributes() -> None:
    assert re.search(r'<p style="margin: ?0 0 16px; ?color: ?#001122">', ours(page()))


def test_the_doctype_stays() -> None:
    assert "doctype" not in raw(page()).lower()
    assert ours(page()).startswith("<!DOCTYPE html>")


MEDIA = "<style type='text/css'>@media (prefers-color-scheme: dark) { p { color: #ffffff !important; } }</style>"


def test_important_stays_in_media_queries() -> None:
    assert "!important" not in raw(page(MEDIA))
    assert "!important" in ours(page(MEDIA))


@pytest.mark.parametrize(
    "rule",
    [
        "[data-ogsc] p { color: #ffffff; }",
        "@font-face { font-family: X; src: url(https://e.com/x.woff); }",
        "u + .body p { color: #ffffff; }",
        "@supports (display: grid) { p { color: #ffffff; } }",
    ],
)
def test_rules_that_cannot_be_inlined_stay(rule: str) -> None:
    head = f"<style>{rule}</style>"
    assert rule not in raw(page(head))
    assert head.removeprefix("<style>") in ours(page(head))


def test_the_styles_of_mjml_itself_are_not_written_onto_every_element() -> None:
    head = "<style type='text/css'>td { border-collapse: collapse; }</style>"
    body = "<table><tr><td>x</td></tr></table>"
    assert re.search(r"<td[^>]*border-collapse", raw(page(head, body)))
    assert "<td>x</td>" in ours(page(head, body))


def test_the_width_that_outlook_reads_stays_a_number() -> None:
    body = '<img class="wide" width="552" src="a" style="width:100%">'
    assert 'width="552"' not in raw(page("", body))
    assert 'width="552"' in ours(page("", body))


@pytest.mark.parametrize("attribute", ["align", "valign", "bgcolor", "height"])
def test_no_attributes_are_added(attribute: str) -> None:
    css = {"align": "text-align: center", "valign": "vertical-align: top", "bgcolor": "background-color: #112233"}
    found = inlined(page("", "<table><tr><td>x</td></tr></table>"), f"td {{ {css.get(attribute, 'height: 3px')}; }}")
    assert not re.search(rf"\s{attribute}=", found)


def test_nothing_is_fetched() -> None:
    # The fixture of conftest.py fails the test when anything looks up a name or connects.
    head = (
        '<link rel="stylesheet" href="https://fonts.example.com/x.css"><style>@import url(https://e.com/y.css);</style>'
    )
    assert "https://e.com/y.css" in ours(page(head))


def test_what_cssutils_does_not_know_stays() -> None:
    head = (
        "<style>p { color: rgb(0 0 0 / 50%); background: #11223344; background: linear-gradient(red, blue); }</style>"
    )
    assert head.removeprefix("<style>") in ours(page(head))


def test_conditional_comments_and_namespaces_stay_byte_for_byte() -> None:
    mso = '<!--[if mso | IE]><table bgcolor="#fff"><tr><td style="a:b"><![endif]-->'
    source = (
        f'<!doctype html><html xmlns:v="urn:schemas-microsoft-com:vml"><head></head><body>{mso}<p>x</p></body></html>'
    )
    assert mso in ours(source)
    assert 'xmlns:v="urn:schemas-microsoft-com:vml"' in ours(source)


def test_a_style_inside_a_conditional_comment_is_left_alone() -> None:
    mso = "<!--[if mso]><style>p { color: red; }</style><![endif]-->"
    assert mso in ours(page(mso))


def test_no_marks_of_the_inliner_are_left() -> None:
    assert "data-premailer" not in ours(page(MEDIA + "<style>p { color: red; }</style>"))


def test_tokens_of_letters_and_digits_pass_in_addresses_where_braces_would_not() -> None:
    body = '<a href="https://e.com/?a={{ b }}">x</a><a href="mergefield000z">y</a>'
    assert "{{ b }}" not in ours(page("", body))
    assert 'href="mergefield000z"' in ours(page("", body))


@pytest.mark.parametrize("value", ["<!-- \"'><script>x</script> -->", "<!-- &amp;quot; -->", "lessthan <!lessthanx"])
def test_what_looks_like_a_comment_in_an_attribute_stays_escaped(value: str) -> None:
    body = f'<img alt="{html.escape(value)}" title="&#60;!-- &quot;x&quot; --><p>x</p>">'
    assert "<!--" in raw(page("", body)) or "<!lessthan" in raw(page("", body))
    found = ours(page("", body))
    assert "<!--" not in found
    assert html.escape(value, quote=False) in found.replace("&quot;", '"').replace("&#x27;", "'").replace("&#39;", "'")


def test_colours_keep_six_digits() -> None:
    assert "#001122" in ours(page())
    assert "#ffffff" in inlined(page(), "p { color: #ffffff; }")


def test_adjacent_conditionals_become_one_and_others_stay() -> None:
    source = "<!--[if mso | IE]>a<![endif]-->\n <!--[if mso | IE]>b<![endif]--><p></p><!--[if mso | IE]>c<![endif]-->"
    assert conditionals_joined(source) == "<!--[if mso | IE]>ab<![endif]--><p></p><!--[if mso | IE]>c<![endif]-->"
    other = "<!--[if mso | IE]>a<![endif]--><!--[if mso]>b<![endif]-->"
    assert conditionals_joined(other) == other

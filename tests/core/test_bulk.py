from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from newsletter.core.build import Build
from newsletter.core.bulk import BulkComposer, Entry, Sheet
from newsletter.core.delivery import DELIVERY_HEADER
from newsletter.core.merge import Field, Tokens
from newsletter.core.message import Recipient, UnmailableAddress
from newsletter.core.publication import AssetSettings, TransportName
from newsletter.core.slots import UnsafeSlotError
from newsletter.core.subscriber import Subscriber
from tests.core.bulk_calls import Seen, bulk, call, in_message, recipient, through_double
from tests.core.examples import HOSTILE, NOON, SLUG, built, composed, note, parsed, publication, raw_build
from tests.core.render.test_v2g import v2g
from tests.fidelity.node import talking_to
from tests.golden.cases import cases, edition_of

ANN = Subscriber(address="ann@example.org", first_name="Ann", last_name="Lee", fields={"city": "Bern"})
NOBODY = Subscriber(address="nobody@example.org")
TYPED = Subscriber(
    address="o'neil+a&b@example.org",
    first_name="<b>{{v1}}</b>",
    last_name="O'Neil \\ \"&amp;{{{subject}}}",
    fields={"city": "{{#if a}}Zürich & Genève{{/if}}", "organization": "{", "company": "{{b0}}"},
)
READERS = [ANN, NOBODY, TYPED, *(replace(ANN, tags=frozenset(tags)) for tags in (["us"], ["press"], ["us", "press"]))]
WITH_ADDRESS = {"transport": TransportName.SES, "assets": AssetSettings(url="https://pictures.example.com/{{a}}")}
PLACEHOLDER = re.compile(r"\{\{([A-Za-z][A-Za-z0-9]*)\}\}")

Render = Callable[[Sheet, Entry], Seen]
Piece = str | Field


@pytest.fixture(scope="module")
def through_handlebars() -> Iterator[Render]:
    """Render with the real Handlebars, of whose language SES has a part."""
    with talking_to("handlebars.mjs") as ask:

        def render(sheet: Sheet, entry: Entry) -> Seen:
            templates = {"subject": sheet.subject, "text": sheet.text, "html": sheet.html}
            shown = ask({"templates": templates, "values": {**sheet.defaults, **entry.values}})
            return replace(through_double(sheet, entry), **shown)

        yield render


@pytest.mark.parametrize("case", cases(), ids=lambda path: str(path.name))
def test_an_issue_reads_the_same_in_bulk_as_in_a_message(case: Path, through_handlebars: Render) -> None:
    made = edition_of(case)
    by = made.publication.model_copy(update=WITH_ADDRESS)
    for reader in READERS:
        expected = in_message(made.build, by, reader)
        sheet, entry = bulk(made.build, by, reader)
        assert "asset://" not in sheet.html
        assert through_double(sheet, entry) == expected
        assert through_handlebars(sheet, entry) == expected


def test_pictures_without_an_address_cannot_go_in_bulk() -> None:
    build = built({"kind": "figure", "src": "small.png", "alt": "A plan"}, layout=v2g())
    with pytest.raises(ValueError, match="no address"):
        BulkComposer(build, publication())


BRACES = (
    *(
        "{",
        "}",
        "{{",
        "}}",
        "{{{",
        "}}}",
        "\\",
        "\\\\",
        "\\{{",
        "\\\\{{",
        "{\\",
        "}\\",
        "{{#if x}}",
        "{{/if}}",
        "{{else}}",
    ),
    *("{{!-- c --}}", "{{> p}}", "{{~x~}}", "~", "{{&x}}", "{{v0}}", "{{b0}}", "{{subject}}", "&lbrace;", "&#123;{"),
    *("\r\n", "\r", "\n", "\0", "  ", "@media x{a{b:c}}", "<style>@media x{a{b:c}}</style>", "<!-- {{ -->"),
)
FIRST = Field("subscriber", "first_name")
FIELDS = (
    FIRST,
    *(Field("links", name) for name in ("unsubscribe", "preferences", "view")),
    Field("subscriber", "city", "{{no}}where & <elsewhere>"),
    Field("subscriber", "city", "a\r\nb\rc"),
)
SPOTS = ("<a title='", "'>", '<a href="https://e.com/?a=', '">')
literals = st.sampled_from(BRACES) | st.sampled_from(HOSTILE) | st.text(max_size=5)
pieces = st.lists(st.sampled_from(BRACES) | literals | st.sampled_from(FIELDS), max_size=12)
names = st.lists(literals, max_size=3).map("".join)
markup = st.lists(pieces | st.sampled_from(SPOTS).map(lambda spot: [spot]), max_size=4).map(
    lambda lists: [piece for each in lists for piece in each]
)


def reader(name: str, city: str = "") -> Subscriber:
    return replace(ANN, first_name=name, last_name=name, fields={"city": city})


people = st.builds(reader, names, names)


def build_of(subject: list[Piece], text: list[Piece], markup: list[Piece]) -> Build:
    """Return a build of literal text, whatever braces it has, and fields."""
    tokens = Tokens(taken=[piece for part in (subject, text, markup) for piece in part if isinstance(piece, str)])

    def joined(part: list[Piece]) -> str:
        return "".join(_encodable(piece) if isinstance(piece, str) else tokens.token(piece) for piece in part)

    return Build(SLUG, NOON.date(), joined(subject), "", joined(markup), joined(text), tokens)


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@given(pieces, pieces, markup, people)
@example([], ["{", FIRST, "}"], [], reader("{", "}"))
@example(["\\", FIRST, "}", FIRST], ["\\\\", FIRST, "\\{{", "}}"], ["{{{", FIRST, "}}}"], reader("\\", "{{"))
@example(["a {{ b"], ["{{#if x}}y{{/if}}", "\\{{x}}", "{{{z}}}", "&lbrace;"], ["}} {{"], ANN)
@example(["\x01", Field("subscriber", "city", "\x02 x ")], [], [], NOBODY)
def test_no_braces_anywhere_change_what_a_reader_sees(
    through_handlebars: Render,
    subject: list[Piece],
    text: list[Piece],
    html_pieces: list[Piece],
    person: Subscriber,
) -> None:
    build = build_of(["S", *subject], ["T", *text], ["H", *html_pieces])
    try:
        expected = in_message(build, publication(), person)
    except UnsafeSlotError:
        with pytest.raises(UnsafeSlotError):
            BulkComposer(build, publication())
        assume(False)  # noqa: FBT003 - the way hypothesis is told that this was no example
    sheet, entry = bulk(build, publication(), person)
    if len(expected.headers["to"]) > 320:
        assert entry.to == person.address
        expected = replace(expected, headers={**expected.headers, "to": entry.to})
    assert through_double(sheet, entry) == expected
    assert through_handlebars(sheet, entry) == expected


FIELD_TEXT = 'Dear {{ subscriber.first_name | default("you") }} of {{ subscriber.city }}: {{ links.view }}'
LINKED = note(f"{FIELD_TEXT} [more](https://e.com/?city={{{{ subscriber.city }}}})", title="{{ subscriber.city }}")
BUILD = built(LINKED, subject="For {{ subscriber.first_name }}")


@given(people)
@example(reader("<img src=x onerror=alert(1)>", "\"'&<>"))
@example(reader("{{v0}}", "</style><script>"))
def test_nothing_a_subscriber_typed_is_markup(person: Subscriber) -> None:
    sheet, entry = bulk(BUILD, publication(), person)
    assert sheet == bulk(BUILD, publication(), NOBODY)[0]
    shown = PLACEHOLDER.findall(sheet.html)
    assert shown
    for name in shown:
        value = {**sheet.defaults, **entry.values}[name]
        assert not set(value) & set("<>\"'")
        assert html.escape(html.unescape(value)) == value


STYLED = raw_build("{{ links.view }}", "<style>@media x{a{b:c}}</style>{ }")


@pytest.mark.parametrize("build", [BUILD, STYLED], ids=["a note", "styled"])
def test_names_are_simple_and_defaulted_and_no_other_braces_are_in_pairs(build: Build) -> None:
    sheet, entry = bulk(build, publication(), TYPED)
    used = {name for text in (sheet.subject, sheet.text, sheet.html) for name in PLACEHOLDER.findall(text)}
    assert used == set(sheet.defaults)
    assert set(entry.values) <= used
    for text in (sheet.subject, sheet.text, sheet.html):
        rest = PLACEHOLDER.sub("", text)
        assert "{{" not in rest
        assert "}}" not in rest


def test_what_differs_by_recipient_is_sent_once_however_often_it_is_shown() -> None:
    shown = "{{ subscriber.city }} {{ links.view }} {{ subscriber.city }} {{ links.view }}"
    _, entry = bulk(raw_build(shown, f'<a href="{{{{ links.view }}}}">{shown}</a>'), publication(), TYPED)
    assert sorted(entry.values.values()) == sorted(
        [TYPED.fields["city"], html.escape(TYPED.fields["city"]), "https://letter.example.com/view/test-copy"]
    )


def test_a_link_with_markup_in_it_is_escaped_in_html_and_not_in_text(through_handlebars: Render) -> None:
    by = publication(public_url="https://letter.example.com/a=1&b='2'")
    build = raw_build("{{ links.view }}", '<a href="{{ links.view }}">')
    sheet, entry = bulk(build, by, ANN)
    assert through_handlebars(sheet, entry) == in_message(build, by, ANN)
    assert through_handlebars(sheet, entry).text == "https://letter.example.com/a=1&b='2'/view/test-copy"


def test_the_headers_are_those_of_a_message_and_in_its_order() -> None:
    _, entry = bulk(BUILD, publication(), ANN)
    assert entry.headers == (
        ("List-Unsubscribe", "<https://letter.example.com/unsubscribe/test-copy>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        (DELIVERY_HEADER, "d-1"),
        ("List-Id", "The Letter <the-letter.letter.example.com>"),
    )
    in_order = [name for name in parsed(composed(BUILD)) if name in dict(entry.headers)]
    assert [name for name, _ in entry.headers] == in_order
    assert (entry.delivery_id, entry.to) == ("d-1", "Ann Lee <ann@example.org>")


@pytest.mark.parametrize("name", ["Änne Müller, " * 4, "The Letter", "漢字" * 20])
def test_names_in_headers_are_ascii_and_one_line_and_the_same_as_in_a_message(name: str) -> None:
    by = publication(name=name, sender={"name": name, "address": "letter@example.com"}, reply_to="reply@example.com")
    reader = replace(ANN, first_name=name, last_name="")
    sheet, entry = bulk(BUILD, by, reader)
    assert through_double(sheet, entry).headers == in_message(BUILD, by, reader).headers
    for value in (sheet.sender, entry.to, *(value for _, value in entry.headers)):
        assert value.isascii()
        assert value.isprintable()


def test_a_name_that_ses_would_refuse_for_its_length_is_left_out() -> None:
    by = publication(name="é" * 300, sender={"name": "é" * 300, "address": "letter@example.com"})
    sheet, entry = bulk(BUILD, by, replace(ANN, first_name="é" * 300))
    assert (sheet.sender, entry.to) == ("letter@example.com", "ann@example.org")
    assert dict(entry.headers)["List-Id"] == f"<{by.list_id}>"


@pytest.mark.parametrize("link", ["https://e.com/\r\nBcc: x", "https://e.com/é", "https://e.com/" + "a" * 990])
def test_a_header_that_ses_would_refuse_is_never_made(link: str) -> None:
    composer = BulkComposer(BUILD, publication())
    with pytest.raises(ValueError, match="List-Unsubscribe"):
        composer.entry(Recipient(ANN, "d-1", lambda _: link))


def test_an_address_that_cannot_be_mailed_is_refused() -> None:
    with pytest.raises(UnmailableAddress):
        bulk(BUILD, publication(), Subscriber(address="a b@example.org"))


def test_readers_of_one_variant_share_a_sheet_and_others_do_not() -> None:
    build = built(note("For all"), note("Dear {{ subscriber.last_name }} of the US", only={"tag": "us"}))
    composer = BulkComposer(build, publication())
    keys = [composer.key(replace(ANN, tags=frozenset(tags))) for tags in ([], ["eu"], ["us"], ["eu", "us"])]
    assert keys[0] == keys[1] != keys[2] == keys[3]
    assert ["of the US" in composer.sheet(key).text for key in keys] == [False, False, True, True]
    assert "Lee" in composer.entry(recipient(replace(ANN, tags=frozenset(["us"])), publication())).values.values()


def test_fifty_recipients_of_an_issue_are_far_below_a_megabyte() -> None:
    made = edition_of(next(case for case in cases() if case.name == "vol-2-issue-3"))
    sheet, entry = bulk(made.build, made.publication, TYPED)
    template = len((sheet.subject + sheet.text + sheet.html).encode())
    assert template < len((made.build.subject + made.build.text + made.build.html).encode()) * 1.01
    assert len(json.dumps(call(sheet, [entry] * 50))) < 250_000

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.core.delivery import DELIVERY_HEADER
from newsletter.core.links import inert_link
from newsletter.core.merge import Field
from newsletter.core.message import (
    Composer,
    Recipient,
    UnmailableAddress,
    mailbox,
    unstructured,
)
from newsletter.core.subscriber import Subscriber
from tests.core.examples import (
    HOSTILE,
    NOON,
    bodies,
    built,
    composed,
    encodable,
    hostile_texts,
    note,
    parsed,
    publication,
    raw_build,
)
from tests.core.render.test_v2g import v2g

ANN = Subscriber(address="ann@example.org", first_name="Ann", last_name="Lee", fields={"city": "Bern"})
INJECTIONS = st.sampled_from(
    [
        *("\r\nBcc: x@e.com", "\nBcc: x@e.com", "\rBcc: x@e.com", "\r\n\r\n<p>body", "\0", "\x0b", "\x85Bcc: x"),
        *(
            "\u2028Bcc: x",
            "=?utf-8?q?=0D=0ABcc:_x?=",
            ">, <x@e.com",
            "a\r\n b",
            '"\r\n',
            "a" * 998,
            "é" * 400,
            "\ud800",
        ),
        *(", x@e.com", "(c)", "a  b"),
    ]
)
HOSTILE_NAMES = INJECTIONS | st.text(max_size=30) | st.sampled_from(HOSTILE)


def only(message: EmailMessage, name: str) -> str:
    [value] = message.get_all(name, [])
    return str(value)


def clean(text: str) -> str:
    return re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).strip()


def check_wire(message: bytes) -> None:
    """Check what SMTP demands of the bytes (RFC 5321 4.5.3.1.6, RFC 5322 2.1.1, RFC 2045 6.7)."""
    assert message.isascii()
    assert b"\0" not in message
    assert message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n")
    lines = message.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    body = lines[lines.index(b"") :]
    assert max(map(len, body)) <= 76
    assert not [line for line in body if line.startswith((b".", b"From "))]
    found = parsed(message)
    for part in found.walk():
        assert not part.defects
        assert not [value.defects for value in part.values() if getattr(value, "defects", ())]


def named(message: bytes, header: str) -> tuple[str, str]:
    """Return the display name and address of a header by RFC 5322 and RFC 2047.

    `email.policy.default` would keep the white space between encoded words in a name (RFC 2047 6.2 says to drop it).
    """
    raw = BytesParser(policy=policy.compat32).parsebytes(message, headersonly=True)[header]
    name, address = parseaddr(re.sub(r"\r?\n(?=[ \t])", "", str(raw)))
    return str(make_header(decode_header(name))), address


BUILD = built(note('Dear {{ subscriber.first_name | default("you") }} of {{ subscriber.city }}'))


def test_the_headers_are_what_was_meant() -> None:
    message = parsed(composed(BUILD, by=publication(reply_to="reply@example.com")))
    assert [name for name in message] == [  # noqa: C416 - their order counts
        *("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", DELIVERY_HEADER),
        *("Reply-To", "List-Id", "MIME-Version", "Content-Type"),
    ]
    assert message["From"] == "The Letter <letter@example.com>"
    assert message["To"] == "Ann Lee <ann@example.org>"
    assert message["Reply-To"] == "reply@example.com"
    assert message["Subject"] == "A subject"
    assert message["Date"].datetime == NOON
    assert message["Message-ID"] == "<d-1@example.com>"
    assert message[DELIVERY_HEADER] == "d-1"
    assert message["List-Id"] == "The Letter <the-letter.letter.example.com>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"] == "<https://letter.example.com/unsubscribe/test-copy>"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_the_unsubscribe_header_is_one_line_and_unencoded_however_long_the_address_is() -> None:
    by = publication(public_url="https://" + "a" * 60 + ".example.com/" + "b" * 300)
    lines = composed(BUILD, by=by).split(b"\r\n")
    assert f"List-Unsubscribe: <{by.public}/unsubscribe/test-copy>".encode() in lines


def test_a_test_copy_says_so_in_its_subject() -> None:
    assert parsed(composed(BUILD, mark="[TEST] "))["Subject"] == "[TEST] A subject"


def test_each_reader_gets_the_variant_of_their_tags() -> None:
    build = built(note("For all"), note("Dear {{ subscriber.last_name }} of the US", only={"tag": "us"}))
    composer = Composer(build, publication())
    for tags, sees in ((set[str](), False), ({"us", "x"}, True), ({"eu"}, False)):
        reader = Subscriber(address="ann@example.org", last_name="Lee", tags=frozenset(tags))
        message = composer.compose(Recipient(reader, "d", lambda link: inert_link("https://e.com", link)), NOON)
        for body in bodies(message):
            assert "For all" in body
            assert ("Dear Lee of the US" in body) == sees


def test_the_same_recipient_gets_the_same_bytes() -> None:
    assert composed(BUILD) == composed(BUILD)


def test_one_composer_serves_many_recipients_without_mixing_them() -> None:
    build = built(note("{{ subscriber.first_name }}"), subject="{{ subscriber.first_name }}!")
    composer = Composer(build, publication())
    for name in ("Ann", "Bea", "Ann"):
        reader = Subscriber(address=f"{name}@example.org", first_name=name)
        message = composer.compose(Recipient(reader, name, lambda link: inert_link("https://e.com", link)), NOON)
        assert parsed(message)["Subject"] == f"{name}!"
        assert all(name in body for body in bodies(message))
        assert only(parsed(message), "To") == f"{name} <{name}@example.org>"


@given(HOSTILE_NAMES, HOSTILE_NAMES)
@example("=?utf-8?q?evil?=", "")
def test_no_field_of_a_subscriber_adds_a_header_or_breaks_the_message(name: str, city: str) -> None:
    build = built(
        note("Dear {{ subscriber.first_name }} of {{ subscriber.city }}"), subject="For {{ subscriber.city }}"
    )
    calm = parsed(composed(build, ANN))
    reader = replace(ANN, first_name=name, last_name=city, fields={"city": city})
    message = composed(build, reader)
    check_wire(message)
    found = parsed(message)
    assert found.keys() == calm.keys()
    assert named(message, "To") == (clean(reader.display_name), "ann@example.org")
    assert [each.addr_spec for each in found["To"].addresses] == ["ann@example.org"]


@given(hostile_texts, hostile_texts)
def test_no_text_of_an_issue_adds_a_header_or_breaks_the_message(subject: str, text: str) -> None:
    if "{{" in subject + text or "}}" in subject + text:
        return
    build = raw_build(text=text, html=text, subject=subject)
    message = composed(build)
    check_wire(message)
    assert parsed(message).keys() == parsed(composed(BUILD)).keys()
    assert only(parsed(message), "Subject") == clean(subject)


NAMES = [
    "Ann Lee",
    "Lee, Ann",
    'Ann "Annie" Lee',
    "Ann \\ Lee",
    "Änne Müller",
    "Nguyễn Thị Minh Khai",
    "山田 太郎",
    "👩\u200d🚀 Ann",
    "x" * 300,
    "é" * 300,
    "word " * 60 + "end",
    "a@b.com",
    "=?utf-8?q?x?=",
    '"=?utf-8?b?eA==?="',
    "O'Neil (Ann)",
    "a;b:c<d>e[f]",
    "J. R. R. T.",
    "  Ann   Lee  ",
    "שלום",
    "-",
    "",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_of_any_kind_arrives_as_it_is(name: str) -> None:
    by = publication(sender={"name": name or "x", "address": "letter@example.com"}, name=name or "x")
    message = composed(BUILD, Subscriber(address="ann@example.org", first_name=name), by=by)
    check_wire(message)
    assert named(message, "To") == (name.strip(), "ann@example.org")
    assert named(message, "From") == (name.strip() or "x", "letter@example.com")
    assert named(message, "List-Id") == (name.strip() or "x", by.list_id)


@given(st.text(max_size=400))
@example("a" * 300)
@example("é" * 300)
@example(" ".join(["wörd"] * 60))
@example("=?utf-8?q?x?=")
def test_a_subject_of_any_length_arrives_as_it_is_on_short_lines(text: str) -> None:
    value = unstructured(text, "Subject")
    lines = f"Subject: {value}".split("\r\n")
    assert all(len(line) <= 78 for line in lines)
    message = parsed(f"Subject: {value}\r\n\r\n".encode("ascii"))
    assert not message["Subject"].defects
    assert str(message["Subject"]) == clean(text)


@pytest.mark.parametrize(
    "address",
    [
        *("", "ann", "@", "a b@example.org", "ann@example.org\r\nBcc: x@e.com", "<ann@example.org>", "änn@example.org"),
        *("ann@exämple.org", "a\0@example.org", "ann@example.org>", "a@b\n"),
    ],
)
def test_an_address_that_cannot_stand_in_a_header_is_refused(address: str) -> None:
    with pytest.raises(UnmailableAddress):
        mailbox("Ann", address)


@given(st.text(max_size=30))
def test_an_address_is_refused_or_stands_alone(address: str) -> None:
    try:
        value = mailbox("Ann", address)
    except UnmailableAddress:
        return
    assert value.isascii()
    assert value.rpartition("<")[2] == f"{address}>"


FIELDS = " {{ subscriber.first_name }} {{ links.view }} {{ subscriber.city | default('nowhere') }} "
BODIES = st.lists(
    st.text(max_size=30) | st.sampled_from(HOSTILE) | st.sampled_from(["\n", FIELDS, " ", "\t\n", ".\n."])
)


@given(BODIES.map("".join), BODIES.map("".join), st.text(max_size=40))
@example(FIELDS * 3, FIELDS, "From .\n")
@example("From {{ subscriber.first_name }}\n.{{ subscriber.first_name }}", "", ".")
def test_the_content_is_the_filled_templates_exactly(text: str, html: str, name: str) -> None:
    if re.sub(r"\{\{ (subscriber|links)\.\w+( \| default\('nowhere'\))? \}\}", "", text + html).count("{{"):
        return
    text, html = encodable(text), encodable(html)
    build = raw_build(text, html)
    reader = replace(ANN, first_name=name, fields={})
    message = composed(build, reader)
    check_wire(message)

    def value(field: Field) -> str:
        return field.value(reader, lambda link: inert_link("https://letter.example.com", link))

    templates = (build.text_template(), build.html_template())
    for part, template in zip(parsed(message).iter_parts(), templates, strict=True):
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        assert payload.decode().replace("\r\n", "\n") == template.fill(value)


def test_the_boundary_occurs_in_no_part() -> None:
    message = composed(raw_build("--=_" + "a" * 40, "=_--"))
    boundary = parsed(message).get_boundary()
    assert boundary
    assert message.count(boundary.encode()) == 4


def test_a_date_without_microseconds_is_written_for_every_zone() -> None:
    at = datetime(2026, 2, 3, 12, 0, 0, 999, tzinfo=UTC)
    recipient = Recipient(ANN, "d-1", lambda name: inert_link("https://e.com", name))
    message = parsed(Composer(BUILD, publication()).compose(recipient, at))
    assert str(message["Date"]) == "Tue, 03 Feb 2026 12:00:00 +0000"


FIGURES = (
    {"kind": "figure", "src": "small.png", "alt": "For {{ subscriber.name }}"},
    {"kind": "figure", "src": "pulse.gif", "decorative": "true", "only": {"tag": ["us"]}},
)


def test_pictures_without_an_address_are_parts_of_the_message_that_its_html_refers_to() -> None:
    build = built(note(), *FIGURES, layout=v2g())
    message = composed(build, ANN)
    check_wire(message)
    plain, related = parsed(message).iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert (related.get_content_type(), related.get_param("type")) == ("multipart/related", "text/html")
    html, picture = related.iter_parts()
    assert picture.get_content() == build.assets[0].data
    assert picture.get_content_disposition() == "inline"
    assert picture.get_filename() == build.assets[0].name
    content = html.get_content()
    assert re.findall(r'src="([^"]*)"', content) == ["cid:" + str(picture["Content-ID"]).strip("<>")]
    assert 'alt="For Ann Lee"' in content
    assert "asset://" not in content


def test_a_variant_carries_the_pictures_that_it_shows_and_no_others() -> None:
    build = built(note(), *FIGURES, layout=v2g())
    for tags, count in ((frozenset[str](), 1), (frozenset({"us"}), 2)):
        _, related = parsed(composed(build, replace(ANN, tags=tags))).iter_parts()
        _, *pictures = related.iter_parts()
        assert [each.get_content() for each in pictures] == [each.data for each in build.assets[:count]]


WITH_ADDRESS = publication(transport="ses", assets={"url": "https://pictures.example.com/letter"})


def test_pictures_with_an_address_are_fetched_from_there() -> None:
    build = built(note(), *FIGURES, layout=v2g())
    message = composed(build, by=WITH_ADDRESS)
    _, html = bodies(message)
    assert re.findall(r'src="([^"]*)"', html) == [f"https://pictures.example.com/letter/{build.assets[0].name}"]
    assert [part.get_content_type() for part in parsed(message).iter_parts()] == ["text/plain", "text/html"]


def test_a_rehearsal_carries_its_pictures_though_they_have_an_address() -> None:
    build = built(note(), *FIGURES, layout=v2g())
    assert composed(build, by=WITH_ADDRESS.model_copy(update={"transport": "outbox"})) == composed(build)


def test_a_message_without_pictures_has_no_place_for_them() -> None:
    assert composed(BUILD) == composed(BUILD, by=WITH_ADDRESS)

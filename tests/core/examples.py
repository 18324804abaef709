"""Small issues, a small publication and a layout without looks, for tests that do not care about any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from newsletter.core.build import Build
from newsletter.core.issue import Issue, parse_issue
from newsletter.core.layout import Layout
from newsletter.core.links import inert_link
from newsletter.core.merge import Tokens
from newsletter.core.message import Composer, Recipient
from newsletter.core.publication import Publication
from newsletter.core.render.album import Album, Original
from newsletter.core.render.pipeline import render
from newsletter.core.source import Document, Problem, read
from newsletter.core.subscriber import Subscriber
from newsletter.errors import InvalidSource

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
SLUG = "vol-1-issue-1"
PICTURES = Path(__file__).parents[1] / "pictures"

LAYOUT = Layout(
    "plain",
    {
        "layout.mjml.j2": """<mjml lang="en" dir="ltr">
  <mj-head>
    <mj-title>{{ issue.subject }}</mj-title>
    <mj-preview>{{ issue.preheader }}</mj-preview>
    <mj-attributes><mj-all font-family="Arial" /></mj-attributes>
    <mj-style>@media (prefers-color-scheme: dark) { .x { color: #ffffff !important; } }</mj-style>
  </mj-head>
  <mj-body>
    <mj-section><mj-column><mj-text>{{ publication.name }}, {{ byline }}</mj-text></mj-column></mj-section>
    {% for block in issue.blocks %}{% include "blocks/" ~ block.kind ~ ".mjml.j2" %}{% endfor %}
    <mj-section><mj-column><mj-text><a href="{{ links.unsubscribe }}">Unsubscribe</a></mj-text></mj-column></mj-section>
  </mj-body>
</mjml>
""",
        "text.txt.j2": """{{ publication.name | heading }}

{% for block in issue.blocks %}{% include "blocks/" ~ block.kind ~ ".txt.j2" %}

{% endfor %}
Unsubscribe:
{{ links.unsubscribe }}
""",
        "inline.css.j2": "p { margin: 0 0 16px; } a { color: #0b6b50; }",
        "blocks/note.mjml.j2": """<mj-section><mj-column>
<mj-image src="https://example.com/a.png" alt="{{ block.title }}" title="{{ block.title }}" />
<mj-text><h2>{{ block.title }}</h2>{{ block.text | markdown }}</mj-text></mj-column></mj-section>
""",
        "blocks/note.txt.j2": """{% set refs = references() %}
{{ block.title | underlined }}

{{ block.text | markdown(refs) }}

{{ refs }}""",
        "blocks/share.mjml.j2": """<mj-section><mj-column><mj-text>{{ block.text | markdown }}</mj-text>
<mj-button href="{{ block.url or here }}">{{ block.label }}</mj-button></mj-column></mj-section>
""",
        "blocks/share.txt.j2": """{% set refs = references() %}
{{ block.text | markdown(refs) }}

{{ block.label | wrap }}
{{ block.url or here }}

{{ refs }}""",
    },
    {},
)


def publication(**given: Any) -> Publication:
    fields: dict[str, Any] = {
        "name": "The Letter",
        "site": "https://letter.example.com",
        "archive": "https://letter.example.com/archive",
        "sender": {"name": "The Letter", "address": "letter@example.com"},
        "postal_address": "12 Sample Street, Rutland",
    }
    return Publication.model_validate({**fields, **given})


def note(text: str = "Hello.", **given: Any) -> dict[str, Any]:
    return {"kind": "note", "title": "A note", "text": text, **given}


def issue_data(*blocks: dict[str, Any], **given: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "volume": "1",
        "number": "1",
        "date": "2026-02-03",
        "subject": "A subject",
        "preheader": "A preheader",
        "blocks": list(blocks) or [note()],
    }
    return {**fields, **given}


def built(*blocks: dict[str, Any], layout: Layout = LAYOUT, by: Publication | None = None, **given: Any) -> Build:
    """Render an issue from data, past the reader of files: what it refuses must not break the renderer either.

    Its pictures are those that the golden cases have.
    """
    data = issue_data(*blocks, **given)
    source = Document("issue.yaml", data)
    album = Album({path.name: Original(path.read_bytes(), ((source, ()),)) for path in PICTURES.glob("*.[pjg]*")})
    return render(Issue.model_validate(data), source, by or publication(), layout, album)


def with_template(name: str, source: str) -> Layout:
    """Return the layout with another template of that name."""
    return replace(LAYOUT, templates={**LAYOUT.templates, name: source})


def text_of(source: str, **given: str) -> str:
    """Return what a template for plain text becomes."""
    return built(layout=with_template("text.txt.j2", source), by=None, **given).text


def raw_build(text: str = "", html: str = "", subject: str = "A subject") -> Build:
    """Return a build of texts as they are, merge fields and all."""
    tokens = Tokens(taken=[text, html, subject])
    subject, html, text = map(tokens.replace, (subject, html, text))
    return Build(SLUG, date(2026, 2, 3), subject, preheader="", html=html, text=text, tokens=tokens)


def composed(build: Build, subscriber: Subscriber | None = None, by: Publication | None = None, **given: Any) -> bytes:
    by = by or publication()
    reader = subscriber or Subscriber(address="ann@example.org", first_name="Ann", last_name="Lee")
    recipient = Recipient(reader, "d-1", lambda name: inert_link(by.public, name))
    return Composer(build, by, **given).compose(recipient, NOON)


def parsed(message: bytes) -> EmailMessage:
    found = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(message)
    assert isinstance(found, EmailMessage)
    return found


def bodies(message: bytes) -> tuple[str, str]:
    """Return the plain text and the HTML of a message, decoded, with their line ends as LF."""
    plain, html = parsed(message).iter_parts()
    return plain.get_content().replace("\r\n", "\n"), html.get_content().replace("\r\n", "\n")


def encodable(text: str) -> str:
    """Return a text as it can be in a message: without lone surrogates, its line ends alike."""
    text = text.encode("utf-8", "replace").decode()
    return text.replace("\r\n", "\n").replace("\r", "\n")


def problems_of(text: str | bytes, slug: str = SLUG, file: str = "issue.yaml") -> list[Problem]:
    """Return what is wrong with an issue's source, nothing when all is well."""
    try:
        parse_issue(read(text if isinstance(text, bytes) else text.encode(), file), slug)
    except InvalidSource as err:
        return list(err.problems)
    return []


def yaml_of(head: Mapping[str, str] | None = None, blocks: str = "- {kind: note, text: Hello.}") -> str:
    fields = {"volume": "1", "number": "1", "date": "2026-02-03", "subject": "A", "preheader": "B", **(head or {})}
    return "".join(f"{key}: {value}\n" for key, value in fields.items()) + f"blocks:\n{blocks}\n"


HOSTILE = (
    "<script>alert(1)</script>",
    '"\'`\\\\"',
    "a\u00a0b",
    "👩\u200d🚀 ❤\ufe0f",
    "\u200b",
    "x" * 300,
    "a\u2028b\u2029c",
    "\x85\x92",
    "]]>",
    "{% raw %}",
    "{# x #}",
    "-->",
    "<!-- x",
    "--!>",
    "</mj-text><mj-raw>",
    "&amp;&lt;&#60;",
    "\\n\\u{a0}",
    "</title></style>",
    "<![endif]-->",
    "<mj-section>",
    "mergefield000z",
    "=?utf-8?q?x?=",
    "From here",
    ".",
    "-- ",
    "% % %s %(x)s",
    "\u202eevil",
    "e\u0301\u0301",
    "漢字　全角",
)
hostile_texts = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), min_size=1, max_size=5).map(" ".join)

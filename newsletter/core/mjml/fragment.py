"""The MJML of a block of kind `raw`: checked like a layout's, as a part of mj-body, and for what only an editor writes.

Who writes a layout looks at what becomes of it in mail programs; who writes an issue must be able to rely on that. So
what comes out but is less than good is refused as well, and so is whatever needs a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from newsletter.core.mjml.attributes import Found
from newsletter.core.mjml.components import Component, mjml
from newsletter.core.mjml.jinja import without_fields
from newsletter.core.mjml.markup import Closing, Comment, Kind, Opening, Token, Words, tokens
from newsletter.core.mjml.opened import VOID, of_mjml
from newsletter.core.mjml.places import FRAGMENT
from newsletter.core.mjml.walking import Walk

# Tags that a layout may use, and what to write instead.
_NO_TAGS = {
    # Its words stand on a picture, and cannot be read where pictures are not loaded.
    "mj-hero": "show the picture with <mj-image> and put the words below it",
    # mjml-python drops its role, so that a table of figures and one for looks are read out alike.
    "mj-table": "write the <table> inside <mj-text>",
}
# Between sections it would stand outside of the tables that Outlook needs around everything.
_HOLDING_RAW = frozenset({"mj-section", "mj-column"})
# Of HTML's tags, those that mail programs drop, or that belong to the head.
_NO_HTML = {
    "script": "mail programs drop it",
    "style": "write style attributes instead",
    **dict.fromkeys(["base", "link", "meta"], "it belongs to the head of the layout"),
    **dict.fromkeys(["embed", "input", "source", "track"], "mail programs drop it"),
}
_CONDITION = re.compile(r"<!--\s*\[if[^\]<>]*\]>(?:\s*<!-->)?|(?:<!--\s*)?<!\[endif\]-->")
_WRITTEN = "write <!--[if mso]> before what it is about, and <![endif]--> behind"


def flaws(source: str) -> tuple[Found, ...]:
    """Return what is wrong with a fragment, in its order."""
    template = without_fields(source)
    parts = list(tokens(template.markup))
    refused = [found for token in parts for found in _refused(token, template.markup)] + list(_unbalanced(parts))
    places = {found.at for found in refused}
    walked = Walk(template, FRAGMENT, _components()).walked().found
    return tuple(sorted([*refused, *(found for found in walked if found.at not in places)], key=lambda found: found.at))


@cache
def _components() -> Mapping[str, Component]:
    """Return the tags that may stand in a fragment, with those of them that may stand in each."""
    children: dict[str, frozenset[str]] = {}
    waiting = [FRAGMENT]
    while waiting:
        parent = waiting.pop()
        given = _given(parent).children - _NO_TAGS.keys()
        children[parent] = given if parent in _HOLDING_RAW else given - {"mj-raw"}
        waiting += children[parent] - children.keys()
    return {
        name: replace(
            _given(name),
            children=below,
            parents=frozenset(parent for parent, others in children.items() if name in others),
        )
        for name, below in children.items()
    }


def _given(name: str) -> Component:
    return mjml().components["mj-body" if name == FRAGMENT else name]


def _refused(token: Token, markup: str) -> Iterator[Found]:
    """Yield what is refused here alone, wherever it stands."""
    match token:
        case Opening():
            yield from _refused_tag(token) if of_mjml(token.name) else _refused_html(token)
            for attribute in token.attributes:
                if "<" in (attribute.value or ""):
                    yield Found(attribute.start, f"{attribute.name} of <{token.name}> holds a <", "write &lt;")
        case Words():
            # `/>` and `]]>` would end something for the engine, and it panics where `/>` follows a letter not of ASCII.
            for match in re.compile(">").finditer(markup, token.start, token.end):
                yield Found(match.start(), "> ends no tag", "write &gt;")
        case Comment():
            yield from _refused_comment(token)
        case _:
            pass


def _refused_tag(tag: Opening) -> Iterator[Found]:
    if tag.name in _NO_TAGS:
        yield Found(tag.start, f"<{tag.name}> cannot be used here", _NO_TAGS[tag.name])
    elif tag.name in mjml().components and tag.name not in _components():
        hint = "it belongs to the layout; a block of kind raw is one or more <mj-section>"
        yield Found(tag.start, f"<{tag.name}> cannot be used here", hint)


def _refused_html(tag: Opening) -> Iterator[Found]:
    name = tag.name.lower()
    if name in _NO_HTML:
        yield Found(tag.start, f"<{name}> cannot stand in an email's body", _NO_HTML[name])
    elif name != tag.name:
        yield Found(tag.start, f"<{tag.name}> is written in capitals", f"write <{name}>")
    elif tag.alone and name not in VOID:
        yield Found(tag.start, f"<{name} /> is not closed by its slash", f"write <{name}></{name}>")


def _refused_comment(comment: Comment) -> Iterator[Found]:
    if comment.kind is Kind.PLAIN:
        if "<" in comment.text or comment.text.startswith((">", "->")):
            yield Found(comment.start, "a comment holds a tag", "take that out of it")
        elif comment.text.lstrip().startswith("[if"):
            yield Found(comment.start, "a comment for Outlook is not written out", _WRITTEN)
    elif comment.kind is not Kind.UNENDED and not _CONDITION.fullmatch(comment.text):
        yield Found(comment.start, "a comment for Outlook is not written out", _WRITTEN)


def _unbalanced(parts: Iterable[Token]) -> Iterator[Found]:
    """Yield comments for Outlook that do not end in their tag of MJML: readers elsewhere would not see what follows."""
    begun: int | None = None
    for token in [*parts, Closing(0, 0, "mjml")]:
        match token:
            case Comment(kind=Kind.END):
                if begun is None:
                    yield Found(token.start, "<![endif] ends nothing", _WRITTEN)
                begun = None
            case Comment(kind=Kind.CONDITION):
                yield from _never_ended(begun)
                begun = token.start
            case Opening() | Closing() if of_mjml(token.name):
                yield from _never_ended(begun)
                begun = None
            case _:
                pass


def _never_ended(begun: int | None) -> Iterator[Found]:
    if begun is not None:
        yield Found(begun, "a comment for Outlook is never closed", "write <![endif]--> where it ends")

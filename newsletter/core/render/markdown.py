"""CommonMark as email HTML: the only module that knows markdown-it.

The HTML is well-formed XHTML, because MJML's parser refuses anything less. Raw HTML in the text is shown, not obeyed.
Subheadings become h3, since the masthead is the h1 and the title of a piece the h2, and none is left out going down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from newsletter.core.words import reference

CUT = re.compile(r"^[ \t]*<!--[ \t]*more[ \t]*-->[ \t]*$", re.MULTILINE)
Archive = Callable[[int, int], str | None]

_REFERENCE = reference({})
_SCHEMES = ("https://", "http://", "mailto:", "tel:")


@dataclass(frozen=True, slots=True)
class WrongLink:
    """A link or picture in a text that an email cannot carry."""

    offset: int
    message: str
    hint: str


def above_cut(text: str) -> str:
    """Return what stands above the cut mark, or the whole text when there is none."""
    return CUT.split(text, maxsplit=1)[0].rstrip()


def parsed(text: str, archive: Archive, form: re.Pattern[str] = _REFERENCE) -> Sequence[Token]:
    """Return the tokens of a text; references to earlier issues (`Vol. 1 | Issue 2`) have become links.

    `archive` returns the address of an issue, or None where a reference is to stay text; `form` is how the publication
    writes references.
    """
    tokens = _parser().parse(text)
    rank = 2
    for token in tokens:
        if token.children is not None:
            token.children = list(_linked(token.children, archive, form))
        if token.type == "heading_open":
            rank = min(6, max(3, int(token.tag[1]) + 1), rank + 1)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{rank}"
    return tokens


def to_html(text: str, archive: Archive, form: re.Pattern[str] = _REFERENCE) -> Markup:
    """Return a text as XHTML."""
    parser = _parser()
    # markdown-it escapes every text and attribute itself, and raw HTML is switched off.
    return Markup(parser.renderer.render(parsed(text, archive, form), parser.options, {}))  # noqa: S704


def wrong_links(text: str) -> Iterator[WrongLink]:
    """Yield links that lead nowhere from an email, and pictures, which a text cannot hold."""
    hint = "write the address in full, beginning with https://"
    for token in _parser().parse(text):
        for child in token.children or ():
            target = str(child.attrGet("href") or child.attrGet("src") or "")
            offset = _offset(text, token, target)
            if child.type == "image":
                yield WrongLink(offset, "a picture stands inside a text", "take it out of the text")
            elif child.type == "link_open" and not target.startswith(_SCHEMES) and "%7B%7B" not in target:
                yield WrongLink(offset, f"the link to {target!r} leads nowhere from an email", hint)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "xhtmlOut": True, "linkify": False, "typographer": False})


def _offset(text: str, token: Token, target: str) -> int:
    lines = text.split("\n")
    first = token.map[0] if token.map else 0
    start = sum(len(line) + 1 for line in lines[:first])
    found = text.find(target, start) if target else -1
    return found if found >= 0 else start


def _linked(children: Sequence[Token], archive: Archive, form: re.Pattern[str]) -> Iterator[Token]:
    depth = 0
    for child in children:
        depth += child.nesting if child.type in {"link_open", "link_close"} else 0
        if child.type == "text" and depth == 0:
            yield from _split(child.content, archive, form)
        else:
            yield child


def _split(text: str, archive: Archive, form: re.Pattern[str]) -> Iterator[Token]:
    at = 0
    for match in form.finditer(text):
        address = archive(int(match["volume"]), int(match["number"]))
        if address is None:
            continue
        yield _text(text[at : match.start()])
        # The reference stays on one line: a browser breaks after `|` even before a no-break space.
        yield Token("link_open", "a", 1, attrs={"href": address, "style": "white-space:nowrap"})
        yield _text(match[0].replace(" ", "\u00a0"))
        yield Token("link_close", "a", -1)
        at = match.end()
    yield _text(text[at:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)

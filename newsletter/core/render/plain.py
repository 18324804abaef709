"""CommonMark as plain text for reading: 72 columns, links as numbered references, no markup left behind."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from markdown_it.token import Token

from newsletter.core.render.markdown import Archive, parsed

# Mail programs quote with "> " and still stay below the 78 columns that RFC 5322 2.1.1 asks for.
WIDTH = 72


class References:
    """The links of one block, numbered in the order in which they are first met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def mark(self, url: str) -> str:
        """Return the mark of a link, giving it the next number if it is new."""
        return f"[{self._numbers.setdefault(url, len(self._numbers) + 1)}]"

    def __str__(self) -> str:
        return "\n".join(f"[{number}] {url}" for url, number in self._numbers.items())


def to_plain(
    text: str, archive: Archive, references: References, *, indent: str = "", form: re.Pattern[str] | None = None
) -> str:
    """Return a Markdown text as plain text; its links go into `references`, `form` is that of `markdown.parsed`."""
    tokens = parsed(text, archive, form) if form else parsed(text, archive)
    return "\n\n".join(_blocks(tokens, references, indent))


def wrapped(text: str, indent: str = "", first: str | None = None) -> str:
    """Wrap one paragraph; words and URLs are never broken. `first` replaces the indent of the first line."""
    lines = textwrap.wrap(
        re.sub(r"[ \t\r\n]+", " ", text).strip(),
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines).replace("\u00a0", " ")


def heading(text: str, line: str = "=", indent: str = "") -> str:
    """Return a heading with a line of its own length, at most the width, below it."""
    lines = wrapped(text, indent).split("\n")
    return "\n".join([*lines, indent + line * (min(WIDTH, max(map(len, lines))) - len(indent))])


def underlined(text: str, indent: str = "") -> str:
    """Return a smaller heading."""
    return heading(text, "-", indent)


def _blocks(tokens: Sequence[Token], references: References, indent: str) -> list[str]:
    """Turn block tokens into paragraphs; lists and quotations nest."""
    out: list[str] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        end = _closing(tokens, at)
        inside = tokens[at + 1 : end]
        match token.type:
            case "paragraph_open":
                out.append(_paragraph(inside[0], references, indent))
            case "heading_open":
                out.append(underlined(_inline(inside[0], references), indent))
            case "bullet_list_open" | "ordered_list_open":
                out.append(_list(token, inside, references, indent))
            case "blockquote_open":
                out.append("\n\n".join(_blocks(inside, references, indent + "> ")))
            case "fence" | "code_block":
                out.append(textwrap.indent(token.content.rstrip("\n"), indent + "    "))
            case "hr":
                out.append(indent + "* * *")
            case _:
                pass
        at = end + 1
    return out


def _closing(tokens: Sequence[Token], start: int) -> int:
    """Return the index of the token that closes the one at `start`."""
    depth = 0
    for index in range(start, len(tokens)):
        depth += tokens[index].nesting
        if depth == 0:
            return index
    return len(tokens) - 1


def _paragraph(inline: Token, references: References, indent: str) -> str:
    lines = _inline(inline, references).split("\n")
    return "\n".join(wrapped(line, indent) for line in lines)


def _list(token: Token, items: Sequence[Token], references: References, indent: str) -> str:
    number = int(str(token.attrGet("start") or 1))
    out: list[str] = []
    at = 0
    while at < len(items):
        end = _closing(items, at)
        mark = f"{number}. " if token.type == "ordered_list_open" else "- "
        hanging = indent + " " * len(mark)
        item = "\n\n".join(_blocks(items[at + 1 : end], references, hanging))
        out.append(indent + mark + item[len(hanging) :])
        number += 1
        at = end + 1
    return "\n".join(out)


def _inline(inline: Token, references: References) -> str:
    """Return the words of a paragraph; hard line breaks stay, emphasis is dropped, links get their marks."""
    words: list[str] = []
    open_links: list[str] = []
    for child in inline.children or ():
        match child.type:
            case "text" | "code_inline":
                words.append(child.content)
            case "softbreak":
                words.append(" ")
            case "hardbreak":
                words.append("\n")
            case "link_open":
                open_links.append(str(child.attrGet("href") or ""))
            case "link_close":
                # A no-break space keeps the mark on the line of the word before it.
                words.append("\u00a0" + references.mark(open_links.pop()))
            case _:
                pass
    return "".join(words)

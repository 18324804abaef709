"""The HTML of a filled layout, whole, and piece by piece: which part of it each block becomes.

For the pieces the layout is rendered once more, with a comment before and behind each block. The comments have to leave
everything else as it is, to the byte; where they do not, nothing is said of the blocks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from newsletter.core import layout as parts
from newsletter.core.render import inline, mjml
from newsletter.core.render.fill import Filling
from newsletter.errors import InvalidSource

FRAME: Final = -1  # in place of the index of a block: what stands around them


def to_html(filled: str, filling: Filling, marks: str = "(?!)") -> str:
    """Return the HTML of the filled layout; what matches `marks` is left where it stands.

    Raises:
        InvalidSource: the MJML cannot be rendered.
    """
    html = mjml.to_html(filled, file=f"layouts/{filling.layout.name}/{parts.HTML}")
    html = inline.inlined(html, filling.text(parts.STYLE))
    return inline.conditionals_joined(html, marks).strip() + "\n"


def pieces(html: str, filling: Filling) -> Sequence[tuple[int, str]]:
    """Return the HTML piece by piece, each with the index of its block; the pieces together are the HTML."""
    word = _unused_word(html)
    filled = filling.mjml(parts.HTML, lambda index: f"<!--{word}{index}-->")
    try:
        marked = to_html(filled, filling, f"<!--{word}[0-9]+-->")
    except InvalidSource:  # a comment cannot stand where the layout includes its blocks
        return [(FRAME, html)]
    found = re.split(f"<!--{word}([0-9]+)-->", marked)
    if found[1::4] != found[3::4] or "".join(found[::2]) != html:
        return [(FRAME, html)]
    blocks = [int(index) for index in found[1::2]]
    return [(blocks[at - 1] if at % 2 else FRAME, piece) for at, piece in enumerate(found[::2])]


def _unused_word(html: str) -> str:
    word = "blockmark"
    while word in html:
        word += "x"
    return word

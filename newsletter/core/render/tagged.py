"""Links tell SES where they stand, so that a click says it: by block and position, also where two lead to one page.

SES hands the `ses:tags` of a link on with its clicks, and takes the attribute out of what it delivers; keys and values
are letters, digits, - and _ (SES developer guide, "Email sending metrics FAQs", click tracking). Like `ses:no-track` it
is written once the HTML is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final

from newsletter.core.feedback import BLOCK_TAG, LINK_TAG
from newsletter.core.render.fill import Filling
from newsletter.core.render.pieces import FRAME, pieces
from newsletter.core.render.untracked import LINK

_HREF: Final = re.compile(r"\shref=(?:\"(https?://[^\"]*)\"|'(https?://[^']*)')", re.IGNORECASE)
_TAGGED: Final = re.compile(rf"<a ses:tags=\"{BLOCK_TAG}:([0-9]+);{LINK_TAG}:([0-9]+)\"")


@dataclass(frozen=True, slots=True)
class Standing:
    """A link of the HTML: its block (from 1), which of the links of that block it is (from 1), and where it leads."""

    block: int
    position: int
    url: str


def tagged(html: str, filling: Filling, numbers: Sequence[int]) -> str:
    """Return the HTML with tags on the links of blocks; `numbers` are those of the blocks that are filled in.

    Links of a block that lead to one address are one link. Where nobody can tell what the blocks became, there are no
    tags.
    """
    seen = dict[int, dict[str, int]]()

    def tag(link: re.Match[str]) -> str:
        href = _HREF.search(link[0])
        if not href:
            return link[0]
        known = seen.setdefault(number, {})
        position = known.setdefault(href[1] or href[2], len(known) + 1)
        return f'<a ses:tags="{BLOCK_TAG}:{number};{LINK_TAG}:{position}"{link[0][2:]}'

    made = list[str]()
    for index, piece in pieces(html, filling):
        if index == FRAME:
            made.append(piece)
            continue
        number = numbers[index]
        made.append(LINK.sub(tag, piece))
    return "".join(made)


def standings(html: str) -> Iterator[Standing]:
    """Yield the links of an HTML that have tags; their addresses are as in the HTML, with tokens."""
    for link in LINK.finditer(html):
        tags, href = _TAGGED.match(link[0]), _HREF.search(link[0])
        if tags and href:
            yield Standing(int(tags[1]), int(tags[2]), unescape(href[1] or href[2]))

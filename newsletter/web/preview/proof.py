"""The proof: the HTML of a message, changed in two ways so that it can be looked at in any browser.

1. Its dark colours are switched on or off. A page cannot tell a browser which colour scheme to report, so the queries
   for one, `(prefers-color-scheme: dark)`, become ones that are always or never true. The scheme that the message
   declares for itself (<meta name="color-scheme">, and the CSS property) becomes the one that was asked for.
2. Its links open in a new tab, for the frame around it may show nothing but the message.

Everything else is byte for byte what `newsletter build` makes for the sample reader.
"""

from __future__ import annotations

import re
from enum import StrEnum

_QUERY = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)", re.IGNORECASE)
_DECLARED = re.compile(r"\b((?:supported-)?color-schemes?\s*:\s*)light\s+dark\b", re.IGNORECASE)
_META = re.compile(r"""(<meta\s+name="(?:supported-)?color-schemes?"\s+content=")light\s+dark(")""", re.IGNORECASE)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
# Unlike `all` and `not all`, these stay valid behind an `and` (Media Queries 4, 3: <media-in-parens>).
_ALWAYS, _NEVER = "(min-width: 0)", "(not (min-width: 0))"


class Scheme(StrEnum):
    """Which colours a reader's system asks for."""

    LIGHT = "light"
    DARK = "dark"


def proof(html: str, scheme: Scheme) -> str:
    """Return the HTML of a message for looking at, in the colours of a scheme."""
    html = _QUERY.sub(lambda match: _ALWAYS if match[1].lower() == scheme else _NEVER, html)
    html = _DECLARED.sub(rf"\g<1>{scheme}", html)
    html = _META.sub(rf"\g<1>{scheme}\g<2>", html)
    return _HEAD.sub(lambda match: match[0] + '<base target="_blank">', html, count=1)

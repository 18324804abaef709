"""Readers' own links, to leave, to change and to view, are kept out of click tracking.

Where the configuration set asks for it, SES sends clicks through a server of its own. A link with the attribute
`ses:no-track` stays as it is (SES developer guide, "Email sending metrics FAQs", click tracking). It is written once
the HTML is done, since MJML knows no such attribute.
"""

from __future__ import annotations

import re
from typing import Final

from newsletter.core.merge import Tokens

_ATTRIBUTES: Final = re.compile(r"(?<=<a) ses:(?:no-track|tags=\"[a-z0-9:;]*\")")
LINK: Final = re.compile(r"<a(?=\s)(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)


def untracked(html: str, tokens: Tokens) -> str:
    """Return the HTML with the attribute on each link that holds one of the reader's own addresses."""
    own = [token for token, field in tokens.fields.items() if field.of == "links"]
    if not own:
        return html
    mine = re.compile("|".join(own))
    return LINK.sub(lambda link: f"<a ses:no-track{link[0][2:]}" if mine.search(link[0]) else link[0], html)


def bare(html: str) -> str:
    """Return the HTML as SES delivers it: without what is said to SES alone."""
    return LINK.sub(lambda link: _ATTRIBUTES.sub("", link[0]), html)

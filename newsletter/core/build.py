"""A build: the rendered bytes of an issue, and the digest of exactly these bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from newsletter.core.assets import Asset
from newsletter.core.merge import Context, Tokens
from newsletter.core.slots import Template, html_template, plain_template, text_template

# Bytes of HTML; Gmail hides what lies behind "View entire message". Google documents no figure; 102 kB is what
# senders have measured for years (https://github.com/hteumeuleu/email-bugs/issues/41).
GMAIL_CLIPS_AT = 102_400


@dataclass(frozen=True, slots=True)
class Build:
    """One issue, rendered. The four texts hold tokens where merge fields go (`core.merge`).

    The HTML names its pictures by reference (`core.assets`), and so by their bytes, which the digest covers with it.
    """

    issue: str
    day: date
    subject: str
    preheader: str
    html: str
    text: str
    tokens: Tokens
    assets: tuple[Asset, ...] = ()

    def restored(self, text: str) -> str:
        """Return one of the texts with its merge fields as the editor writes them."""
        return self.tokens.restore(text)

    @property
    def digest(self) -> str:
        """Return the SHA-256, in hex, of subject, preheader, HTML and text.

        Each is its UTF-8 bytes with merge fields as written, preceded by its length in bytes as eight bytes, so that
        no two different builds run together into the same input.
        """
        whole = hashlib.sha256()
        for part in (self.subject, self.preheader, self.html, self.text):
            data = self.restored(part).encode()
            whole.update(len(data).to_bytes(8, "big"))
            whole.update(data)
        return whole.hexdigest()

    def subject_template(self) -> Template:
        """Return the subject with its slots."""
        return plain_template(self.subject, self.tokens.pattern, self.tokens.fields, Context.HEADER)

    def html_template(self) -> Template:
        """Return the HTML with its slots."""
        return html_template(self.html, self.tokens.pattern, self.tokens.fields)

    def text_template(self) -> Template:
        """Return the plain text with its slots."""
        return text_template(self.text, self.tokens.pattern, self.tokens.fields)

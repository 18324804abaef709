"""A build: the rendered bytes of an issue, and the digest of exactly these bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from newsletter.core.assets import Asset
from newsletter.core.facts import Readers, combined, label
from newsletter.core.merge import PROPERTIES, Context, Tokens
from newsletter.core.slots import Template, html_template, plain_template, text_template

# Bytes of HTML; Gmail hides what lies behind "View entire message". Google documents no figure; 102 kB is what
# senders have measured for years (https://github.com/hteumeuleu/email-bugs/issues/41).
GMAIL_CLIPS_AT = 102_400


@dataclass(frozen=True, slots=True)
class Variant:
    """What some readers get: HTML and plain text; `readers` are the combinations of facts that see exactly this."""

    html: str
    text: str
    readers: frozenset[Readers] = frozenset([frozenset[str]()])

    @property
    def simplest(self) -> Readers:
        """Return the fewest facts that hold for a reader of this variant."""
        return min(self.readers, key=lambda facts: (len(facts), sorted(facts)))


@dataclass(frozen=True, slots=True)
class Build:
    """One issue, rendered. Its texts hold tokens where merge fields go (`core.merge`).

    `html` and `text` are what readers get for whom none of the facts hold that the issue asks for (`core.facts`);
    `others` are for those for whom some do. `facts` are all that it asks for: one may do no more than keep readers from
    what others get. HTML holds references to the assets, whose names are made of their bytes (`core.assets`): a build
    and its digest are the same wherever the pictures will be.
    """

    issue: str
    day: date
    subject: str
    preheader: str
    html: str
    text: str
    tokens: Tokens
    others: tuple[Variant, ...] = ()
    facts: Readers = frozenset()
    assets: tuple[Asset, ...] = ()

    def restored(self, text: str) -> str:
        """Return one of the texts with its merge fields as the editor writes them."""
        return self.tokens.restore(text)

    @property
    def asked(self) -> Readers:
        """Return the facts that decide what a reader gets."""
        return self.facts.union(*(facts for each in self.others for facts in each.readers))

    @property
    def details(self) -> bool:
        """Tell whether a message depends on more than a reader's name: on their tags, or fields of the list's own."""
        return bool(self.asked) or any(
            field.of == "subscriber" and field.name not in PROPERTIES for field in self.tokens.fields.values()
        )

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Return all there is to get; the first is for readers for whom none of the facts hold."""
        elsewhere = frozenset().union(*(each.readers for each in self.others))
        rest = frozenset(readers for readers in combined(self.asked) if readers not in elsewhere)
        return (Variant(self.html, self.text, rest), *self.others)

    def seen_by(self, readers: Readers) -> Variant:
        """Return what readers get for whom these facts hold."""
        return next((each for each in self.variants if readers & self.asked in each.readers), self.variants[0])

    def readers(self, variant: Variant) -> str:
        """Return in words who gets a variant."""
        return label(variant.readers, self.asked)

    @property
    def digest(self) -> str:
        """Return the SHA-256, in hex, of subject, preheader, HTML and text, and of the variants and who gets them.

        Each is its UTF-8 bytes with merge fields as written, preceded by its length in bytes as eight bytes, so that
        no two different builds run together into the same input.
        """
        whole = hashlib.sha256()
        others = [part for each in self.others for part in (_spelt(each.readers), each.html, each.text)]
        if others:
            others.append(_spelt([self.asked]))
        for part in (self.subject, self.preheader, self.html, self.text, *others):
            data = self.restored(part).encode()
            whole.update(len(data).to_bytes(8, "big"))
            whole.update(data)
        return whole.hexdigest()

    def subject_template(self) -> Template:
        """Return the subject with its slots."""
        return plain_template(self.subject, self.tokens.pattern, self.tokens.fields, Context.HEADER)

    def html_template(self, variant: Variant | None = None) -> Template:
        """Return the HTML with its slots, by default that of readers without tags."""
        return html_template((variant or self).html, self.tokens.pattern, self.tokens.fields)

    def text_template(self, variant: Variant | None = None) -> Template:
        """Return the plain text with its slots, by default that of readers without tags."""
        return text_template((variant or self).text, self.tokens.pattern, self.tokens.fields)


def _spelt(readers: Iterable[Readers]) -> str:
    return json.dumps(sorted(map(sorted, readers)))

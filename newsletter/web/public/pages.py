"""The pages of the public doors in the publication's look, as HTML that asks for nothing but itself and the logo."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import jinja2
from markupsafe import Markup

from newsletter.core.door_words import door_words
from newsletter.core.layout import parse_layout
from newsletter.core.library import Library
from newsletter.core.publication import Publication, parse_publication
from newsletter.core.source import read
from newsletter.core.subscriber import Subscriber

# The look of a layout whose tokens lack one of these.
_TOKENS = {
    "accent": "#0A624A",
    "accent_dark": "#6CCFAB",
    "on_accent": "#FFFFFF",
    "on_accent_dark": "#10211B",
    "ink": "#1E1D1B",
    "ink_dark": "#EAE7E2",
    "muted": "#5E5A54",
    "muted_dark": "#B5AFA6",
    "paper": "#FFFFFF",
    "paper_dark": "#1D1C1A",
    "rule": "#D8D4CC",
    "rule_dark": "#4A463F",
    "font": "system-ui, sans-serif",
}
# What a token takes the place of, where the layout lacks it.
_LIKE = {
    "ground": "paper",
    "ground_dark": "paper_dark",
    "on_accent": "paper",
    "on_accent_dark": "paper_dark",
    "serif": "font",
}


@dataclass(frozen=True, slots=True)
class Emblem:
    """The logo: the path that it is loaded from, and its size in CSS pixels."""

    address: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True)
class Button:
    """What a page's one button says, and where it leads; without an address, to the page's own."""

    label: str
    address: str = ""
    text: str = ""  # before it


@dataclass(frozen=True, slots=True)
class SignUpForm:
    """What stands in the sign-up form."""

    address: str = ""
    first_name: str = ""
    last_name: str = ""
    topics: frozenset[str] = frozenset()


class Pages:
    """Makes the pages of one publication."""

    def __init__(self, publication: Publication, tokens: Mapping[str, str], emblem: Emblem | None = None) -> None:
        """Dress the pages in a layout's tokens."""
        self.words = door_words(publication.words, publication.name)
        self._environment = jinja2.Environment(
            loader=jinja2.PackageLoader("newsletter.web.public"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.style = self._style(tokens)
        self._environment.globals.update(
            say=self.words,
            publication=publication,
            style=Markup(self.style),  # noqa: S704 - made here, from the layout
            emblem=emblem,
        )
        digest = b64encode(hashlib.sha256(self.style.encode()).digest()).decode("ascii")
        self.policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )

    def message(self, name: str, button: Button | None = None, *, link: tuple[str, str] | None = None) -> str:
        """Return a page that says something, with at most one button and one link (address and label)."""
        return self._page("message", title=f"{name}_title", text=self.words[f"{name}_text"], button=button, link=link)

    def sign_up(self, form: SignUpForm, *, wrong: str = "") -> str:
        """Return the sign-up form, with what is wrong with its address if something is."""
        return self._page("sign_up", title="sign_up_title", form=form, wrong=wrong)

    def preferences(self, reader: Subscriber, *, leave: str, saved: bool = False, wrong: str = "") -> str:
        """Return a reader's preferences; `leave` is the address that their leaving is posted to."""
        until = reader.paused_until.date().isoformat() if reader.paused_until else ""
        known = replace(reader, address="")  # the page does not need it
        return self._page(
            "preferences", title="preferences_title", reader=known, until=until, leave=leave, saved=saved, wrong=wrong
        )

    def snippet(self, address: str) -> str:
        """Return the form as HTML for a page elsewhere; `address` is the one that it is posted to, in full."""
        return self._environment.get_template("snippet.html.j2").render(address=address)

    def _page(self, template: str, *, title: str, **values: Any) -> str:
        return self._environment.get_template(f"{template}.html.j2").render(title=self.words[title], **values)

    def _style(self, tokens: Mapping[str, str]) -> str:
        known = {**_TOKENS, **tokens}
        known |= {name: known[other] for name, other in _LIKE.items() if name not in tokens}
        style = self._environment.overlay(autoescape=False).get_template("look.css.j2").render(tokens=known)
        if "<" in style:
            raise ValueError("a token of the layout holds <, which no page can carry in its style")
        return style


def pages_of(library: Library, environment: Mapping[str, str]) -> tuple[Publication, Pages]:
    """Return the publication, and its pages in the look of the layout that it uses; its name stands for its logo.

    Raises:
        InvalidSource: publication or layout have problems.
        NotFound: there is no such layout.
    """
    about = read(library.publication(), "publication.yaml")
    publication = parse_publication(about, environment)
    files, tokens = library.layout(publication.layout)
    brand = read(tokens, f"layouts/{publication.layout}/tokens.yaml")
    layout = parse_layout(publication.layout, files, brand, publication=publication, source=about)
    return publication, Pages(publication, layout.tokens)

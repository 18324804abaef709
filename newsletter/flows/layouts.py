"""Layouts: which there are, what one is made of, and a copy to change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from newsletter.core.kinds import Kind
from newsletter.core.layout import Layout, parse_layout
from newsletter.core.library import Layouts, Shelved
from newsletter.core.publication import LAYOUT_NAME, Publication, parse_publication
from newsletter.core.source import read
from newsletter.errors import BadInput


@dataclass(frozen=True, slots=True)
class Token:
    """A brand token: its value, and the layout's own value where the publication gives another."""

    name: str
    value: str
    own: str

    @property
    def replaced(self) -> bool:
        """Tell whether publication.yaml gives it another value."""
        return self.value != self.own


@dataclass(frozen=True, slots=True)
class About:
    """What a layout is made of; `own` are those kinds of block that it adds."""

    place: Shelved
    in_use: bool
    files: Sequence[str]
    kinds: Sequence[str]
    own: Sequence[Kind]
    tokens: Sequence[Token]


@dataclass(frozen=True, slots=True)
class Desk:
    """A layout as this publication would use it; `plain` is its own, without the publication's tokens."""

    publication: Publication
    in_use: bool
    files: Sequence[str]
    layout: Layout
    plain: Layout


def listed(shelf: Layouts, environment: Mapping[str, str]) -> Sequence[tuple[Shelved, bool]]:
    """Return all layouts, and which of them is in use."""
    used = parse_publication(read(shelf.publication(), "publication.yaml"), environment).layout
    return [(each, each.name == used) for each in shelf.layouts()]


def about(shelf: Layouts, given: str | None, environment: Mapping[str, str]) -> About:
    """Return what a layout is made of, by default the one in use.

    Raises:
        NotFound: there is no such layout.
        InvalidSource: a template is missing, a schema is wrong, or a token of it or of the publication.
    """
    desk = desk_of(shelf, given, environment)
    name, own = desk.layout.name, desk.plain.tokens
    return About(
        place=next(each for each in shelf.layouts() if each.name == name),
        in_use=desk.in_use,
        files=sorted([*desk.files, "tokens.yaml"]),
        kinds=sorted(desk.layout.kinds),
        own=list(desk.layout.own.values()),
        tokens=[Token(token, value, own[token]) for token, value in desk.layout.tokens.items()],
    )


def new(shelf: Layouts, name: str, source: str) -> Path:
    """Copy a layout under a new name into the project and return its folder.

    Raises:
        BadInput: the name is not one of a layout, or is taken in the project.
        NotFound: there is no layout to copy.
    """
    if not re.fullmatch(LAYOUT_NAME, name):
        raise BadInput(f"{name!r} is not the name of a layout", hint="use letters, digits, - and _, like autumn-2026")
    return shelf.copy_layout(source, name)


def desk_of(shelf: Layouts, given: str | None, environment: Mapping[str, str]) -> Desk:
    """Return a layout as this publication would use it, by default the one in use.

    Raises:
        NotFound: there is no such layout.
        InvalidSource: a template is missing, a schema is wrong, or a token of it or of the publication.
    """
    source = read(shelf.publication(), "publication.yaml")
    publication = parse_publication(source, environment)
    name = given or publication.layout
    files, tokens = shelf.layout(name)
    bare = publication.model_copy(update={"tokens": {}})
    document = read(tokens, f"layouts/{name}/tokens.yaml")
    plain = parse_layout(name, files, document, publication=bare, source=source)
    if name != publication.layout:  # the publication's tokens are for the layout that it uses
        return Desk(bare, in_use=False, files=list(files), layout=plain, plain=plain)
    layout = parse_layout(name, files, document, publication=publication, source=source)
    return Desk(publication, in_use=True, files=list(files), layout=layout, plain=plain)

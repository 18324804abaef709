"""The same MJML through two engines and one inliner: mjml-python as the tool uses it, and the official one."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

from newsletter.core import layout as parts
from newsletter.core.assets import Asset
from newsletter.core.build import Build
from newsletter.core.issue import parse_issue
from newsletter.core.layout import parse_layout
from newsletter.core.library import Library
from newsletter.core.links import inert_link
from newsletter.core.merge import Field, Tokens
from newsletter.core.only import shown
from newsletter.core.publication import parse_publication
from newsletter.core.render import inline, mjml
from newsletter.core.render.fill import Filling
from newsletter.core.render.pipeline import cut
from newsletter.core.source import read
from newsletter.flows.build import SAMPLE, album, edition
from tests.fidelity import node
from tests.golden.cases import Shelf, cases

DOCUMENTS = Path(__file__).parent / "documents"
_SITE = "https://v2gnews.example.com"


@dataclass(frozen=True, slots=True)
class Filled:
    """An MJML document, the CSS for its running text, and the build that the tool makes of both, if it is an issue."""

    mjml: str
    css: str = ""
    build: Build | None = None

    def ours(self) -> str:
        """Return what the tool sends."""
        if self.build is None:
            return self.finished(mjml.to_html(self.mjml, file="document"))
        return self.build.html_template().fill(_value)

    def finished(self, html: str) -> str:
        """Take an engine's HTML through all that follows the engine."""
        html = inline.conditionals_joined(inline.inlined(html, self.css)).strip() + "\n"
        if self.build is None:
            return html
        return replace(self.build, html=html).html_template().fill(_value)


@dataclass(frozen=True, slots=True)
class Pair:
    """One document as both engines render it, both finished by the same steps."""

    ours: str
    official: str
    complaints: tuple[str, ...]


def issue(library: Library) -> Filled:
    """Return the filled layout of a library's newest issue."""
    name = library.issue_name(None)
    publication_source = read(library.publication(), "publication.yaml")
    publication = parse_publication(publication_source, {})
    file, data = library.issue(name)
    source = read(data, file)
    templates, brand = library.layout(publication.layout)
    layout = parse_layout(
        publication.layout, templates, read(brand, "tokens.yaml"), publication=publication, source=publication_source
    )
    tokens = Tokens(taken=[*source.strings().values(), *layout.templates.values()])
    own = [kind.model for kind in layout.own.values()]
    made = parse_issue(source, name, own)
    pictures = album(library, (publication, publication_source), (made, source))
    seen = cut(made, shown(made.blocks, frozenset()))  # what readers without tags get
    filling = Filling(seen, publication, layout, tokens, pictures)
    return Filled(filling.mjml(parts.HTML), filling.text(parts.STYLE), edition(library, name, {}).build)


def documents() -> Iterator[tuple[str, Filled]]:
    """Yield the small documents, one for each construct that layouts use."""
    for path in sorted(DOCUMENTS.glob("*.mjml")):
        yield path.stem, Filled(path.read_text(encoding="utf-8"))


@cache
def issues() -> Mapping[str, Filled]:
    """Return the issues of all golden cases by their names; both real ones are among them."""
    return {folder.name: issue(Shelf(folder)) for folder in cases()}


@cache
def letters() -> Mapping[str, str]:
    """Return what the tool sends, for every golden case."""
    return {name: filled.ours() for name, filled in issues().items()}


def pairs() -> Mapping[str, Pair]:
    """Render every issue and every small document with both engines; the official one starts once."""
    return pairs_of({**issues(), **dict(documents())}, ready=letters())


def pairs_of(filled: Mapping[str, Filled], ready: Mapping[str, str] = MappingProxyType({})) -> Mapping[str, Pair]:
    """Render documents with both engines; `ready` is what the tool has rendered of them before."""
    answers = node.run("engine.mjs", {name: each.mjml for name, each in filled.items()})
    return {
        name: Pair(ready.get(name) or each.ours(), each.finished(answers[name]["html"]), tuple(answers[name]["errors"]))
        for name, each in filled.items()
    }


def with_pictures(html: str, assets: Iterable[Asset]) -> str:
    """Return HTML with its pictures in it, for a browser that is to show them."""
    for each in assets:
        data = f"data:{each.media_type};base64,{base64.b64encode(each.data).decode()}"
        html = html.replace(each.reference, data)
    return html


def _value(field: Field) -> str:
    return field.value(SAMPLE, lambda name: inert_link(_SITE, name))

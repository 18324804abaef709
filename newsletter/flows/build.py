"""Build an issue: its files become one Build, and the Build becomes the files of build/<issue>/."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TypeVar

from newsletter.core.assets import Asset, located
from newsletter.core.audience.published import audiences_of
from newsletter.core.audience.terms import Expression
from newsletter.core.build import Build, Variant
from newsletter.core.issue import Issue, parse_issue
from newsletter.core.kinds import Kind, own_kinds
from newsletter.core.layout import Layout, parse_layout
from newsletter.core.library import Library
from newsletter.core.links import inert_link
from newsletter.core.message import Composer, Recipient
from newsletter.core.mjml.checking import refuse_broken
from newsletter.core.publication import Publication, layout_of, parse_publication
from newsletter.core.render.album import Album, Original
from newsletter.core.render.costs import Costs, costs
from newsletter.core.render.pipeline import render
from newsletter.core.source import Document, Problem, read
from newsletter.core.subscriber import Subscriber
from newsletter.core.tree import Path as TreePath
from newsletter.errors import BadInput, InvalidSource, NotFound

First = TypeVar("First")
Second = TypeVar("Second")

ASSETS = "assets/"  # the folder of a build's pictures
SAMPLE = Subscriber(address="robin.reader@example.com", first_name="Robin", last_name="Reader")


@dataclass(frozen=True, slots=True)
class Edition:
    """An issue with everything that was needed to render it, and the result."""

    publication: Publication
    issue: Issue
    layout: Layout
    album: Album
    build: Build


@dataclass(frozen=True, slots=True)
class Built:
    """What `newsletter build` made."""

    edition: Edition
    folder: Path
    sizes: Mapping[str, int]
    largest: Costs


def edition(
    library: Library, name: str, environment: Mapping[str, str], given: tuple[str, bytes] | None = None
) -> Edition:
    """Read and render an issue; everything that shows or sends an issue starts here.

    `given` are a file's name and its bytes, in place of the library's own.

    Raises:
        InvalidSource: publication, issue or layout have problems.
    """
    about = read(library.publication(), "publication.yaml")
    used = layout_of(about)
    try:
        files, tokens = library.layout(used)
    except NotFound:
        parse_publication(about, environment)  # its own problems come first
        raise
    own, _ = own_kinds(used, files)
    publication, (issue, source) = _both(
        lambda: parse_publication(about, environment),
        lambda: _issue(given or library.issue(name), name, own, audiences_of(about)),
    )
    brand = read(tokens, f"layouts/{used}/tokens.yaml")
    layout = parse_layout(used, files, brand, publication=publication, source=about)
    refuse_broken(layout.name, layout.templates)
    pictures = album(library, (publication, about), (issue, source))
    return Edition(publication, issue, layout, pictures, render(issue, source, publication, layout, pictures))


def _issue(
    file: tuple[str, bytes], name: str, own: Mapping[str, Kind], audiences: Mapping[str, Expression]
) -> tuple[Issue, Document]:
    source = read(file[1], file[0])
    return parse_issue(source, name, [kind.model for kind in own.values()], audiences), source


def album(library: Library, publication: tuple[Publication, Document], issue: tuple[Issue, Document]) -> Album:
    """Return the pictures that publication and issue ask for, each read once.

    Raises:
        InvalidSource: with every picture that is not there.
    """
    asked: dict[str, list[tuple[Document, TreePath]]] = {}
    if logo := publication[0].logo:
        asked.setdefault(logo.src, []).append((publication[1], ("logo", "src")))
    for path, picture in issue[0].pictures():
        asked.setdefault(picture.src, []).append((issue[1], (*path, "src")))
    originals: dict[str, Original] = {}
    problems: list[Problem] = []
    for src, places in asked.items():
        try:
            originals[src] = Original(library.picture(src), tuple(places))
        except BadInput as err:
            problems += [document.problem(path, err.message, err.hint) for document, path in places]
    if problems:
        raise InvalidSource(problems)
    return Album(originals)


def _both(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
    """Return both results; when both files have problems, raise them together."""
    try:
        one = first()
    except InvalidSource as err:
        try:
            second()
        except InvalidSource as other:
            raise InvalidSource([*err.problems, *other.problems]) from other
        raise
    return one, second()


def build(library: Library, given: str | None, environment: Mapping[str, str]) -> Built:
    """Build an issue, by default the newest, and write its files; the same source gives the same bytes."""
    name = library.issue_name(given)
    made = edition(library, name, environment)
    variants = [_files(made, number, variant) for number, variant in enumerate(made.build.variants, 1)]
    mails = {file: data for each in variants for file, data in each.items()}
    sizes = {file: len(data) for file, data in mails.items()}
    about: dict[str, object] = {
        "issue": made.build.issue,
        "subject": made.build.restored(made.build.subject),
        "preheader": made.build.restored(made.build.preheader),
        "digest": made.build.digest,
        "bytes": sizes,
        "pictures": [about_picture(asset) for asset in made.build.assets],
    }
    if made.build.others:
        about["variants"] = [
            {"readers": sorted(map(sorted, variant.readers)), "files": sorted(names)}
            for variant, names in zip(made.build.variants, variants, strict=True)
        ]
    pictures = {ASSETS + asset.name: asset.data for asset in made.build.assets}
    files = {**pictures, **mails, "build.json": (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode()}
    return Built(made, library.write_build(name, files), sizes, _largest(made))


def _largest(made: Edition) -> Costs:
    """Return what the blocks cost in the variant with the most HTML, which Gmail would clip first."""
    variant = max(made.build.variants, key=lambda each: len(each.html))
    return costs(made.build, variant, made.issue, made.publication, made.layout, made.album)


def html_file(build: Build, variant: Variant) -> bytes:
    """Return the HTML as a file: its merge fields as they were written, its pictures beside it."""
    return located(build.restored(variant.html), ASSETS).encode()


def about_picture(asset: Asset) -> Mapping[str, object]:
    """Return what there is to know of a picture, without the picture."""
    about = {"file": ASSETS + asset.name, "from": asset.origin, "width": asset.width, "height": asset.height}
    return {**about, "shown": asset.shown, "bytes": len(asset.data)}


def _files(made: Edition, number: int, variant: Variant) -> dict[str, bytes]:
    """Return the files of a variant: email.html for readers without tags, email.2.html for others."""
    stem = "email" if number == 1 else f"email.{number}"
    return {
        f"{stem}.html": html_file(made.build, variant),
        f"{stem}.txt": made.build.restored(variant.text).encode(),
        f"{stem}.eml": sample_message(made, variant),
    }


def sample_message(made: Edition, variant: Variant) -> bytes:
    """Return the message that a sample subscriber of a variant would get, dated noon of the issue's day."""
    base = made.publication.public
    recipient = Recipient(SAMPLE, f"sample-{made.build.digest[:12]}", lambda name: inert_link(base, name))
    return Composer(made.build, made.publication, seen=variant).compose(
        recipient, datetime.combine(made.issue.day, time(12), UTC)
    )

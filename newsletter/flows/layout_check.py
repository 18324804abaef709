"""The check of a layout from template to message: its MJML, and a made-up issue with every kind of block."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from newsletter.core.blocks import KINDS, Block, Finds, Own, ReadOn
from newsletter.core.issue import Issue, parse_issue, slug_of
from newsletter.core.kinds import MJML, SCHEMA, TXT, files_of, is_name
from newsletter.core.layout import HTML, STYLE, TEXT, Layout
from newsletter.core.library import Layouts
from newsletter.core.merge import Tokens
from newsletter.core.mjml import checking
from newsletter.core.picture import Logo, Picture
from newsletter.core.publication import Publication
from newsletter.core.render.album import Album, Original
from newsletter.core.render.fill import Filling
from newsletter.core.render.pipeline import render
from newsletter.core.source import Document, Mark, Problem, read
from newsletter.core.specimen import PICTURES, specimen
from newsletter.errors import InvalidSource
from newsletter.flows.layouts import desk_of

_SPECIMEN = (2, 1, date(2026, 1, 31))  # volume, number and day of the made-up issue
_PICTURE = Picture(src=next(iter(PICTURES)), alt="What it shows")
_FILLED = {
    "url": "https://example.org/elsewhere",
    "day": _SPECIMEN[2],
    "decorative": False,
    "values": None,
    "read_on": ReadOn(label="Read on", url="https://example.org/more"),
}
_READS_KEYS = re.compile(r"\bblock(?:\.(?!kind\b)|\[)")
_NEEDED = {"series"}  # can be absent, but not without something in its place


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a layout found; `missing` are the kinds of block that it cannot show."""

    name: str
    templates: int
    kinds: Sequence[str]
    missing: Sequence[str]
    errors: Sequence[Problem]
    warnings: Sequence[Problem]


def check(shelf: Layouts, given: str | None, environment: Mapping[str, str]) -> Checked:
    """Check a layout, by default the one in use: its MJML, and an issue with every kind of block rendered with it.

    Raises:
        NotFound: there is no such layout.
        InvalidSource: the publication or a schema is wrong, or the layout lacks what every layout has.
    """
    desk = desk_of(shelf, given, environment)
    layout, publication = desk.layout, desk.publication
    source = read(specimen(*_SPECIMEN, layout.own.values()).encode(), "the made-up issue")
    issue = parse_issue(source, slug_of(*_SPECIMEN[:2]), [kind.model for kind in layout.own.values()])
    known = list(dict.fromkeys(block.kind for block in issue.blocks))
    found = checking.check(layout.name, layout.templates)
    errors = [*found.errors, *_halves(layout, desk.files)]
    full, bare = (publication.model_copy(update={"logo": logo}) for logo in (Logo(src=_PICTURE.src), None))
    made = [(each, full if each.byline else bare) for each in _specimens(issue, layout)]
    for each, by in made:
        errors += _problems(Filling(each, by, layout, _tokens(source, layout), _album()))
    if not errors:
        errors += [problem for each, by in made for problem in _rendered(each, source, by, layout)]
    return Checked(
        name=layout.name,
        templates=len(layout.templates),
        kinds=[kind for kind in known if kind in layout.kinds],
        missing=[kind for kind in known if kind not in layout.kinds],
        errors=list(dict.fromkeys(errors)),
        warnings=[*found.warnings, *_unsure(layout, desk.files)],
    )


def _specimens(issue: Issue, layout: Layout) -> Iterator[Issue]:
    """Yield an issue of all that the layout can show, with everything that may be absent, and without it."""
    blocks = [block for block in issue.blocks if block.kind in layout.kinds]
    full = issue.model_copy(update={"blocks": tuple(_full(block) for block in blocks), "byline": "The editor"})
    yield full
    yield full.model_copy(update={"blocks": tuple(_in_columns(block) for block in full.blocks)})
    yield issue.model_copy(update={"blocks": tuple(_bare(block) for block in blocks)})


def _full(block: Block) -> Block:
    if isinstance(block, Own):  # the specimen has these with every key, and without
        return block
    if isinstance(block, Finds):
        items = [item.model_copy(update={"picture": _PICTURE}) for item in block.items]
        block = block.model_copy(update={"items": tuple(items)})
    absent = [name for name in type(block).model_fields if name != "only" and not getattr(block, name)]
    return block.model_copy(update={name: _FILLED.get(name, "A few words.") for name in absent})


def _in_columns(block: Block) -> Block:
    return block.model_copy(update={"style": "columns"}) if isinstance(block, Finds) else block


def _bare(block: Block) -> Block:
    fields = type(block).model_fields.items()
    return block.model_copy(
        update={name: field.default for name, field in fields if not field.is_required() and name not in _NEEDED}
    )


def _tokens(source: Document, layout: Layout) -> Tokens:
    return Tokens(taken=[*source.strings().values(), *layout.templates.values()])


def _album() -> Album:
    return Album({src: Original(data) for src, data in PICTURES.items()})


def _problems(filling: Filling) -> Iterator[Problem]:
    """Yield what Jinja says, of each template that is rendered by itself."""
    for fill, name in ((filling.mjml, HTML), (filling.text, STYLE), (filling.text, TEXT)):
        try:
            fill(name)
        except InvalidSource as err:
            yield from err.problems


def _rendered(issue: Issue, source: Document, publication: Publication, layout: Layout) -> Iterator[Problem]:
    try:
        render(issue, source, publication, layout, _album())
    except InvalidSource as err:
        yield from err.problems


def _halves(layout: Layout, files: Sequence[str]) -> Iterator[Problem]:
    """Yield what kinds of block lack that have a template or a schema."""
    found = set(files_of(files))
    for kind in sorted({kind for kind, _ in found if is_name(kind)}):
        for ending in (MJML, TXT):
            if (kind, ending) not in found:
                said = "a block needs HTML and plain text"
                yield _whole(layout, f"blocks/{kind}{ending}", "is missing", said)


def _unsure(layout: Layout, files: Sequence[str]) -> Iterator[Problem]:
    """Yield files that probably do not do what they are meant to do."""
    for kind, ending in sorted(files_of(files)):
        file = f"blocks/{kind}{ending}"
        if not is_name(kind):
            said = f"{kind!r} cannot be the name of a kind of block"
            yield _whole(layout, file, said, "use small letters, digits, - and _, and begin with a letter")
        elif kind not in KINDS and f"blocks/{kind}{SCHEMA}" not in files:
            said = f"{kind!r} is a kind of its own here, without keys"
            if near := difflib.get_close_matches(kind, KINDS, n=1, cutoff=0.8):
                yield _whole(layout, file, said, f"did you mean {near[0]!r}?")
            elif _READS_KEYS.search(layout.templates[file]):
                yield _whole(layout, file, said, f"write blocks/{kind}{SCHEMA}, which says what keys it has")


def _whole(layout: Layout, file: str, message: str, hint: str) -> Problem:
    return Problem(f"layouts/{layout.name}/{file}", Mark(1, 1), "", message, hint)

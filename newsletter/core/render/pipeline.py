"""The one road from an issue to its build.

1. fill        the layout's templates with the issue       (Jinja2; merge fields become tokens, pictures assets)
2. MJML        the filled layout becomes HTML with tables  (mjml-python)
3. inline      the layout's text styles become attributes  (premailer)
4. join        adjacent Outlook conditionals become one
5. tracking    where clicks are tracked, links say where they stand, and the reader's own are kept out of it
6. text        the same content through the text templates

Where blocks are for some readers only (`core.only`), each variant takes the road for itself.

Every step is a pure function, and none depends on time, place or machine: the same source gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from newsletter.core import bidi
from newsletter.core import layout as parts
from newsletter.core.blocks import Raw
from newsletter.core.build import Build, Variant
from newsletter.core.chart import Chart
from newsletter.core.facts import Readers
from newsletter.core.issue import Issue
from newsletter.core.layout import Layout
from newsletter.core.merge import Tokens, occurrences
from newsletter.core.only import asked, variants
from newsletter.core.publication import Publication
from newsletter.core.render import charts, mjml
from newsletter.core.render.album import Album
from newsletter.core.render.fill import Filling
from newsletter.core.render.pieces import to_html
from newsletter.core.render.tagged import tagged
from newsletter.core.render.untracked import untracked
from newsletter.core.slots import UnsafeSlotError
from newsletter.core.source import Document, Mark, Problem
from newsletter.errors import InvalidSource


def render(
    issue: Issue, source: Document, publication: Publication, layout: Layout, album: Album | None = None
) -> Build:
    """Render an issue; `source` is its file, for the places of problems, and `album` has its pictures.

    Raises:
        InvalidSource: a template or a merge field cannot be rendered, or a picture not be shown.
    """
    album = album or Album()
    parts.check_kinds(layout, issue, source)
    told = [*source.strings().values(), publication.model_dump_json()]
    tokens = Tokens(taken=[*told, *layout.templates.values(), *layout.tokens.values()])
    _check_raw(issue, source, tokens)
    _check_charts(issue, source)
    own, *others = (
        _variant(Filling(cut(issue, places), publication, layout, tokens, album), places, readers)
        for places, readers in variants(issue.blocks).items()
    )
    if album.problems:
        raise InvalidSource(album.problems)
    build = Build(
        issue=issue.slug,
        day=issue.day,
        subject=tokens.replace(issue.subject),
        preheader=tokens.replace(issue.preheader),
        html=own.html,
        text=own.text,
        tokens=tokens,
        others=tuple(others),
        facts=asked(issue.blocks),
        assets=album.assets,
    )
    _check_slots(build, source, f"layouts/{layout.name}/{parts.HTML}")
    return build


def cut(issue: Issue, places: Sequence[int]) -> Issue:
    """Return the issue with the blocks that some readers see."""
    return issue.model_copy(update={"blocks": tuple(issue.blocks[place] for place in places)})


def _variant(filling: Filling, places: Sequence[int], readers: frozenset[Readers]) -> Variant:
    text = _tidy(filling.text(parts.TEXT))
    if filling.publication.direction == "rtl":
        text = bidi.led(text, filling.tokens.pattern)
    html = to_html(filling.mjml(parts.HTML), filling)
    if filling.publication.track.clicks:
        html = untracked(tagged(html, filling, [place + 1 for place in places]), filling.tokens)
    return Variant(html, text, readers)


def _check_raw(issue: Issue, source: Document, tokens: Tokens) -> None:
    """Refuse MJML of the editor's that the engine refuses: by itself, so that the problem is found in the issue.

    What the engine would get wrong without a word has been refused before (`core.mjml.fragment`).
    """
    problems = []
    for index, block in enumerate(issue.blocks):
        if isinstance(block, Raw):
            try:
                mjml.to_html(f"<mjml><mj-body>{tokens.replace(block.mjml)}</mj-body></mjml>", file=source.file)
            except InvalidSource as err:
                path = ("blocks", index, "mjml")
                problems += [source.problem(path, each.message, each.hint) for each in err.problems]
    if problems:
        raise InvalidSource(problems)


def _check_charts(issue: Issue, source: Document) -> None:
    """Refuse words of charts that would come out as boxes."""
    hint = "write it in Latin, Greek, Cyrillic, Hebrew or Arabic letters"
    problems = [
        source.problem(("blocks", index, *path), f"the font of charts has no {lacking!r}", hint)
        for index, block in enumerate(issue.blocks)
        if isinstance(block, Chart)
        for path, words in block.words()
        if (lacking := charts.missing(words))
    ]
    if problems:
        raise InvalidSource(problems)


def _tidy(text: str) -> str:
    """Strip line ends, never leave more than one blank line, and end with one newline.

    A line that starts with `From ` gets a space before it (RFC 3676 4.4), or mailbox files would put `>` there.
    """
    text = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)
    text = re.sub(r"^From ", " From ", text, flags=re.MULTILINE)
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _check_slots(build: Build, source: Document, file: str) -> None:
    """Refuse merge fields that no escaping makes safe; one that the issue does not hold comes from the layout."""
    try:
        for variant in build.variants:
            build.html_template(variant)
            build.text_template(variant)
    except UnsafeSlotError as err:
        hint = "put the merge field into running text, or behind the ? of a full address"
        problems = [
            source.problem(path, str(err), hint, mark=source.locate(path, offset))
            for path, text in source.strings().items()
            for offset in occurrences(text, err.field)
        ]
        raise InvalidSource(problems or [Problem(file, Mark(1, 1), "", str(err), hint)]) from err

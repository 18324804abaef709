"""An issue and its blocks: the typed form of issues/<issue>.yaml, and everything wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import BeforeValidator, Field

from newsletter.core.blocks import Block, Contents
from newsletter.core.fragment import flaws
from newsletter.core.merge import misuses
from newsletter.core.outline import outline
from newsletter.core.render.markdown import CUT, wrong_links
from newsletter.core.source import Document, Problem
from newsletter.core.tree import Path, Value
from newsletter.core.typed import Strict, validated
from newsletter.core.written import Day, Line
from newsletter.errors import InvalidSource

# Keys whose text is CommonMark, as is a chart's caption; every other text is printed as it stands.
MARKDOWN_KEYS = frozenset({"text", "answer", "introduction", "editors_note", "authors_note"})
# Keys that may not hold merge fields: they name things, or leave the email.
PLAIN_KEYS = frozenset({"kind", "date", "end_date", "closing_date", "decorative", "volume", "number", "style"})


def _digits(text: Value) -> Value:
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError(f"{text[:60]!r} is not a whole number; write digits only")
    return text


Count = Annotated[int, BeforeValidator(_digits), Field(ge=1)]


class Issue(Strict):
    """One edition's source."""

    volume: Count
    number: Count
    day: Day = Field(alias="date")
    subject: Line
    preheader: Line
    byline: str = ""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1)]

    @property
    def slug(self) -> str:
        """Return the issue's name in commands, files and the archive."""
        return slug_of(self.volume, self.number)


def slug_of(volume: int, number: int) -> str:
    """Return the name of an issue: `vol-1-issue-6`."""
    return f"vol-{volume}-issue-{number}"


def numbers_of(slug: str) -> tuple[int, int] | None:
    """Return volume and number of an issue's name, or None when it is not one."""
    match = re.fullmatch(r"vol-([1-9]\d{0,3})-issue-([1-9]\d{0,3})", slug)
    return (int(match[1]), int(match[2])) if match else None


def parse_issue(document: Document, slug: str) -> Issue:
    """Return the issue of a file that is named `slug`.

    Raises:
        InvalidSource: with every problem there is, in the order of the file.
    """
    problems = list(_text_problems(document))
    try:
        issue = validated(Issue, document)
        if issue.slug != slug:
            said = f"the file is named {slug}.yaml but holds volume {issue.volume}, number {issue.number}"
            problems.append(document.problem(("number",), said, f"rename it to {issue.slug}.yaml or mend the number"))
        problems.extend(_contents_problems(document, issue))
    except InvalidSource as err:
        problems.extend(err.problems)
    if problems:
        raise InvalidSource(sorted(problems, key=lambda problem: problem.mark))
    return issue


def _text_problems(document: Document) -> Iterator[Problem]:
    for path, text in document.strings().items():
        key = path[-1] if path else ""
        for misuse in () if key in PLAIN_KEYS else misuses(text):
            mark = document.locate(path, misuse.offset)
            yield document.problem(path, misuse.message, misuse.hint, mark=mark)
        if key in MARKDOWN_KEYS or (key == "caption" and _kind(document, path) == "chart"):
            yield from _markdown_problems(document, path, text)
        elif key == "mjml":
            for flaw in flaws(text):
                yield document.problem(path, flaw.message, flaw.hint, mark=document.locate(path, flaw.offset))


def _contents_problems(document: Document, issue: Issue) -> Iterator[Problem]:
    for index, block in enumerate(issue.blocks):
        if isinstance(block, Contents) and not any(each.anchor for each in outline(issue.blocks)[index + 1 :]):
            said = "no piece with a title follows"
            yield document.problem(("blocks", index), said, "move it up or delete it")


def _markdown_problems(document: Document, path: Path, text: str) -> Iterator[Problem]:
    cuts = [match.start() for match in CUT.finditer(text)]
    if cuts and not _has_cut_text(document, path):
        said = "a cut mark stands where nothing is cut"
        yield document.problem(path, said, "only the text of a feature has one", mark=document.locate(path, cuts[0]))
        cuts = []
    for offset in cuts[1:]:
        yield document.problem(path, "a second cut mark", "keep one", mark=document.locate(path, offset))
    for offset in cuts[:1]:
        if not text[:offset].strip():
            said = "nothing stands above the cut mark"
            yield document.problem(path, said, "move it down", mark=document.locate(path, offset))
    for wrong in wrong_links(text):
        mark = document.locate(path, wrong.offset)
        yield document.problem(path, wrong.message, wrong.hint, mark=mark)


def _has_cut_text(document: Document, path: Path) -> bool:
    """Tell whether a path is the text of a feature, which readers get down to its cut mark."""
    return path[-1] == "text" and _kind(document, path) == "feature"


def _kind(document: Document, path: Path) -> str | None:
    """Return the kind of block that a key stands in, if it is one of the block's own."""
    return document.strings().get((*path[:-1], "kind"))

"""An issue and its blocks: the typed form of issues/<issue>.yaml, and everything wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from newsletter.core.merge import misuses
from newsletter.core.publication import WebAddress, Words
from newsletter.core.render.markdown import CUT, wrong_links
from newsletter.core.source import Document, Problem
from newsletter.core.tree import Path, Value
from newsletter.core.typed import Strict, validated
from newsletter.errors import InvalidSource

# Keys whose text is CommonMark; every other text is printed as it stands.
MARKDOWN_KEYS = frozenset({"text", "answer", "introduction", "editors_note", "authors_note"})
# Keys that may not hold merge fields: they name things, or leave the email.
PLAIN_KEYS = frozenset({"kind", "date", "volume", "number"})


def _one_line(text: str) -> str:
    if "\n" in text.strip():
        raise ValueError("must be one line; join the lines")
    return text.strip()


def _written_day(text: Value) -> Value:
    # A bare number would pass as seconds since 1970, and a time of day would be cut off.
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError(f"{text[:60]!r} is not a date; write it like 2025-09-28")
    return text


def _digits(text: Value) -> Value:
    if isinstance(text, str) and not re.fullmatch(r"[0-9]{1,6}", text):
        raise ValueError(f"{text[:60]!r} is not a whole number; write digits only")
    return text


Line = Annotated[Words, AfterValidator(_one_line)]
Day = Annotated[date, BeforeValidator(_written_day)]
Count = Annotated[int, BeforeValidator(_digits), Field(ge=1)]


class ReadOn(Strict):
    """The link to the rest of a piece. Without `url` it leads to this issue in the archive."""

    label: Line
    url: WebAddress | None = None


class Letter(Strict):
    """The editor's letter; the one piece without a department."""

    kind: Literal["letter"]
    text: Words
    signature: str = ""


class Feature(Strict):
    """A long piece. A line `<!-- more -->` in the text is the cut mark: what stands below it is for the archive."""

    kind: Literal["feature"]
    department: Line
    title: Line
    day: Day | None = Field(None, alias="date")
    editors_note: str = ""
    text: Words
    read_on: ReadOn | None = None
    authors_note: str = ""


class Guest(Strict):
    """Who is interviewed."""

    name: Line
    role: str = ""
    organization: str = ""


class Exchange(Strict):
    """One question and its answer."""

    question: Line
    answer: Words


class Interview(Strict):
    """A guest, an introduction, questions and answers."""

    kind: Literal["interview"]
    department: Line
    title: Line
    day: Day | None = Field(None, alias="date")
    guest: Guest
    editors_note: str = ""
    introduction: str = ""
    questions: Annotated[tuple[Exchange, ...], Field(min_length=1)]
    read_on: ReadOn | None = None
    authors_note: str = ""


class Find(Strict):
    """One dated item of a digest."""

    title: Line
    url: WebAddress
    day: Day = Field(alias="date")
    text: Words


class Finds(Strict):
    """A digest of dated items."""

    kind: Literal["finds"]
    department: Line
    items: Annotated[tuple[Find, ...], Field(min_length=1)]


class Note(Strict):
    """A short word to the readers, set apart from the pieces around it."""

    kind: Literal["note"]
    title: str = ""
    text: Words


class Share(Strict):
    """The closing call to pass the issue on. Without `url` it leads to this issue in the archive."""

    kind: Literal["share"]
    title: str = ""
    text: Words
    label: Line
    url: WebAddress | None = None


Block = Annotated[Letter | Feature | Interview | Finds | Note | Share, Field(discriminator="kind")]


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
        if key in MARKDOWN_KEYS:
            yield from _markdown_problems(document, path, text)


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
    return path[-1] == "text" and document.strings().get((*path[:-1], "kind")) == "feature"

"""An issue and its blocks: the typed form of issues/<issue>.yaml, and everything wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache, partial
from typing import Annotated, Literal, Self, Union

from pydantic import BaseModel, Field, PrivateAttr, create_model

from newsletter.core.audience.lexing import FlawedExpression
from newsletter.core.audience.named import asked as read_expression
from newsletter.core.audience.terms import Expression
from newsletter.core.blocks import MODELS, Block, Contents, Own
from newsletter.core.facts import label, words_in
from newsletter.core.forms import Form, texts
from newsletter.core.merge import misuses
from newsletter.core.mjml.fragment import flaws
from newsletter.core.only import MOST_FACTS, asked, variants
from newsletter.core.outline import outline
from newsletter.core.picture import Picture
from newsletter.core.render.markdown import CUT, wrong_links
from newsletter.core.source import Document, Problem
from newsletter.core.tree import Path
from newsletter.core.typed import Strict, validated
from newsletter.core.written import Day, Line, OptionalLine, digits
from newsletter.errors import InvalidSource

NO_NAMES: Mapping[str, Expression] = {}

Count = Annotated[int, digits(6), Field(ge=1)]


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

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the links that stand at its end."""
        return ("unsubscribe", "preferences", "view")

    @property
    def reason(self) -> str:
        """Return why the reader gets it, in place of what the layout says; empty: that."""
        return ""

    def pictures(self) -> Iterator[tuple[Path, Picture]]:
        """Yield the pictures of all blocks and where they stand in the issue."""
        yield from _pictures(self.blocks, ("blocks",))


class Greeting(Issue):
    """A mail that the public doors send by themselves: no edition, so it has neither numbers nor a date.

    `why` is said at its end in place of the layout's words, and `links` stand there.
    """

    volume: Literal[0] = 0
    number: Literal[0] = 0
    day: Day = Field(date(2000, 1, 1), alias="date")
    why: OptionalLine = ""
    links: tuple[Literal["unsubscribe", "preferences"], ...] = ("unsubscribe", "preferences")
    _slug: str = PrivateAttr("")

    @property
    def slug(self) -> str:
        """Return the name of its file."""
        return self._slug

    @property
    def ways(self) -> tuple[str, ...]:
        """Return the links that stand at its end."""
        return self.links

    @property
    def reason(self) -> str:
        """Return why the reader gets it, in place of what the layout says; empty: that."""
        return self.why

    def named(self, slug: str) -> Self:
        """Return it with a name."""
        named = self.model_copy()
        named._slug = slug  # noqa: SLF001 - its own
        return named


def _pictures(value: object, path: Path) -> Iterator[tuple[Path, Picture]]:
    if isinstance(value, Picture):
        yield path, value
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _pictures(item, (*path, index))
    elif isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _pictures(getattr(value, name), (*path, field.alias or name))


def slug_of(volume: int, number: int) -> str:
    """Return the name of an issue: `vol-1-issue-6`."""
    return f"vol-{volume}-issue-{number}"


def numbers_of(slug: str) -> tuple[int, int] | None:
    """Return volume and number of an issue's name, or None when it is not one."""
    match = re.fullmatch(r"vol-([1-9]\d{0,3})-issue-([1-9]\d{0,3})", slug)
    return (int(match[1]), int(match[2])) if match else None


def parse_issue(
    document: Document, slug: str, own: Iterable[type[Own]] = (), audiences: Mapping[str, Expression] = NO_NAMES
) -> Issue:
    """Return the issue of a file that is named `slug`.

    `own` are the kinds of block that its layout adds, `audiences` are those that publication.yaml names.

    A file that is not named like an issue and has neither numbers nor a date is a greeting.

    Raises:
        InvalidSource: with every problem there is, in the order of the file.
    """
    model = _with_kinds(tuple(own), Greeting if _greets(document, slug) else Issue)
    flawed = list(_only_problems(document, audiences))
    told = {each.path for each in flawed}
    problems = [*_text_problems(model, document), *flawed]
    try:
        issue = validated(model, document, audiences)
        if isinstance(issue, Greeting):
            issue = issue.named(slug)
        if issue.slug != slug:
            said = f"the file is named {slug}.yaml but holds volume {issue.volume}, number {issue.number}"
            problems.append(document.problem(("number",), said, f"rename it to {issue.slug}.yaml or mend the number"))
        problems.extend(_variant_problems(document, issue))
    except InvalidSource as err:
        problems.extend(each for each in err.problems if each.path not in told)
    if problems:
        raise InvalidSource(sorted(problems, key=lambda problem: problem.mark))
    return issue


def _greets(document: Document, slug: str) -> bool:
    data = document.data if isinstance(document.data, dict) else {}
    return numbers_of(slug) is None and bool(data) and not {"volume", "number", "date"} & data.keys()


@lru_cache(maxsize=8)  # a preview reads an issue at every save
def _with_kinds(own: tuple[type[Own], ...], base: type[Issue]) -> type[Issue]:
    """Return the model of issues or greetings that may have these kinds of block too."""
    if not own:
        return base
    block = Annotated[Union[(*MODELS, *own)], Field(discriminator="kind")]  # type: ignore[valid-type]  # made here
    return create_model(base.__name__, __base__=base, blocks=(Annotated[tuple[block, ...], Field(min_length=1)], ...))


def _text_problems(model: type[Issue], document: Document) -> Iterator[Problem]:
    for path, text, form in texts(model, document.data):
        for misuse in () if form is Form.NONE else misuses(text):
            mark = document.locate(path, misuse.offset)
            yield document.problem(path, misuse.message, misuse.hint, mark=mark)
        if form is Form.MARKDOWN:
            yield from _markdown_problems(document, path, text)
        elif form is Form.MJML:
            locate = partial(document.locate, path)
            for flaw in flaws(text):
                yield document.problem(path, flaw.said(locate), flaw.hint, mark=locate(flaw.at))


def _only_problems(document: Document, audiences: Mapping[str, Expression]) -> Iterator[Problem]:
    """Yield what is wrong with the expressions of blocks, at the very character."""
    for path, text in document.strings().items():
        if len(path) == 3 and (path[0], path[2]) == ("blocks", "only"):
            try:
                read_expression(text, audiences)
            except FlawedExpression as flaw:
                yield document.problem(path, flaw.message, flaw.hint, mark=document.locate(path, flaw.at))


def _variant_problems(document: Document, issue: Issue) -> Iterator[Problem]:
    """Yield what is wrong with what some readers see, once for all of them."""
    facts = dict.fromkeys(fact for block in issue.blocks if block.only for fact in sorted(block.only.facts))
    if len(facts) > MOST_FACTS:
        last = next(place for place, block in enumerate(issue.blocks) if asked(issue.blocks[: place + 1]) == set(facts))
        what = "facts about readers" if any(map(words_in, facts)) else "tags"
        said = f"the issue asks for {len(facts)} {what}, at most {MOST_FACTS} are possible"
        yield document.problem(
            ("blocks", last, "only"), said, f"every combination is checked; drop one of {', '.join(facts)}"
        )
        return
    alone = set()
    for places, readers in variants(issue.blocks).items():
        if not places:
            said = f"readers get an empty issue: {label(readers, asked(issue.blocks))}"
            yield document.problem(("blocks",), said, "keep at least one block for them")
        seen = [issue.blocks[place] for place in places]
        headings = outline(seen)
        alone |= {
            places[at]
            for at, block in enumerate(seen)
            if isinstance(block, Contents) and not any(each.anchor for each in headings[at + 1 :])
        }
    for place in sorted(alone):
        said = "no piece with a title follows" + (", at least for some readers" if facts else "")
        yield document.problem(("blocks", place), said, "move it up or delete it")


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

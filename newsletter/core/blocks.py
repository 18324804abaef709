"""The kinds of block, each with the keys that it may have; layouts/v2g/README.md says the same to editors."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from newsletter.core.chart import Chart
from newsletter.core.merge import is_link
from newsletter.core.only import Conditional
from newsletter.core.picture import Picture
from newsletter.core.table import Table
from newsletter.core.typed import Strict, kind_of
from newsletter.core.web_address import WebAddress, web_address
from newsletter.core.written import Day, Line, Markdown, Mjml, OptionalLine, OptionalMarkdown, Truth, sized


def _leading_somewhere(url: str) -> str:
    return url.strip() if is_link(url.strip()) else web_address(url)


class ReadOn(Strict):
    """The link to the rest of a piece. Without `url` it leads to this issue in the archive."""

    label: Line
    url: WebAddress | None = None


class Letter(Conditional):
    """The editor's letter; the one piece without a department."""

    kind: Literal["letter"]
    text: Markdown
    signature: str = ""


class Feature(Conditional):
    """A long piece. A line `<!-- more -->` in the text is the cut mark: what stands below it is for the archive."""

    kind: Literal["feature"]
    department: Line
    title: Line
    day: Day | None = Field(None, alias="date")
    editors_note: OptionalMarkdown = ""
    text: Markdown
    read_on: ReadOn | None = None
    authors_note: OptionalMarkdown = ""


class Guest(Strict):
    """Who is interviewed."""

    name: Line
    role: str = ""
    organization: str = ""


class Exchange(Strict):
    """One question and its answer."""

    question: Line
    answer: Markdown


class Interview(Conditional):
    """A guest, an introduction, questions and answers."""

    kind: Literal["interview"]
    department: Line
    title: Line
    day: Day | None = Field(None, alias="date")
    guest: Guest
    editors_note: OptionalMarkdown = ""
    introduction: OptionalMarkdown = ""
    questions: Annotated[tuple[Exchange, ...], Field(min_length=1)]
    read_on: ReadOn | None = None
    authors_note: OptionalMarkdown = ""


class Find(Strict):
    """One dated item of a digest."""

    title: Line
    url: WebAddress
    day: Day = Field(alias="date")
    picture: Picture | None = None
    text: Markdown


class Finds(Conditional):
    """A digest of dated items: a list, its pictures beside the words, or two columns, its pictures above them."""

    kind: Literal["finds"]
    department: Line
    style: Literal["list", "columns"] = "list"
    items: Annotated[tuple[Find, ...], Field(min_length=1)]


class Note(Conditional):
    """A short word to the readers, set apart from the pieces around it."""

    kind: Literal["note"]
    title: str = ""
    text: Markdown


class Share(Conditional):
    """The closing call to pass the issue on. Without `url` it leads to this issue in the archive."""

    kind: Literal["share"]
    title: str = ""
    text: Markdown
    label: Line
    url: WebAddress | None = None


class Quote(Conditional):
    """A pull quote. With `url`, the name leads to its source."""

    kind: Literal["quote"]
    text: Markdown
    by: Line
    role: OptionalLine = ""
    url: WebAddress | None = None


class Figure(Picture, Conditional):
    """A picture of the width of the text. With `url`, it leads there."""

    kind: Literal["figure"]
    caption: OptionalMarkdown = ""
    credit: OptionalLine = ""
    url: WebAddress | None = None

    @field_validator("url")
    @classmethod
    def _a_link_has_words(cls, url: str | None, others: ValidationInfo) -> str | None:
        if url and others.data.get("decorative"):
            raise ValueError("would be a link without words; say in `alt` where it leads, instead of `decorative`")
        return url


class KeyNumber(Strict):
    """A number, what it counts, and what there is to know about it."""

    value: Line
    label: Line
    note: OptionalLine = ""


class Numbers(Conditional):
    """Key numbers, side by side where there is room."""

    kind: Literal["numbers"]
    title: OptionalLine = ""
    items: Annotated[tuple[KeyNumber, ...], sized(2, 4, what="number")]


class Event(Strict):
    """Something that takes place on a day, or from a day to another."""

    title: Line
    url: WebAddress
    day: Day = Field(alias="date")
    end: Day | None = Field(None, alias="end_date")
    place: Line
    text: OptionalMarkdown = ""

    @field_validator("end")
    @classmethod
    def _not_before_it_begins(cls, end: date | None, others: ValidationInfo) -> date | None:
        begin = others.data.get("day")
        if end and begin and end < begin:
            raise ValueError(f"{end} is before {begin}, the day on which it begins; swap or mend the dates")
        return end


class Events(Conditional):
    """A list of events, in the order in which they are written."""

    kind: Literal["events"]
    department: Line
    items: Annotated[tuple[Event, ...], Field(min_length=1)]


class Job(Strict):
    """A position that is open."""

    title: Line
    organization: Line
    place: Line
    url: WebAddress
    closes: Day | None = Field(None, alias="closing_date")


class Jobs(Conditional):
    """A list of open positions."""

    kind: Literal["jobs"]
    department: Line
    items: Annotated[tuple[Job, ...], Field(min_length=1)]


class Sponsor(Conditional):
    """A paid word; layouts always say that it is one."""

    kind: Literal["sponsor"]
    name: Line
    text: Markdown
    label: Line
    url: WebAddress


class Answer(Strict):
    """One answer of a poll: a link that counts by being followed."""

    label: Line
    url: WebAddress


class Poll(Conditional):
    """A question that readers answer with one click."""

    kind: Literal["poll"]
    question: Line
    answers: Annotated[tuple[Answer, ...], sized(2, 6, what="answer")]


class Contents(Conditional):
    """The titles of the pieces that follow. Without `title` it has the layout's own."""

    kind: Literal["contents"]
    title: OptionalLine = ""


class Button(Conditional):
    """A link set apart."""

    kind: Literal["button"]
    label: Line
    url: Annotated[str, AfterValidator(_leading_somewhere)]


class Divider(Conditional):
    """A pause between blocks."""

    kind: Literal["divider"]
    label: OptionalLine = ""


class Raw(Conditional):
    """MJML as it stands, and what readers of the plain text get in its place (`core.mjml.fragment` checks the MJML)."""

    kind: Literal["raw"]
    mjml: Mjml
    decorative: Truth = False
    text: OptionalMarkdown = Field("", validate_default=True)

    @field_validator("text")
    @classmethod
    def _says_the_same(cls, text: str, others: ValidationInfo) -> str:
        decorative = others.data.get("decorative")
        if decorative is False and not text.strip():
            raise ValueError("is missing; say the same in words, or write `decorative: true`")
        if decorative and text.strip():
            raise ValueError("stands beside `decorative: true`; keep one of them")
        return text


class Own(Conditional):
    """A block of a kind that the layout adds; the model of each is made of its schema (`core.kinds`)."""

    kind: str


BuiltIn = Annotated[
    Letter
    | Feature
    | Interview
    | Finds
    | Note
    | Share
    | Quote
    | Figure
    | Numbers
    | Events
    | Jobs
    | Sponsor
    | Poll
    | Table
    | Chart
    | Contents
    | Button
    | Divider
    | Raw,
    Field(discriminator="kind"),
]

if TYPE_CHECKING:
    Block = BuiltIn | Own
else:  # the models of a layout's own kinds join the union where an issue is read (`core.issue`)
    Block = BuiltIn

MODELS = get_args(get_args(BuiltIn)[0])
KINDS = frozenset(filter(None, map(kind_of, MODELS)))

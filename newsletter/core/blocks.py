"""The kinds of block, each with the keys that it may have; layouts/v2g/README.md says the same to editors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from newsletter.core.chart import Chart
from newsletter.core.publication import WebAddress
from newsletter.core.table import Table
from newsletter.core.typed import Strict
from newsletter.core.written import Day, Line, OptionalLine, Text, Truth, sized


class ReadOn(Strict):
    """The link to the rest of a piece. Without `url` it leads to this issue in the archive."""

    label: Line
    url: WebAddress | None = None


class Letter(Strict):
    """The editor's letter; the one piece without a department."""

    kind: Literal["letter"]
    text: Text
    signature: str = ""


class Feature(Strict):
    """A long piece. A line `<!-- more -->` in the text is the cut mark: what stands below it is for the archive."""

    kind: Literal["feature"]
    department: Line
    title: Line
    day: Day | None = Field(None, alias="date")
    editors_note: str = ""
    text: Text
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
    answer: Text


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
    text: Text


class Finds(Strict):
    """A digest of dated items."""

    kind: Literal["finds"]
    department: Line
    items: Annotated[tuple[Find, ...], Field(min_length=1)]


class Note(Strict):
    """A short word to the readers, set apart from the pieces around it."""

    kind: Literal["note"]
    title: str = ""
    text: Text


class Share(Strict):
    """The closing call to pass the issue on. Without `url` it leads to this issue in the archive."""

    kind: Literal["share"]
    title: str = ""
    text: Text
    label: Line
    url: WebAddress | None = None


class Quote(Strict):
    """A pull quote. With `url`, the name leads to its source."""

    kind: Literal["quote"]
    text: Text
    by: Line
    role: OptionalLine = ""
    url: WebAddress | None = None


class Figure(Strict):
    """A number, what it counts, and what there is to know about it."""

    value: Line
    label: Line
    note: OptionalLine = ""


class Numbers(Strict):
    """Key numbers, side by side where there is room."""

    kind: Literal["numbers"]
    title: OptionalLine = ""
    items: Annotated[tuple[Figure, ...], sized(2, 4, what="number")]


class Event(Strict):
    """Something that takes place on a day, or from a day to another."""

    title: Line
    url: WebAddress
    day: Day = Field(alias="date")
    end: Day | None = Field(None, alias="end_date")
    place: Line
    text: str = ""

    @field_validator("end")
    @classmethod
    def _not_before_it_begins(cls, end: date | None, others: ValidationInfo) -> date | None:
        begin = others.data.get("day")
        if end and begin and end < begin:
            raise ValueError(f"{end} is before {begin}, the day on which it begins; swap or mend the dates")
        return end


class Events(Strict):
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


class Jobs(Strict):
    """A list of open positions."""

    kind: Literal["jobs"]
    department: Line
    items: Annotated[tuple[Job, ...], Field(min_length=1)]


class Sponsor(Strict):
    """A paid word; layouts always say that it is one."""

    kind: Literal["sponsor"]
    name: Line
    text: Text
    label: Line
    url: WebAddress


class Answer(Strict):
    """One answer of a poll: a link that counts by being followed."""

    label: Line
    url: WebAddress


class Poll(Strict):
    """A question that readers answer with one click."""

    kind: Literal["poll"]
    question: Line
    answers: Annotated[tuple[Answer, ...], sized(2, 6, what="answer")]


class Contents(Strict):
    """The titles of the pieces that follow."""

    kind: Literal["contents"]
    title: Line = "In this issue"


class Button(Strict):
    """A link set apart."""

    kind: Literal["button"]
    label: Line
    url: WebAddress


class Divider(Strict):
    """A pause between blocks."""

    kind: Literal["divider"]
    label: OptionalLine = ""


class Raw(Strict):
    """MJML as it stands, and what readers of the plain text get in its place (`core.fragment` checks the MJML)."""

    kind: Literal["raw"]
    mjml: Text
    decorative: Truth = False
    text: str = Field("", validate_default=True)

    @field_validator("text")
    @classmethod
    def _says_the_same(cls, text: str, others: ValidationInfo) -> str:
        decorative = others.data.get("decorative")
        if decorative is False and not text.strip():
            raise ValueError("is missing; say the same in words, or write `decorative: true`")
        if decorative and text.strip():
            raise ValueError("stands beside `decorative: true`; keep one of them")
        return text


Block = Annotated[
    Letter
    | Feature
    | Interview
    | Finds
    | Note
    | Share
    | Quote
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

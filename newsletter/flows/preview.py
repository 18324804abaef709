"""Preview an issue: what the studio shows for it, either the issue for a sample reader or everything wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.core.assets import Asset
from newsletter.core.library import Library
from newsletter.core.links import inert_link
from newsletter.core.merge import Context, Field
from newsletter.core.slots import plain_template
from newsletter.core.source import Problem
from newsletter.errors import InvalidSource, NewsletterError
from newsletter.flows.build import SAMPLE, Edition, edition, html_file


@dataclass(frozen=True, slots=True)
class Version:
    """What some readers get, and who they are. `size` is in bytes, of the HTML that `newsletter build` writes."""

    readers: str
    html: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue as the sample reader gets it, in each of its variants; the HTML refers to the pictures."""

    issue: str
    language: str
    sender: str
    date: str
    subject: str
    preheader: str
    digest: str
    versions: tuple[Version, ...]
    pictures: tuple[Asset, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem, and the line of the file that it stands in; empty where there is no such line."""

    problem: Problem
    line: str = ""


@dataclass(frozen=True, slots=True)
class Broken:
    """Why an issue cannot be shown, and what to do."""

    message: str
    hint: str
    faults: tuple[Fault, ...] = ()


Sight = Shown | Broken


def look(library: Library, given: str | None, environment: Mapping[str, str]) -> Sight:
    """Return what there is to see of an issue, by default the newest; expected errors are part of the answer."""
    try:
        made = edition(library, library.issue_name(given), environment)
    except InvalidSource as err:
        hint = "save the file once it is mended; this page follows by itself"
        return Broken(err.message, hint, _faults(library, err.problems))
    except NewsletterError as err:
        return Broken(err.message, err.hint)
    return _shown(made)


def _shown(made: Edition) -> Shown:
    publication, build = made.publication, made.build

    def value(field: Field) -> str:
        return field.value(SAMPLE, lambda name: inert_link(publication.public, name))

    preheader = plain_template(build.preheader, build.tokens.pattern, build.tokens.fields, Context.TEXT)
    return Shown(
        issue=build.issue,
        language=publication.language,
        sender=publication.sender.name,
        date=publication.print_date(build.day),
        subject=build.subject_template().fill(value),
        preheader=preheader.fill(value),
        digest=build.digest,
        versions=tuple(
            Version(
                readers=build.readers(variant),
                html=build.html_template(variant).fill(value),
                text=build.text_template(variant).fill(value),
                size=len(html_file(build, variant)),
            )
            for variant in build.variants
        ),
        pictures=build.assets,
    )


def _faults(library: Library, problems: Sequence[Problem]) -> tuple[Fault, ...]:
    texts = {file: _text(library, file).split("\n") for file in {problem.file for problem in problems}}

    def line(problem: Problem) -> str:
        lines, at = texts[problem.file], problem.mark.line - 1
        return lines[at].rstrip("\r") if at < len(lines) else ""

    return tuple(Fault(problem, line(problem)) for problem in problems)


def _text(library: Library, file: str) -> str:
    """Return the text of a file that a problem names, as well as it can be read; none for what is no file."""
    folder, _, rest = file.partition("/")
    try:
        match folder:
            case "publication.yaml":
                return _decoded(library.publication())
            case "issues":
                return _decoded(library.issue(rest.removesuffix(".yaml"))[1])
            case "layouts":
                layout, _, template = rest.partition("/")
                templates, tokens = library.layout(layout)
                return templates.get(template) or _decoded(tokens)
            case _:  # the environment
                return ""
    except NewsletterError:  # gone since it was found broken
        return ""


def _decoded(data: bytes) -> str:
    return data.decode("utf-8-sig", "replace")

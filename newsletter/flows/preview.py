"""Preview an issue: what the studio shows for it, either the issue for a sample reader or everything wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsletter.core.links import inert_link
from newsletter.core.merge import Context, Field
from newsletter.core.ports import Library
from newsletter.core.slots import plain_template
from newsletter.core.source import Problem
from newsletter.errors import InvalidSource, NewsletterError
from newsletter.flows.build import SAMPLE, Edition, edition


@dataclass(frozen=True, slots=True)
class Shown:
    """An issue as the sample reader gets it. `size` is in bytes, of the HTML that `newsletter build` writes."""

    issue: str
    language: str
    sender: str
    date: str
    subject: str
    preheader: str
    html: str
    text: str
    size: int
    digest: str


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
    remembering = _Remembering(library)
    try:
        made = edition(remembering, library.issue_name(given), environment)
    except InvalidSource as err:
        faults = tuple(Fault(problem, remembering.line(problem)) for problem in err.problems)
        return Broken(err.message, "save the file once it is mended; this page follows by itself", faults)
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
        html=build.html_template().fill(value),
        text=build.text_template().fill(value),
        size=len(build.restored(build.html).encode()),
        digest=build.digest,
    )


class _Remembering:
    """A library that remembers what was read from it, for the lines that problems stand in."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._read: dict[str, str] = {}

    def line(self, problem: Problem) -> str:
        """Return the line of a problem."""
        lines = self._read.get(problem.file, "").split("\n")
        at = problem.mark.line - 1
        return lines[at].rstrip("\r") if at < len(lines) else ""

    def publication(self) -> bytes:
        """Read through."""
        return self._keep("publication.yaml", self._library.publication())

    def issue_name(self, given: str | None) -> str:
        """Ask through."""
        return self._library.issue_name(given)

    def issue(self, name: str) -> tuple[str, bytes]:
        """Read through."""
        file, data = self._library.issue(name)
        return file, self._keep(file, data)

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        """Read through."""
        templates, tokens = self._library.layout(name)
        self._read.update({f"layouts/{name}/{template}": text for template, text in templates.items()})
        return templates, self._keep(f"layouts/{name}/tokens.yaml", tokens)

    def write_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        """Write through."""
        return self._library.write_build(name, files)

    def _keep(self, file: str, data: bytes) -> bytes:
        self._read[file] = data.decode("utf-8-sig", "replace")
        return data

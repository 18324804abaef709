"""The ports to a publication's files: what is built, what is begun, and which layouts there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from newsletter.core.build import Build


class Library(Protocol):
    """What an issue is built from, and where its build goes."""

    def publication(self) -> bytes:
        """Return the bytes of publication.yaml."""
        ...

    def issue_name(self, given: str | None) -> str:
        """Return the issue that the editor means: by name, by file, or the newest.

        Raises:
            NotFound: there is no such issue.
        """
        ...

    def issue(self, name: str) -> tuple[str, bytes]:
        """Return an issue's file name and bytes."""
        ...

    def picture(self, src: str) -> bytes:
        """Return the bytes of a picture in issues/.

        Raises:
            BadInput: there is no such file there, or none that can be a picture.
        """
        ...

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        """Return a layout's templates and schemas by name, and the bytes of its tokens.yaml."""
        ...

    def write_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        """Write the files of a build, each atomically, and take earlier pictures away; return their folder."""
        ...


class Receipts(Protocol):
    """Where the receipts of mailings go."""

    def write_beside_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        """Write files into the folder of a build, each atomically, and leave all others there; return the folder."""
        ...


class Kept(Protocol):
    """The builds of mailings, as they were sent."""

    def put(self, mailing_uid: str, build: Build) -> None:
        """Keep the build of a mailing; one that is kept already stays as it is.

        Raises:
            EdgeError: the disk did not take it; nothing is left behind.
        """
        ...

    def get(self, mailing_uid: str) -> Build | None:
        """Return the build of a mailing, if it is kept here."""
        ...


class Drafts(Protocol):
    """The issues there are, and a place for a new one."""

    def issues(self) -> Sequence[str]:
        """Return the names of all issues, oldest first."""
        ...

    def write_issue(self, name: str, data: bytes) -> Path:
        """Write a new issue's file and return it."""
        ...


@dataclass(frozen=True, slots=True)
class Shelved:
    """A layout's name and folder, and whether it came with the tool or is the project's own."""

    name: str
    folder: Path
    shipped: bool


class Layouts(Protocol):
    """The layouts that a publication may use."""

    def publication(self) -> bytes:
        """Return the bytes of publication.yaml."""
        ...

    def layouts(self) -> Sequence[Shelved]:
        """Return all of them by name; one of the project's own stands before a shipped one of its name."""
        ...

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        """Return a layout's templates and schemas by name, and the bytes of its tokens.yaml.

        Raises:
            NotFound: there is no such layout.
        """
        ...

    def copy_layout(self, source: str, name: str) -> Path:
        """Copy a layout into the project, all of it or nothing, and return its folder.

        Raises:
            NotFound: there is no layout to copy.
            BadInput: the project has a layout of the new name already.
        """
        ...

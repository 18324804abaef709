"""The cases, and what each gives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from newsletter.edges.files import Project
from newsletter.flows.build import Edition, build, edition

ROOT = Path(__file__).parents[2]
COMPARED = "email.*"  # of every variant; build.json follows from these


@dataclass(frozen=True)
class Shelf:
    """A library with the one issue of a case; what is written stays in memory."""

    folder: Path
    written: dict[str, bytes] = field(default_factory=dict)

    def publication(self) -> bytes:
        own = self.folder / "publication.yaml"
        return (own if own.exists() else ROOT / "publication.yaml").read_bytes()

    def issue_name(self, given: str | None) -> str:
        named = self.folder / "from.txt"
        if named.exists():
            return named.read_text(encoding="utf-8").strip()
        text = (self.folder / "issue.yaml").read_text(encoding="utf-8")
        numbers = dict(re.findall(r"(?m)^(volume|number): (\d+)$", text))
        return given or f"vol-{numbers['volume']}-issue-{numbers['number']}"

    def issue(self, name: str) -> tuple[str, bytes]:
        own = self.folder / "issue.yaml"
        file = own if own.exists() else ROOT / "issues" / f"{name}.yaml"
        return str(file.relative_to(ROOT)), file.read_bytes()

    def picture(self, src: str) -> bytes:
        return (ROOT / "tests" / "pictures" / src).read_bytes()

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        files, tokens = Project(ROOT).layout(name)
        own = self.folder / "layout"
        more = {str(path.relative_to(own)): path.read_text(encoding="utf-8") for path in sorted(own.rglob("*.*"))}
        return {**files, **more}, tokens

    def write_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        self.written.update(files)
        return self.folder / name


def cases() -> list[Path]:
    """Return the folders of all cases."""
    return sorted(path for path in Path(__file__).parent.iterdir() if path.is_dir() and path.name[0] not in "_.")


def files_of(folder: Path) -> dict[str, bytes]:
    """Return what the sources of a case give."""
    shelf = Shelf(folder)
    build(shelf, None, {})
    # The message of a letter as long as `pairs` adds nothing but length.
    unwanted = ".eml" if folder.name == "pairs" else "nothing"
    files = {name: data for name, data in shelf.written.items() if PurePath(name).match(COMPARED)}
    return {name: data for name, data in files.items() if not name.endswith(unwanted)}


def edition_of(folder: Path) -> Edition:
    """Return what the sources of a case are read and rendered as."""
    shelf = Shelf(folder)
    return edition(shelf, shelf.issue_name(None), {})

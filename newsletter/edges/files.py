"""The project's files: publication, issues, layouts in; builds out, each file replaced atomically."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from newsletter.core.issue import numbers_of
from newsletter.core.library import Shelved
from newsletter.errors import BadInput, EdgeError, NotFound

PUBLICATION = "publication.yaml"
STATE = ".newsletter"
MAX_PICTURE = 40_000_000  # bytes; what cameras write is smaller
_OF_A_LAYOUT = frozenset({".j2", ".yaml", ".md"})  # pictures of a layout show the publication it was made for
# In a wheel the layouts lie inside the package, in a checkout beside it.
_SHIPPED = [Path(__file__).parents[1] / "layouts", Path(__file__).parents[2] / "layouts"]


class Project:
    """A folder with a publication.yaml, and everything that belongs to it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def around(cls, start: Path) -> Project:
        """Return the project that a folder belongs to: the nearest publication.yaml from there upward.

        Raises:
            NotFound: there is none.
        """
        start = start.absolute()
        for folder in (start, *start.parents):
            if (folder / PUBLICATION).is_file():
                return cls(folder)
        hint = "go to your publication's folder, name it with --project, or write a publication.yaml (see README.md)"
        raise NotFound(f"no {PUBLICATION} in {start} or above it", hint=hint)

    @property
    def state(self) -> Path:
        """Return the folder for what the tool keeps: database, outbox, logs."""
        return self.root / STATE

    def publication(self) -> bytes:
        """Return the bytes of publication.yaml."""
        return self._read(self.root / PUBLICATION)

    def issues(self) -> Sequence[str]:
        """Return the names of all issues, oldest first."""
        found = [path.stem for path in (self.root / "issues").glob("*.yaml") if path.is_file()]
        return sorted(found, key=_age)

    def issue_name(self, given: str | None) -> str:
        """Return the name of the issue that the editor means: by name, by file, or the newest.

        Raises:
            NotFound: there is no such issue.
        """
        known = self.issues()
        if not known:
            raise NotFound(f"no issues in {self.root / 'issues'}", hint="begin one: newsletter new")
        if given is None:
            return known[-1]
        name = Path(given).stem if given.endswith((".yaml", ".yml")) else given
        if name not in known:
            from newsletter.core.typed import did_you_mean  # noqa: PLC0415 - only for the message

            raise NotFound(f"there is no issue {name!r}", hint=did_you_mean(name, known))
        return name

    def issue(self, name: str) -> tuple[str, bytes]:
        """Return an issue's file as the editor would name it, and its bytes."""
        path = self.root / "issues" / f"{name}.yaml"
        return f"issues/{name}.yaml", self._read(path)

    def picture(self, src: str) -> bytes:
        """Return the bytes of a picture in issues/.

        Raises:
            NotFound: there is no such file.
            BadInput: it is no file, lies elsewhere in truth, or is too large.
        """
        folder, shown = self.root / "issues", f"issues/{src}"
        try:
            path = (folder / src).resolve(strict=True)
            size = path.stat().st_size
        except (OSError, RuntimeError) as err:  # the latter for links that lead in a circle
            raise NotFound(f"there is no {shown}", hint=self._near(src)) from err
        if not path.is_relative_to(folder.resolve()):
            raise BadInput(f"{shown} is a link that leads out of issues/", hint="put a copy of the picture there")
        if not path.is_file():
            raise BadInput(f"{shown} is no file", hint="name a picture in it" if path.is_dir() else "name a picture")
        if size > MAX_PICTURE:
            said = f"{shown} weighs {size / 1e6:.0f} MB, more than {MAX_PICTURE / 1e6:.0f}"
            raise BadInput(said, hint="save it smaller")
        return self._read(path)

    def _near(self, src: str) -> str:
        """Return what to do about a picture that is not there: the likeliest of its folder, or of all."""
        from newsletter.core.typed import did_you_mean  # noqa: PLC0415 - only for the message

        folder = self.root / "issues"
        names = [str(each.relative_to(folder)) for each in folder.rglob("*.*") if each.suffix != ".yaml"]
        beside = [name for name in names if Path(name).parent == Path(src).parent]
        return did_you_mean(src, beside or names) if names else "put the picture there"

    def write_issue(self, name: str, data: bytes) -> Path:
        """Write an issue's file and return it."""
        path = self.root / "issues" / f"{name}.yaml"
        write_atomically(path, data)
        return path

    def layout(self, name: str) -> tuple[Mapping[str, str], bytes]:
        """Return a layout's templates and schemas by name, and its tokens; the project's own layouts come first.

        Raises:
            NotFound: neither the project nor the tool has it.
        """
        folder = self._layout_folder(name)
        files = sorted([*folder.rglob("*.j2"), *folder.glob("blocks/*.schema.yaml")])
        return {str(path.relative_to(folder)): self._text(path) for path in files}, self._read(folder / "tokens.yaml")

    def layouts(self) -> Sequence[Shelved]:
        """Return all layouts by name; one of the project's own stands before a shipped one of its name."""
        own, found = self.root / "layouts", dict[str, Shelved]()
        for place in (own, *_SHIPPED):
            for folder in place.iterdir() if place.is_dir() else ():
                if folder.is_dir() and folder.name[0] not in "._":
                    found.setdefault(folder.name, Shelved(folder.name, folder, shipped=place != own))
        return [found[name] for name in sorted(found)]

    def copy_layout(self, source: str, name: str) -> Path:
        """Copy a layout's text files into the project, all of them or nothing, and return the new folder.

        Raises:
            NotFound: there is no layout to copy.
            BadInput: the project has a layout of the new name already.
        """
        origin, folder = self._layout_folder(source), self.root / "layouts" / name
        if folder.exists() or folder.is_symlink():
            raise BadInput(f"{folder} is there already", hint="choose another name, or delete it first")
        files = [path for path in origin.rglob("*") if path.suffix in _OF_A_LAYOUT and path.is_file()]
        with _new_folder(folder) as temporary:
            for path in files:
                copy = temporary / path.relative_to(origin)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(self._read(path))
        return folder

    def watched(self, layout: str) -> Sequence[Path]:
        """Return the files and folders that a preview depends on."""
        candidates = [self.root / PUBLICATION, self.root / "issues", *(each / layout for each in _SHIPPED)]
        return [path for path in (*candidates, self.root / "layouts") if path.exists()]

    def write_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        """Write the files of a build, each atomically and in the given order; return their folder.

        Variants and pictures that an earlier build had and this one has not are removed.
        """
        folder = self.root / "build" / name
        for file, data in files.items():
            write_atomically(folder / file, data)
        old = [*folder.glob("email.*.*"), *folder.glob("assets/*.*")]
        for stale in {str(path.relative_to(folder)) for path in old} - files.keys():
            (folder / stale).unlink(missing_ok=True)
        return folder

    def write_beside_build(self, name: str, files: Mapping[str, bytes]) -> Path:
        """Write files into the folder of a build, each atomically, and leave all others there; return the folder."""
        folder = self.root / "build" / name
        for file, data in files.items():
            write_atomically(folder / file, data)
        return folder

    def _layout_folder(self, name: str) -> Path:
        shelved = {each.name: each.folder for each in self.layouts()}
        if name not in shelved:
            raise NotFound(f"there is no layout {name!r}", hint=f"known here: {', '.join(shelved)}")
        return shelved[name]

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError as err:
            raise NotFound(f"{path} is not there") from err
        except OSError as err:
            raise EdgeError(f"{path} cannot be read: {err.strerror}") from err

    def _text(self, path: Path) -> str:
        try:
            return self._read(path).decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as err:
            raise EdgeError(f"{path} is not UTF-8", hint="save it as UTF-8") from err


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Give a temporary folder that becomes the folder when all went well, and is gone otherwise."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".", suffix=".tmp"))
        try:
            yield temporary
            temporary.chmod(0o755)
            temporary.rename(folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    except OSError as err:
        hint = "free some room or check the permissions"
        raise EdgeError(f"{folder} cannot be written: {err.strerror}", hint=hint) from err


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old one or the new one, never half of it.

    Raises:
        EdgeError: the disk did not take it; nothing is left behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as err:
        hint = "free some room or check the permissions"
        raise EdgeError(f"{path} cannot be written: {err.strerror}", hint=hint) from err


def _age(name: str) -> tuple[int, int, str]:
    return (*(numbers_of(name) or (-1, -1)), name)

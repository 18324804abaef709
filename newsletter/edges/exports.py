"""Files that another service exported, and the CSV or JSON files inside those that are ZIP archives."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, Final

from newsletter.core.arrivals.text import Sheet
from newsletter.errors import BadInput, NotFound

MOST_BYTES: Final = 4_000_000_000  # unpacked, in all: a list of ten million with twenty columns
MOST_FILES: Final = 10_000  # an archive of Substack has two for each post
_LISTS: Final = {".csv", ".tsv", ".txt"}
_OBJECTS: Final = {".jsonl", ".ndjson", ".json"}
_ZIPPED: Final = (b"PK\x03\x04", b"PK\x05\x06")  # how an archive begins, and an empty one
_ONE: Final = "give one CSV or JSON file, or one ZIP file that holds some"


def sheets(path: Path) -> list[Sheet]:
    """Return the lists that a file is or may hold; nothing is unpacked before it is read, and never to the disk.

    Raises:
        NotFound: it cannot be read.
        BadInput: it is no file, or an archive that holds no list or too much.
    """
    if path.exists() and not path.is_file():
        raise BadInput(f"{path} is a folder" if path.is_dir() else f"{path} is not a file", hint=_ONE)
    try:
        with path.open("rb") as file:
            zipped = file.read(4) in _ZIPPED
    except OSError as err:
        raise NotFound(f"{path} cannot be read: {err.strerror}") from err
    return _of_archive(path) if zipped else [Sheet(str(path), lambda: path.open("rb"))]


def _of_archive(path: Path) -> list[Sheet]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as err:
        raise BadInput(f"{path} is a broken ZIP file: {err}", hint="download it again") from err
    # Beside CSV files, JSON is settings and the like.
    found = _kept(entries, _LISTS) or _kept(entries, _OBJECTS)
    if not found:
        workbook = any(entry.filename.startswith("xl/") for entry in entries)
        what = "an Excel workbook" if workbook else "a ZIP file without a CSV or JSON file"
        raise BadInput(f"{path} is {what}", hint="save the list as CSV UTF-8" if workbook else _ONE)
    if any(entry.flag_bits & 1 for entry in found):
        raise BadInput(f"{path} is encrypted", hint="unpack it, and import the list that it holds")
    # What is read of an entry never exceeds the size that it states, so that the sum of these is a limit.
    if len(found) > MOST_FILES or sum(entry.file_size for entry in found) > MOST_BYTES:
        raise BadInput(f"{path} holds more than a list can be", hint="unpack it, and import the list that it holds")
    return [Sheet(f"{path}/{entry.filename}", partial(_opened, path, entry)) for entry in found]


def _kept(entries: Iterable[zipfile.ZipInfo], endings: Collection[str]) -> list[zipfile.ZipInfo]:
    return [entry for entry in entries if _ends(PurePosixPath(entry.filename), endings)]


def _ends(inside: PurePosixPath, endings: Collection[str]) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in inside.parts)
    return inside.suffix.lower() in endings and not hidden


def _opened(path: Path, entry: zipfile.ZipInfo) -> BinaryIO:
    try:
        with zipfile.ZipFile(path) as archive:  # what is open inside it outlives it
            return io.BufferedReader(_Entry(f"{path}/{entry.filename}", archive.open(entry)))
    except _BROKEN as err:
        raise _broken(f"{path}/{entry.filename}", err) from err


# zipfile raises the last two for a compression that it does not know, and for a file under a password.
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def _broken(name: str, err: Exception) -> BadInput:
    return BadInput(f"{name} cannot be unpacked: {err}", hint="download it again, or unpack it yourself")


class _Entry(io.RawIOBase):
    """A file inside an archive, whose errors are ours."""

    def __init__(self, name: str, file: IO[bytes]) -> None:
        self._name, self._file = name, file

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # Buffer is of Python 3.12
        """Read as much as there is room for."""
        try:
            data = self._file.read(len(buffer))
        except _BROKEN as err:
            raise _broken(self._name, err) from err
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it, and with it the archive."""
        self._file.close()
        super().close()

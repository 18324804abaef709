"""YAML text as plain data that remembers where in its file every value stands.

Every scalar stays text; types are given later, at one door (`core.typed`), so that `title: 2025` or `name: No` mean
what the editor wrote. Reading works on the parser's events and builds nothing but dicts, lists and strings: tags,
aliases and merge keys are refused, so hostile YAML can neither construct objects nor grow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from newsletter.errors import InvalidSource

Value = str | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

MAX_BYTES = 1_000_000  # fifty times a long issue
MAX_DEPTH = 20
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; both numbers count from 1, columns count characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one place, and what to do about it."""

    file: str
    mark: Mark
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.file}:{self.mark.line}:{self.mark.column}: {path}{self.message}{hint}"


@dataclass(frozen=True, slots=True)
class Text:
    """Where the characters of a string value stand: its first line, its indentation, whether lines map one to one."""

    mark: Mark
    by_line: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: `data`, and for every path in it the place of the key or item."""

    file: str
    data: Value
    marks: Mapping[Path, Mark]
    texts: Mapping[Path, Text]

    def mark(self, path: Path) -> Mark:
        """Return the place of a path, or of its nearest ancestor that is in the file."""
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks.get(path, Mark(1, 1))

    def locate(self, path: Path, offset: int) -> Mark:
        """Return the place of one character of a string value.

        Exact for literal block scalars and one-line scalars; folded text answers with where it begins.
        """
        text, value = self.texts.get(path), self.strings().get(path)
        if text is None or value is None:
            return self.mark(path)
        before = value[:offset]
        if text.by_line:
            return Mark(text.mark.line + before.count("\n"), text.mark.column + len(before.rpartition("\n")[2]))
        return text.mark

    def strings(self) -> dict[Path, str]:
        """Return every string value by its path, in the order of the file."""
        return dict(_strings(self.data, ()))

    def problem(self, path: Path, message: str, hint: str = "", *, mark: Mark | None = None) -> Problem:
        """Return a problem at a path of this document."""
        return Problem(self.file, mark or self.mark(path), written(path), message, hint)


def written(path: Path) -> str:
    """Write a path as the editor would say it: `blocks[2].items[0].date`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


def read(data: bytes, file: str) -> Document:
    """Parse the bytes of a YAML file.

    Raises:
        InvalidSource: not UTF-8, too large, not YAML, or YAML that is refused here; a syntax error hides what follows
            it, all other problems come together.
    """
    text = _decoded(data, file)
    builder = _Builder(file, text.split("\n"))
    yaml = YAML(typ="safe", pure=True)
    try:
        for event in yaml.parse(text):
            builder.take(event)
    except MarkedYAMLError as err:
        raise InvalidSource([*builder.problems, _syntax_problem(err, file)]) from err
    except ReaderError as err:
        raise InvalidSource([_character_problem(text, err.position, file)]) from err
    except YAMLError as err:
        raise InvalidSource([Problem(file, Mark(1, 1), "", f"not YAML: {err}")]) from err
    if builder.problems:
        raise InvalidSource(builder.problems)
    return Document(file, builder.root, builder.marks, builder.texts)


def _strings(value: Value, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _strings(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _strings(item, (*path, key))


def _decoded(data: bytes, file: str) -> str:
    def refuse(mark: Mark, message: str, hint: str) -> InvalidSource:
        return InvalidSource([Problem(file, mark, "", message, hint)])

    if len(data) > MAX_BYTES:
        raise refuse(Mark(1, 1), f"the file has {len(data):,} bytes, more than {MAX_BYTES:,}", "split or shorten it")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(Mark(1, 1), "the file is UTF-16", "save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        head = data[: err.start]
        column = len(head.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        mark = Mark(head.count(b"\n") + 1, column)
        raise refuse(mark, f"byte 0x{data[err.start]:02x} is not UTF-8", "save the file as UTF-8") from err
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _syntax_problem(err: MarkedYAMLError, file: str) -> Problem:
    mark = err.problem_mark or err.context_mark
    place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
    said = str(err.problem or err.context or "not YAML").strip()
    if "'\\t'" in said:
        return Problem(file, place, "", "a tab stands where YAML wants spaces", "indent with spaces")
    hint = "quote the text if it holds a colon" if "mapping values" in said else "check the lines around this place"
    return Problem(file, place, "", f"not YAML: {said}", hint)


def _character_problem(text: str, position: int, file: str) -> Problem:
    head = text[:position]
    mark = Mark(head.count("\n") + 1, len(head.rpartition("\n")[2]) + 1)
    code = ord(text[position]) if position < len(text) else 0
    return Problem(file, mark, "", f"character U+{code:04X} cannot stand in YAML", "delete it")


class _Builder:
    """Builds data and places from parser events, with a list instead of recursion as its stack."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.root: Value = None
        self.marks: dict[Path, Mark] = {}
        self.texts: dict[Path, Text] = {}
        self.problems: list[Problem] = []
        self._file = file
        self._lines = lines
        self._documents = 0
        self._stack: list[tuple[Path, list[Value] | dict[str, Value]]] = []
        self._keys: list[str | None] = []  # per open mapping: the key that waits for its value

    def take(self, event: Event) -> None:
        """Take the next parser event."""
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document begins here", "keep one document per file")
            case AliasEvent():
                self._refuse(event, "aliases (*name) are not used here", "write the value out")
                self._add(event, None)
            case ScalarEvent():
                self._scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._open(event, {} if isinstance(event, MappingStartEvent) else [])
            case MappingEndEvent() | SequenceEndEvent():
                self._stack.pop()
                self._keys.pop()
            case _:
                pass

    def _scalar(self, event: ScalarEvent) -> None:
        self._check_properties(event)
        if self._stack and isinstance(self._stack[-1][1], dict) and self._keys[-1] is None:
            self._key(event)
            return
        null = event.style is None and event.value in _NULLS
        path = self._add(event, None if null else str(event.value))
        if path is not None and not null:
            self.texts[path] = self._text(event)

    def _key(self, event: ScalarEvent) -> None:
        path, container = self._stack[-1]
        key = str(event.value)
        if key in container:
            first = self.marks[(*path, key)]
            self._refuse(event, f"the key {key!r} stands here twice (first on line {first.line})", "keep one of them")
        elif key == "<<":
            self._refuse(event, "merge keys (<<) are not used here", "write the values out")
        else:
            self.marks[(*path, key)] = _mark(event)
        self._keys[-1] = key

    def _open(self, event: MappingStartEvent | SequenceStartEvent, container: list[Value] | dict[str, Value]) -> None:
        self._check_properties(event)
        if self._stack and isinstance(self._stack[-1][1], dict) and self._keys[-1] is None:
            self._refuse(event, "a key must be text", "write a plain word before the colon")
            self._keys[-1] = ""
        if len(self._stack) >= MAX_DEPTH:
            raise InvalidSource([Problem(self._file, _mark(event), "", f"nested deeper than {MAX_DEPTH} levels")])
        path = self._add(event, container)
        self._stack.append((path if path is not None else (), container))
        self._keys.append(None)

    def _add(self, event: Event, value: Value) -> Path | None:
        if not self._stack:
            if self._documents == 1:
                self.root = value
                self.marks[()] = _mark(event)
            return ()
        parent, container = self._stack[-1]
        if isinstance(container, list):
            path: Path = (*parent, len(container))
            container.append(value)
            self.marks[path] = _mark(event)
            return path
        key, self._keys[-1] = self._keys[-1], None
        if key is None:  # an alias or collection in the place of a key; said already
            return None
        path = (*parent, key)
        container[key] = value
        return path

    def _check_properties(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.tag is not None:
            self._refuse(event, f"tags ({event.tag}) are not used here", "delete the tag")
        if event.anchor is not None:
            self._refuse(event, f"anchors (&{event.anchor}) are not used here", "delete the anchor")

    def _text(self, event: ScalarEvent) -> Text:
        start = _mark(event)
        if event.style == "|":
            indicator = self._lines[start.line - 1][start.column - 1 :].partition("#")[0]
            body = next((line for line in self._lines[start.line :] if line.strip()), "")
            explicit = any(character.isdigit() for character in indicator)
            indent = 0 if explicit else len(body) - len(body.lstrip(" "))
            return Text(Mark(start.line + 1, indent + 1), by_line=True)
        one_line = event.start_mark.line == event.end_mark.line
        quoted = 1 if event.style in ("'", '"') else 0
        return Text(Mark(start.line, start.column + quoted), by_line=one_line)

    def _refuse(self, event: Event, message: str, hint: str) -> None:
        path = self._stack[-1][0] if self._stack else ()
        self.problems.append(Problem(self._file, _mark(event), written(path), message, hint))


def _mark(event: Event) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)

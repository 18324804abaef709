"""YAML text as plain data that remembers where in its file every value stands.

Every scalar stays text; types are given later, at one door (`core.typed`), so that `title: 2025` or `name: No` mean
what the editor wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from newsletter.core.tree import FORBIDDEN, Fault, Path, Scalar, Tree, Value
from newsletter.errors import InvalidSource

MAX_BYTES = 500_000  # twenty times a long issue; reading takes seconds from here on

_CHARACTER = {
    "'": re.compile(r"''|.", re.DOTALL),
    '"': re.compile(r"\\(?:x.{2}|u.{4}|U.{8}|.)|.", re.DOTALL),
}
_ONE = re.compile(".", re.DOTALL)
_WHITE = frozenset({" ", "\t", "\n", r"\ ", r"\t", "\\\t", r"\n", "\\\n"})


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


class Lines:
    """A text that can say on which line and in which column a character stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def mark(self, index: int) -> Mark:
        """Return the place of the character at `index`."""
        line = bisect_right(self._starts, index)
        return Mark(line, index - self._starts[line - 1] + 1)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file: `data`, and for every path in it the place of the key or item."""

    file: str
    data: Value
    marks: Mapping[Path, Mark] = field(default_factory=dict)
    scalars: Mapping[Path, Scalar] = field(default_factory=dict)
    lines: Lines = field(default_factory=lambda: Lines(""))

    def mark(self, path: Path) -> Mark:
        """Return the place of a path, or of its nearest ancestor that is in the file."""
        while path not in self.marks and path:
            path = path[:-1]
        return self.marks.get(path, Mark(1, 1))

    def locate(self, path: Path, offset: int) -> Mark:
        """Return the place of one character of a string value, or of the first after it that is not white space."""
        scalar, value = self.scalars.get(path), self._at(path)
        if scalar is None or not isinstance(value, str):
            return self.mark(path)
        return self.lines.mark(_index(self.lines.text, scalar, value[:offset]))

    def strings(self) -> dict[Path, str]:
        """Return every string value by its path, in the order of the file."""
        return dict(_strings(self.data, ()))

    def problem(self, path: Path, message: str, hint: str = "", *, mark: Mark | None = None) -> Problem:
        """Return a problem at a path of this document."""
        return Problem(self.file, mark or self.mark(path), written(path), message, hint)

    def _at(self, path: Path) -> Value:
        here: Value = self.data
        for part in path:
            here = here[part] if isinstance(here, dict | list) else None  # type: ignore[index]  # str for dict
        return here


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
    lines, tree = Lines(_decoded(data, file)), Tree()
    faults = list(_unreadable(lines.text)) or _grown(tree, lines.text)
    if faults:
        raise InvalidSource([_problem(lines, fault, file) for fault in faults])
    marks = {path: lines.mark(index) for path, index in tree.starts.items()}
    return Document(file, tree.root, marks, tree.scalars, lines)


def _grown(tree: Tree, text: str) -> list[Fault]:
    """Let the tree grow from the text; return everything wrong up to the end, or up to where the syntax fails."""
    try:
        tree.grow(YAML(typ="safe", pure=True).parse(text))
    except MarkedYAMLError as err:
        return [*tree.faults, _syntax_fault(err)]
    except (YAMLError, ValueError, OverflowError) as err:
        # ruamel.yaml lets the errors of chr() through for an escape above U+10FFFF.
        return [*tree.faults, Fault(tree.reached, (), f"not YAML: {err}", "check the text that begins here")]
    return tree.faults


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
        head = data[: err.start].removeprefix(b"\xef\xbb\xbf").decode().replace("\r\n", "\n").replace("\r", "\n")
        mark = Lines(head).mark(len(head))
        raise refuse(mark, f"byte 0x{err.object[err.start]:02x} is not UTF-8", "save the file as UTF-8") from err
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unreadable(text: str) -> Iterator[Fault]:
    """Yield the characters that YAML's own reader would stop at, or take for line ends."""
    for match in FORBIDDEN.finditer(text):
        hint = "begin a new line instead" if match[0] in "\x85\u2028\u2029" else "delete it"
        yield Fault(match.start(), (), f"character U+{ord(match[0]):04X} cannot stand here", hint)


def _index(text: str, scalar: Scalar, before: str) -> int:
    """Return where in the file the character after `before` of a string value is written.

    YAML folds and indents white space, so only what is visible is counted, an escape as one.
    """
    at = scalar.start + (scalar.style in _CHARACTER)
    if scalar.style in {"|", ">"}:
        at = text.find("\n", at, scalar.end) + 1
    visible = len(before) - sum(map(before.count, " \t\n"))
    for match in _CHARACTER.get(scalar.style, _ONE).finditer(text, at, scalar.end):
        if _is_white(match[0]):
            continue
        if visible == 0:
            return match.start()
        visible -= 1
    return scalar.start


def _is_white(character: str) -> bool:
    _, escape, code = character.partition(character[:2])
    if escape in {r"\x", r"\u", r"\U"}:
        return int(code, 16) in {0x09, 0x0A, 0x20}
    return character in _WHITE


def _syntax_fault(err: MarkedYAMLError) -> Fault:
    mark = err.problem_mark or err.context_mark
    said = str(err.problem or err.context or "not YAML").strip()
    index = mark.index if mark else 0
    if "'\\t'" in said:
        return Fault(index, (), "a tab stands where YAML wants spaces", "indent with spaces")
    hint = "quote the text if it holds a colon" if "mapping values" in said else "check the lines around this place"
    return Fault(index, (), f"not YAML: {said}", hint)


def _problem(lines: Lines, fault: Fault, file: str) -> Problem:
    first = f" (first on line {lines.mark(fault.first).line})" if fault.first is not None else ""
    return Problem(file, lines.mark(fault.index), written(fault.path), fault.message + first, fault.hint)

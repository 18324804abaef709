"""The schema of a kind of block that a layout adds: which keys it has, and what each of them holds.

department: line
title: line
closes: optional date
stage: one of open, closed
lots:
  list of:
    name: line
    text: optional markdown
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from newsletter.core.picture import Picture
from newsletter.core.source import Document, Problem
from newsletter.core.tree import Path, Value
from newsletter.core.typed import Strict, did_you_mean
from newsletter.core.web_address import WebAddress
from newsletter.core.written import (
    Day,
    Line,
    Markdown,
    Number,
    OptionalLine,
    OptionalMarkdown,
    Text,
    Truth,
)
from newsletter.errors import InvalidSource

MAX_KEYS = 50  # in one schema, those of lists and groups included
MAX_DEPTH = 3
MAX_CHOICES = 12


@dataclass(frozen=True, slots=True)
class Holding:
    """Something that a key can hold: its type, its type where it may be left out, what then stands in, and examples."""

    must: object
    may: object
    absent: object
    examples: tuple[Value, ...]


HOLDINGS: Mapping[str, Holding] = {
    "line": Holding(Line, OptionalLine, "", ("A few words",)),
    "text": Holding(Text, str, "", ("A few words.\nAnd a few more.",)),
    "markdown": Holding(Markdown, OptionalMarkdown, "", ("A few *words*.\n\nAnd a few more.",)),
    "date": Holding(Day, Day | None, None, ("2026-02-28",)),
    "url": Holding(WebAddress, WebAddress | None, None, ("https://example.org/elsewhere",)),
    "whole number": Holding(Number, Number | None, None, ("12",)),
    "picture": Holding(Picture, Picture | None, None, ({"src": "picture.png", "alt": "What it shows"},)),
    "truth": Holding(Truth, Truth, absent=False, examples=("true", "false")),
}

# What the other languages that a designer may know call them.
_ELSEWHERE = {
    **dict.fromkeys(("string", "str", "word", "title"), "line"),
    **dict.fromkeys(("html", "rich text", "paragraph", "paragraphs"), "markdown"),
    **dict.fromkeys(("link", "address", "uri", "href"), "url"),
    **dict.fromkeys(("image", "img", "photo", "figure", "file"), "picture"),
    **dict.fromkeys(("number", "integer", "int", "count"), "whole number"),
    **dict.fromkeys(("boolean", "bool", "yes or no", "flag"), "truth"),
    **dict.fromkeys(("day", "datetime", "time"), "date"),
    **dict.fromkeys(("list", "array", "lines"), "list of lines"),
    **dict.fromkeys(("choice", "enum"), "one of this, that"),
}
_LIST, _OPTIONAL_LIST, _OPTIONAL = "list of", "optional list of", "optional"
_FRAMES = (_LIST, _OPTIONAL_LIST, _OPTIONAL)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Keys that every block may have, and names that mean something else to a template: `block.copy` is a method.
_TAKEN = frozenset({"kind", "only"}) | set(dir(Strict)) | set(dir(type(Strict)))
_LISTED = ("title", "department")  # what a table of contents lists
_SAY = "say what it holds, for instance `line`"


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a block. It holds one of some choices, or keys of its own, or what a word of HOLDINGS stands for."""

    name: str
    word: str = ""
    choices: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()
    optional: bool = False
    many: bool = False

    def __str__(self) -> str:
        """Say what the key holds, in the words of a schema but on one line."""
        if self.keys:
            held = f"({', '.join(f'{key.name}: {key}' for key in self.keys)})"
        else:
            held = f"one of {', '.join(self.choices)}" if self.choices else self.word
        plural = "s" if self.many and self.word not in {"", "markdown"} else ""
        return "optional " * self.optional + "list of " * self.many + held + plural


def parse_schema(document: Document) -> tuple[Key, ...]:
    """Return the keys that a schema gives to its kind of block.

    Raises:
        InvalidSource: with every problem, in the order of the file.
    """
    reader = _Reader(document)
    keys = reader.keys(document.data, ())
    for key in keys:
        if key.name in _LISTED and (key.word != "line" or key.many):
            said = f"must be a line, because `contents` lists a block by its {key.name}"
            reader.refuse((key.name,), said, f"write `{key.name}: line` or `{key.name}: optional line`")
    if reader.problems:
        raise InvalidSource(sorted(reader.problems, key=lambda problem: problem.mark))
    return keys


class _Reader:
    """Reads a schema from the top, and remembers what is wrong with it."""

    def __init__(self, document: Document) -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._read = 0

    def refuse(self, path: Path, message: str, hint: str) -> None:
        """Remember a problem at a path."""
        self.problems.append(self._document.problem(path, message, hint))

    def keys(self, value: Value, path: Path) -> tuple[Key, ...]:
        """Return the keys of a mapping; one that is wrong is left out."""
        if not isinstance(value, dict) or not value:
            said = "must hold keys, and say of each what it holds" if value else "holds no keys"
            self.refuse(path, said, "write a line like `title: line` for each key")
            return ()
        return tuple(key for name, held in value.items() for key in self._key(name, held, (*path, name)))

    def _key(self, name: str, value: Value, path: Path) -> Iterator[Key]:
        self._read += 1
        if self._read > MAX_KEYS:
            if self._read == MAX_KEYS + 1:
                self.refuse(path, f"is one key more than the {MAX_KEYS} that a schema may have", "make two kinds of it")
            return
        if not self._may_be_called(name, path):
            return
        if isinstance(value, str):
            yield from self._worded(name, value, path)
        elif isinstance(value, dict) and value:
            yield from self._framed(name, value, path)
        else:
            self.refuse(path, "holds a list" if value else "is empty", _SAY)

    def _may_be_called(self, name: str, path: Path) -> bool:
        if name in _FRAMES:
            self.refuse(path, f"`{name}` is no key", "write it alone below a key, and what it is about below it")
        elif name == "kind":
            self.refuse(path, "every block has this key", "delete the line")
        elif name in _TAKEN:
            self.refuse(path, f"{name!r} cannot be the name of a key", "choose another word")
        elif not _NAME.fullmatch(name):
            hint = "use small letters, digits and _, and begin with a letter"
            self.refuse(path, f"{name[:60]!r} cannot be the name of a key", hint)
        else:
            return True
        return False

    def _framed(self, name: str, value: dict[str, Value], path: Path) -> Iterator[Key]:
        """Yield a key that holds keys: those of a group, or those of each item of a list."""
        frame = next((each for each in _FRAMES if each in value), "")
        inside, below = ((*path, frame), value[frame]) if frame else (path, value)
        if frame and len(value) > 1:
            self.refuse(inside, f"`{frame}` stands beside other keys", "indent them, so that they stand below it")
        elif frame and isinstance(below, str):
            self.refuse(inside, "holds no keys", f"write it on one line: `{name}: {frame} ...`")
        elif sum(part not in _FRAMES for part in path) > MAX_DEPTH:
            self.refuse(path, f"is nested deeper than {MAX_DEPTH} levels", "move its keys up")
        elif keys := self.keys(below, inside):
            yield Key(name, keys=keys, optional=frame.startswith(_OPTIONAL), many=frame.endswith(_LIST))

    def _worded(self, name: str, text: str, path: Path) -> Iterator[Key]:
        """Yield a key that holds what a line says: `optional list of dates`."""
        whole = " ".join(text.split())
        rest = whole.removeprefix("optional ")
        word = rest.removeprefix("list of ")
        optional, many = rest != whole, word != rest
        if word == "one of" or word.startswith("one of "):
            if choices := self._choices(word.removeprefix("one of"), path):
                yield Key(name, choices=choices, optional=optional, many=many)
            return
        if many and word not in HOLDINGS:
            word = word.removesuffix("s")
        if word in HOLDINGS:
            yield Key(name, word, optional=optional, many=many)
        else:
            self.refuse(path, f"{text[:60]!r} is nothing that a key can hold", _meant(word, rest))

    def _choices(self, text: str, path: Path) -> tuple[str, ...]:
        choices = tuple(each.strip() for each in text.split(","))
        if not 2 <= len(choices) <= MAX_CHOICES or len(set(choices) - {""}) < len(choices):
            said = f"needs 2 to {MAX_CHOICES} different words to choose from"
            self.refuse(path, said, "write them like `one of quiet, loud`")
        elif wrong := next((each for each in choices if not re.fullmatch(r"[\w.+&/ -]{1,40}", each)), None):
            self.refuse(path, f"{wrong[:60]!r} cannot be a choice", "write them like `one of quiet, loud`")
        else:
            return choices
        return ()


def _meant(word: str, whole: str) -> str:
    """Return a hint to what was probably meant by a word, or by the whole of what it stands in."""
    if word.lower() in _ELSEWHERE:
        return f"write `{_ELSEWHERE[word.lower()]}`"
    if word in _FRAMES:
        return f"write `{word} line{'s' if word == _LIST else ''}`, or `{word}:` and keys below it"
    return did_you_mean(whole[:60], [*HOLDINGS, "one of", "list of lines"])

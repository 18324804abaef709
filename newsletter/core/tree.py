"""YAML's parser events as plain data: dicts, lists and strings, each with its place in the text.

Nothing else is ever built. Tags, anchors, aliases and merge keys are faults, so hostile YAML can neither construct
objects nor grow; the nesting is bounded, and a list takes the place of recursion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

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

Value = str | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

MAX_DEPTH = 20
# Control characters but tab and line feed, the separators that some programs take for line ends, halves of surrogate
# pairs, and non-characters. Some stop YAML or MJML, and all of them stop or disfigure mail somewhere.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is refused: the index of its first character, its path in the data, what to do."""

    index: int
    path: Path
    message: str
    hint: str
    first: int | None = None  # where what stands twice stood before


@dataclass(frozen=True, slots=True)
class Scalar:
    """Where a string value is written: from `start` to `end` of the text, in the style of that quote or indicator."""

    start: int
    end: int
    style: str


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not ended; a mapping takes keys and values in turn."""

    path: Path
    container: list[Value] | dict[str, Value]
    key: str | None = None
    awaits_value: bool = False

    @property
    def awaits_key(self) -> bool:
        return isinstance(self.container, dict) and not self.awaits_value


class Tree:
    """The data of one document, taken event by event, with the index of every key, item and string."""

    def __init__(self) -> None:
        self.root: Value = None
        self.starts: dict[Path, int] = {}
        self.scalars: dict[Path, Scalar] = {}
        self.faults: list[Fault] = []
        self.reached = 0  # the index up to which the text has been understood
        self._documents = 0
        self._stack: list[_Open] = []

    def grow(self, events: Iterable[Event]) -> None:
        """Take events until there are no more, or they nest too deeply."""
        for event in events:
            self.reached = event.start_mark.index
            self._take(event)
            if len(self._stack) > MAX_DEPTH:
                said = f"nested deeper than {MAX_DEPTH} levels"
                self.faults.append(Fault(self.reached, (), said, "quote a text that begins with [, { or -"))
                return

    def _take(self, event: Event) -> None:
        match event:
            case DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    self._refuse(event, "a second document begins here", "keep one document per file")
            case AliasEvent():
                self._refuse(event, "aliases (*name) are not used here", "write the value out")
                if not self._odd_key():
                    self._add(event, None)
            case ScalarEvent():
                self._scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._open(event, {} if isinstance(event, MappingStartEvent) else [])
            case MappingEndEvent() | SequenceEndEvent():
                self._stack.pop()
            case _:
                pass

    def _scalar(self, event: ScalarEvent) -> None:
        self._check_properties(event)
        self._check_characters(event)
        if self._stack and self._stack[-1].awaits_key:
            self._key(event)
            return
        null = event.style is None and event.value in _NULLS
        path = self._add(event, None if null else str(event.value))
        if path is not None and not null:
            self.scalars[path] = Scalar(event.start_mark.index, event.end_mark.index, event.style or "")

    def _key(self, event: ScalarEvent) -> None:
        top = self._stack[-1]
        top.key, top.awaits_value = str(event.value), True
        if top.key == "<<":
            self._refuse(event, "merge keys (<<) are not used here", "write the values out")
        elif (path := (*top.path, top.key)) in self.starts:
            said = f"the key {top.key!r} stands here twice"
            self._refuse(event, said, "keep one", first=self.starts[path])
        else:
            self.starts[path] = event.start_mark.index

    def _open(self, event: MappingStartEvent | SequenceStartEvent, container: list[Value] | dict[str, Value]) -> None:
        self._check_properties(event)
        if self._odd_key():
            hint = "quote a text that begins with { or [" if event.flow_style else "write a plain word before the colon"
            self._refuse(event, "a key must be text", hint)
            path = None
        else:
            path = self._add(event, container)
        self._stack.append(_Open(path or (), container))

    def _odd_key(self) -> bool:
        """Tell whether a key is due; if so, its value will belong to nothing."""
        if not (self._stack and self._stack[-1].awaits_key):
            return False
        self._stack[-1].key, self._stack[-1].awaits_value = None, True
        return True

    def _add(self, event: Event, value: Value) -> Path | None:
        """Put a value where it belongs and return its path, or None if it belongs to nothing."""
        if not self._stack:
            if self._documents == 1:
                self.root = value
                self.starts[()] = event.start_mark.index
            return ()
        top = self._stack[-1]
        if isinstance(top.container, list):
            path: Path = (*top.path, len(top.container))
            top.container.append(value)
            self.starts[path] = event.start_mark.index
            return path
        key, top.key, top.awaits_value = top.key, None, False
        if key is None:
            return None
        top.container[key] = value
        return (*top.path, key)

    def _check_properties(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.tag is not None:
            self._refuse(event, f"tags ({str(event.tag)[:40]}) are not used here", "delete the tag")
        if event.anchor is not None:
            self._refuse(event, f"anchors (&{event.anchor[:40]}) are not used here", "delete the anchor")

    def _check_characters(self, event: ScalarEvent) -> None:
        """Refuse what only an escape can have brought in; the text itself has been looked through before."""
        for match in FORBIDDEN.finditer(event.value):
            self._refuse(event, f"the escape of U+{ord(match[0]):04X} stands in this text", "delete it")

    def _refuse(self, event: Event, message: str, hint: str, *, first: int | None = None) -> None:
        path = self._stack[-1].path if self._stack else ()
        self.faults.append(Fault(event.start_mark.index, path, message, hint, first))

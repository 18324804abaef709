"""Finished text with slots for what differs by subscriber: split once, then filled by joining strings."""

from __future__ import annotations

import html
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from newsletter.core.merge import LEADS_SAFELY, Context, Field

# One HTML tag, inside Outlook's conditional comments too; attribute values may hold `>`.
_TAG = re.compile(r"""</?[A-Za-z][^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_ATTRIBUTE = re.compile(r"""([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_STYLE = re.compile(r"<(style|script)\b[^>]*>.*?</\1>", re.DOTALL | re.IGNORECASE)
_URL_ATTRIBUTES = frozenset(
    {"action", "background", "cite", "classid", "codebase", "data", "formaction", "href", "longdesc", "manifest"}
    | {"ping", "poster", "src", "srcset"}
)
# The address that a slot in plain text continues, as mail programs see it.
_OPEN_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"']*$", re.IGNORECASE)


class UnsafeSlotError(ValueError):
    """A merge field stands where no escaping makes its value safe."""

    def __init__(self, field: Field, where: str) -> None:
        super().__init__(f"{field} stands {where}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for the value of a field, escaped for where it stands."""

    field: Field
    context: Context


@dataclass(frozen=True, slots=True)
class Template:
    """Text with slots: `segments` has one item more than `slots`, and they alternate."""

    segments: tuple[str, ...]
    slots: tuple[Slot, ...]

    def fill(self, value: Callable[[Field], str]) -> str:
        """Return the text for one subscriber, given the value of each field."""
        parts = [self.segments[0]]
        for slot, segment in zip(self.slots, self.segments[1:], strict=True):
            parts.append(escaped(value(slot.field), slot.context))
            parts.append(segment)
        return "".join(parts)


def plain_template(text: str, pattern: str, fields: Mapping[str, Field], context: Context) -> Template:
    """Split a text at its tokens that is everywhere the same context, as the value of a header is."""
    segments = re.split(f"({pattern})", text)
    return Template(tuple(segments[::2]), tuple(Slot(fields[token], context) for token in segments[1::2]))


def text_template(text: str, pattern: str, fields: Mapping[str, Field]) -> Template:
    """Split plain text at its tokens; mail programs make links of the addresses in it.

    Raises:
        UnsafeSlotError: a field stands where the address of a link begins.
    """
    segments = re.split(f"({pattern})", text)
    slots, before = [], ""
    for segment, token in zip(segments[::2], segments[1::2], strict=False):
        before = before[-2000:] + segment
        address = _OPEN_ADDRESS.search(before)
        slots.append(Slot(fields[token], _in_address(address[0], fields[token]) if address else Context.TEXT))
        before += token
    return Template(tuple(segments[::2]), tuple(slots))


def html_template(text: str, pattern: str, fields: Mapping[str, Field]) -> Template:
    """Split HTML at its tokens and find what surrounds each.

    Raises:
        UnsafeSlotError: a field stands in CSS, in a script, in the name of a tag or attribute, or where a URL begins
            (a subscriber could then choose where a link leads).
    """
    segments = re.split(f"({pattern})", text)
    if len(segments) == 1:
        return Template((text,), ())
    styles = [match.span() for match in _STYLE.finditer(text)]
    tags = [match.span() for match in _TAG.finditer(text)]
    slots, offset, at = [], 0, 0
    for segment, token in zip(segments[::2], segments[1::2], strict=False):
        offset += len(segment)
        field = fields[token]
        if any(start <= offset < end for start, end in styles):
            raise UnsafeSlotError(field, "inside CSS")
        while at < len(tags) and tags[at][1] <= offset:
            at += 1
        inside = at < len(tags) and tags[at][0] <= offset
        slots.append(Slot(field, _in_tag(text, tags[at], offset, field) if inside else Context.HTML))
        offset += len(token)
    return Template(tuple(segments[::2]), tuple(slots))


def escaped(value: str, context: Context) -> str:
    """Escape a value for where it goes."""
    return escaping(context)(value)


def escaping(context: Context) -> Callable[[str], str]:
    """Return what escapes values that go into this context."""
    match context:
        case Context.HTML | Context.ATTRIBUTE:
            return _in_html
        case Context.URL:
            return _in_url
        case Context.TEXT | Context.HEADER:
            return str


def _in_html(value: str) -> str:
    # Most values have none of these, and looking for each is the fastest way to know.
    plain = not ("&" in value or "<" in value or ">" in value or '"' in value or "'" in value)
    return value if plain else html.escape(value, quote=True)


def _in_url(value: str) -> str:
    return urllib.parse.quote(value, safe="")


def _in_tag(text: str, tag: tuple[int, int], offset: int, field: Field) -> Context:
    start, end = tag
    for match in _ATTRIBUTE.finditer(text, start, end):
        group = 2 if match[2] is not None else 3
        if not match.start(group) <= offset < match.end(group):
            continue
        name = match[1].lower().rpartition(":")[2]
        if name == "style" or name.startswith("on"):
            raise UnsafeSlotError(field, "inside CSS" if name == "style" else "inside a script")
        if name not in _URL_ATTRIBUTES:
            return Context.ATTRIBUTE
        before = text[match.start(group) : offset]
        # A link of ours is a whole address by itself.
        return Context.ATTRIBUTE if field.of == "links" and not before else _in_address(before, field)
    raise UnsafeSlotError(field, "inside a tag")


def _in_address(before: str, field: Field) -> Context:
    if not LEADS_SAFELY.match(before):
        raise UnsafeSlotError(field, "where the address of a link begins")
    return Context.URL

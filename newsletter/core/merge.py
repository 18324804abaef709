"""Merge fields: what differs by subscriber, found once per build and filled by joining strings.

The editor writes `{{ subscriber.first_name | default("reader") }}` or `{{ links.unsubscribe }}`. Each distinct field is
replaced by a token of letters and digits only, which passes Markdown, Jinja2, MJML and the inliner unharmed. The
finished text is split at the tokens; each slot knows from its surroundings how a value must be escaped there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from newsletter.core.subscriber import Addressed
from newsletter.core.typed import did_you_mean

LINKS = ("unsubscribe", "preferences", "view", "confirm")
PROPERTIES = ("first_name", "last_name", "name", "address")

Links = Callable[[str], str]  # the links of one subscriber by their names
Source = Callable[[Addressed, Links], str]

_OPEN = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FIELD = re.compile(
    r"""^\s*(?P<of>subscriber|links)\.(?P<name>[A-Za-z_][A-Za-z0-9_]*)
        (?:\s*\|\s*default\(\s*(?:"(?P<double>[^"\n]*)"|'(?P<single>[^'\n]*)')\s*\))?\s*$""",
    re.VERBOSE,
)
# A web or mail address far enough written that what follows cannot change its host, mailbox or scheme.
LEADS_SAFELY = re.compile(r"https?://[^\s/?#\\]+[/?#]|mailto:[^\s?]+\?", re.IGNORECASE)
# The address that a field continues: the target of a Markdown link, or a web address in the open.
_CONTINUED = re.compile(r"(?:\]\(\s*<?|(?=https?://))(?P<address>[^\s<>()\"']*)$", re.IGNORECASE)
# Control characters, line and paragraph separators, and the bidirectional overrides of a "Trojan Source" name.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")


class Context(StrEnum):
    """Where a slot stands, and so how its value is escaped."""

    TEXT = "plain text"
    HTML = "HTML text"
    ATTRIBUTE = "HTML attribute"
    URL = "part of a URL"
    HEADER = "mail header"


@dataclass(frozen=True, slots=True)
class Field:
    """One merge field: a property of the subscriber or a link made for them, and what stands in if it is empty."""

    of: str
    name: str
    default: str = ""

    def __str__(self) -> str:
        quote = "'" if '"' in self.default else '"'
        default = f" | default({quote}{self.default}{quote})" if self.default else ""
        return "{{ " + f"{self.of}.{self.name}{default}" + " }}"

    def value(self, subscriber: Addressed, links: Links) -> str:
        """Return the value for a subscriber, on one line and without control characters."""
        return self.source()(subscriber, links)

    def source(self) -> Source:
        """Return what finds the value for a subscriber: to find out once where it is spares every recipient that."""
        name, default = self.name, self.default
        if self.of == "links":
            return lambda _, links: links(name)
        found: Callable[[Addressed], str]
        if name in PROPERTIES:
            found = attrgetter("display_name" if name == "name" else name)
        else:
            found = lambda subscriber: subscriber.fields.get(name, "")  # noqa: E731 - as short as its sibling

        def value(subscriber: Addressed, _: Links) -> str:
            text = found(subscriber)
            if not text.isprintable():  # nearly all are, and it is known sooner
                text = _UNWANTED.sub(" ", text)
            return text.strip() or default

        return value


@dataclass(frozen=True, slots=True)
class Misuse:
    """A merge field that cannot work: where in the text, what is wrong, what to do."""

    offset: int
    message: str
    hint: str


_LINK = re.compile(rf"\{{\{{\s*links\.(?:{'|'.join(LINKS)})\s*\}}\}}")


def is_link(text: str) -> bool:
    """Tell whether a text is nothing but one of the links that only one subscriber gets."""
    return _LINK.fullmatch(text) is not None


def gapped(text: str, gap: str = "…") -> str:
    """Return a text with a gap in place of each merge field, for whoever is none of its readers."""
    return _OPEN.sub(gap, text)


def misuses(text: str) -> Iterator[Misuse]:
    """Yield everything wrong with the merge fields of a text."""
    for match in _OPEN.finditer(text):
        field = _FIELD.match(match[1])
        if field is None:
            known = 'write {{ subscriber.first_name | default("reader") }} or {{ links.unsubscribe }}'
            yield Misuse(match.start(), f"{match[0]!r} is not a merge field", known)
        elif field["of"] == "links" and field["name"] not in LINKS:
            yield Misuse(match.start(), f"there is no link {field['name']!r}", did_you_mean(field["name"], LINKS))
        elif field["of"] == "subscriber" and (near := _nearly(field["name"])):
            yield Misuse(match.start(), f"subscribers have no {field['name']!r}", f"did you mean {near!r}?")
        elif not _may_continue(text[: match.start()], field["of"]):
            hint = "write the address in full and put the field behind its ?"
            yield Misuse(match.start(), f"{match[0]!r} would decide where a link leads", hint)
    rest = _OPEN.sub(lambda match: " " * len(match[0]), text)
    for match in re.finditer(r"\{\{|\}\}", rest):
        yield Misuse(match.start(), f"{match[0]!r} without its other half", "close the merge field or write one brace")


def occurrences(text: str, field: Field) -> Iterator[int]:
    """Yield where a text without misuses holds a field."""
    return (match.start() for match in _OPEN.finditer(text) if _parsed(match[1]) == field)


def _may_continue(before: str, of: str) -> bool:
    """Tell whether a field may follow this text; one of our links may be a whole address too."""
    match = _CONTINUED.search(before, max(0, len(before) - 2000))
    if match is None or LEADS_SAFELY.match(match["address"]):
        return True
    return of == "links" and not match["address"]


def _nearly(name: str) -> str | None:
    """Return the property that a name was probably meant to be; other names are the list's own fields."""
    plain = name.replace("_", "").lower()
    aliases = {"email": "address", "firstname": "first_name", "lastname": "last_name", "fullname": "name"}
    return None if name in PROPERTIES else aliases.get(plain)


class Tokens:
    """Gives every distinct merge field its token while a build is made."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        """Choose a token word that occurs in none of the `taken` texts."""
        texts = list(taken)
        word = "mergefield"
        while any(word in text for text in texts):
            word += "x"
        self._word = word
        self._fields: dict[Field, str] = {}

    @classmethod
    def kept(cls, fields: Mapping[str, Field]) -> Tokens:
        """Return the tokens of a build that was kept, by the fields that they stand for."""
        tokens = cls()
        tokens._fields = {field: token for token, field in fields.items()}
        return tokens

    def token(self, field: Field) -> str:
        """Return the token of a field."""
        return self._fields.setdefault(field, f"{self._word}{len(self._fields):03}z")

    def replace(self, text: str) -> str:
        """Replace every merge field of a text by its token; the text has no misuses."""
        return _OPEN.sub(lambda match: self.token(_parsed(match[1])), text)

    def restore(self, text: str) -> str:
        """Replace every token by its merge field as the editor would write it."""
        return re.sub(self.pattern, lambda match: str(self.fields[match[0]]), text)

    @property
    def fields(self) -> dict[str, Field]:
        """Return the fields by their tokens."""
        return {token: field for field, token in self._fields.items()}

    @property
    def pattern(self) -> str:
        """Return a regular expression for the tokens; without any it matches nothing."""
        return "|".join(self._fields.values()) or "(?!)"


def _parsed(inside: str) -> Field:
    match = _FIELD.match(inside)
    if match is None:
        raise ValueError(f"not a merge field: {inside!r}")
    default = match["double"] if match["double"] is not None else match["single"]
    return Field(match["of"], match["name"], default or "")

"""One template from top to bottom: every tag, word and comment where it stands, and everything wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from newsletter.core.mjml.attributes import Found, missing_alt, wrong_attributes, wrong_form
from newsletter.core.mjml.branches import Branches, BrokenJinja
from newsletter.core.mjml.components import Component
from newsletter.core.mjml.jinja import HOLE, Masked, Statement, shown
from newsletter.core.mjml.markup import (
    NAMED_BY_JINJA,
    Closing,
    Comment,
    Declaration,
    Kind,
    Less,
    Opening,
    Token,
    Words,
    tokens,
)
from newsletter.core.mjml.opened import VOID, Opened, of_mjml
from newsletter.core.mjml.places import Open, instead, second, unknown, wrong_comment, wrong_place

_NAME = re.compile(r"[A-Za-z][\w:-]*")


@dataclass(frozen=True, slots=True)
class Included:
    """An `{% include %}`: its expression, and the tag that it stands in."""

    expression: str
    place: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found, in the order of the template."""

    found: tuple[Found, ...]
    included: tuple[Included, ...]


class Walk:
    """A walk through one template that stands in `place`, a tag or one of `places`; `components` are the known tags."""

    def __init__(self, template: Masked, place: str, components: Mapping[str, Component]) -> None:
        self._template = template
        self._components = components
        self._opened = Opened(Open(place, 0, components.get(place)))
        self._branches = Branches(self._opened)
        self._found: list[Found] = []
        self._included: list[Included] = []

    def walked(self) -> Walked:
        """Walk, and return what was found; behind a comment that does not end, or too many tags, nothing is.

        Raises:
            BrokenJinja: what follows it cannot be judged; Jinja itself says where it is.
        """
        if self._walk():
            if self._branches:
                raise BrokenJinja
            self._found += self._opened.close_down_to(1)
        return Walked(tuple(sorted(self._found, key=lambda found: found.at)), tuple(self._included))

    def _walk(self) -> bool:
        """Tell whether the end was reached."""
        statements = iter(self._template.statements)
        statement = next(statements, None)
        for token in tokens(self._template.markup):
            while statement and statement.start < token.start:
                self._take_statement(statement)
                statement = next(statements, None)
            self._found += self._take(token)
            if self._opened.too_deep or (isinstance(token, Comment) and token.kind is Kind.UNENDED):
                return False
        while statement:
            self._take_statement(statement)
            statement = next(statements, None)
        return True

    def _take_statement(self, statement: Statement) -> None:
        if statement.name == "include":
            self._included.append(Included(statement.rest, self._opened.here.name))
        self._found += self._branches.take(statement)

    def _take(self, token: Token) -> Iterator[Found]:
        here = self._opened.here
        match token:
            case Opening():
                yield from self._take_opening(token)
            case Closing():
                yield from self._opened.close(token)
            case Words():
                yield from self._take_words(token)
            case Comment():
                yield from wrong_comment(token, here)
            case Declaration():
                yield Found(token.start, f"{token.name} stops mjml-python", "delete it")
            case Less():
                hint = "delete it" if here.name == "mj-style" else "write &lt;"
                yield Found(token.start, "< begins no tag", hint)

    def _take_opening(self, tag: Opening) -> Iterator[Found]:
        if tag.name == NAMED_BY_JINJA:
            html = self._opened.here.holds_html
            yield from self._opened.push(tag, Open(tag.name, tag.start, html=html))
        elif of_mjml(tag.name):
            yield from self._opened.leave_html_for(tag)
            yield from self._take_mjml(tag)
        else:
            yield from self._take_html(tag)

    def _take_mjml(self, tag: Opening) -> Iterator[Found]:
        component, here = self._components.get(tag.name), self._opened.here
        if component:
            yield from wrong_place(tag, component, here)
            yield from () if self._branches else second(tag, here)
            yield from wrong_attributes(component, tag, defaults=here.name == "mj-attributes")
        elif not self._template.markup.startswith(HOLE, tag.start + len(f"<{tag.name}")):
            yield unknown(tag, here, self._components)
        yield from self._opened.push(tag, Open(tag.name, tag.start, component))

    def _take_html(self, tag: Opening) -> Iterator[Found]:
        here, name = self._opened.here, tag.name
        if here.holds_words_alone:
            yield Found(tag.start, f"<{name}> stands in {here}, which holds words alone", "delete it")
            here.forgiven.append(name)
            return
        if not here.holds_html:
            yield Found(tag.start, f"<{name}> cannot stand in {here}", instead(here, "<mj-text> or <mj-raw>"))
        if not _NAME.fullmatch(name):
            yield Found(tag.start, f"<{name}> is no tag", "write &lt; if it is meant to be read")
        yield from wrong_form(tag)
        yield from missing_alt(tag)
        if name not in VOID and name.lower() in VOID and not tag.alone:
            yield Found(tag.start, f"<{name}> in capitals wants to be closed", f"write <{name.lower()} />")
        elif name not in VOID:
            yield from self._opened.push(tag, Open(name, tag.start, html=True, misplaced=not here.holds_html))

    def _take_words(self, words: Words) -> Iterator[Found]:
        here, text = self._opened.here, self._template.markup[words.start : words.end]
        if not here.holds_html:
            first = " ".join(shown(text).split()[:4])
            yield Found(words.start, f"{first!r} cannot stand in {here}", instead(here, "<mj-text>"))
        if "]]>" in text:
            yield Found(words.start + text.index("]]>") + 2, "]]> stops mjml-python", "write ]]&gt;")

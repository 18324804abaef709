"""One template from top to bottom: which tags are open where, and everything that is wrong with them.

Jinja's branches are walked one after the other: an `else` begins with what was open at its `if`, and what follows the
`endif` with what its last branch left open. A macro begins with nothing open, wherever it stands.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from newsletter.core.mjml import engine
from newsletter.core.mjml.attributes import Found, wrong_attributes, wrong_form
from newsletter.core.mjml.components import mjml
from newsletter.core.mjml.jinja import Masked, Statement, shown
from newsletter.core.mjml.markup import (
    NAMED_BY_JINJA,
    Closing,
    Comment,
    Declaration,
    Less,
    Opening,
    Token,
    Words,
    tokens,
)
from newsletter.core.mjml.places import ANYWHERE, Open, instead, second, unknown, wrong_comment, wrong_place
from newsletter.core.source import Mark, Problem

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_APART = frozenset({"macro", "call"})  # what they hold is drawn elsewhere; so is that of `set` without a value
_BRANCHING = frozenset({"if", "for"})
_ENDS = frozenset({"endmacro", "endcall", "endset", "endif", "endfor"})
_ASSIGNED = re.compile(r"[^|]*=")
_MJML = re.compile(r"mj(?:ml|[-_]|$)", re.IGNORECASE)


class BrokenJinja(Exception):
    """Blocks of Jinja do not end as they began."""


@dataclass(frozen=True, slots=True)
class Included:
    """An `{% include %}`: its expression, and the tag that it stands in."""

    expression: str
    place: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found, in the order of the template."""

    errors: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    included: tuple[Included, ...]


@dataclass(slots=True)
class _Branch:
    """A Jinja block that is open, and what was open when it began."""

    name: str
    before: list[Open]


class Walk:
    """A walk through one template. `place` is the tag that it stands in, `ROOT` or `ANYWHERE`."""

    def __init__(self, file: str, template: Masked, place: str) -> None:
        self._file = file
        self._template = template
        self._lines = [0, *(match.end() for match in re.finditer("\n", template.markup))]
        self._open = [Open(place, 0, mjml().components.get(place))]
        self._branches: list[_Branch] = []
        self._errors: list[Problem] = []
        self._warnings: list[Problem] = []
        self._included: list[Included] = []

    def walked(self) -> Walked:
        """Walk, and return what was found.

        Raises:
            BrokenJinja: what follows it cannot be judged; Jinja itself says where it is.
        """
        statements = iter(self._template.statements)
        statement = next(statements, None)
        for token in tokens(self._template.markup):
            while statement and statement.start < token.start:
                self._take_statement(statement)
                statement = next(statements, None)
            self._take(token)
        while statement:
            self._take_statement(statement)
            statement = next(statements, None)
        if self._branches:
            raise BrokenJinja
        self._close_down_to(1)
        return Walked(_in_order(self._errors), _in_order(self._warnings), tuple(self._included))

    # Jinja

    def _take_statement(self, statement: Statement) -> None:
        name = statement.name
        if name in _APART or (name == "set" and not _ASSIGNED.match(statement.rest)):
            self._branches.append(_Branch(name, before=self._open))
            self._open = [Open(ANYWHERE, statement.start)]
        elif name in _BRANCHING:
            self._branches.append(_Branch(name, before=list(self._open)))
        elif name in {"elif", "else"}:
            branch = self._branches[-1] if self._branches else None
            if branch is None or branch.name not in _BRANCHING:
                raise BrokenJinja
            self._open = list(branch.before)
        elif name in _ENDS:
            self._take_end(name)
        elif name == "include":
            self._included.append(Included(statement.rest, self._open[-1].name))

    def _take_end(self, name: str) -> None:
        branch = self._branches.pop() if self._branches else None
        if branch is None or name != f"end{branch.name}":
            raise BrokenJinja
        if branch.name not in _BRANCHING:
            self._close_down_to(1)
            self._open = branch.before

    # Tags

    def _take(self, token: Token) -> None:
        match token:
            case Opening():
                self._take_opening(token)
            case Closing():
                self._take_closing(token)
            case Words():
                self._take_words(token)
            case Comment():
                self._say(*wrong_comment(token, self._open[-1]))
            case Declaration():
                self._error(token.start, f"{token.name} stops mjml-python", "delete it")
            case Less():
                hint = "delete it" if self._open[-1].name == "mj-style" else "write &lt;"
                self._error(token.start, "< begins no tag", hint)

    def _take_opening(self, tag: Opening) -> None:
        if tag.name == NAMED_BY_JINJA:
            self._push(tag, Open(tag.name, tag.start, html=self._open[-1].holds_html))
            return
        if not _MJML.match(tag.name):
            self._take_html(tag)
            return
        self._leave_html_for(tag)
        component = mjml().components.get(tag.name)
        here = self._open[-1]
        if component:
            self._say(*wrong_place(tag, component, here))
            self._say(*(() if self._branches else second(tag, here)))
            self._say(*wrong_attributes(component, tag, defaults=here.name == "mj-attributes"))
        elif not tag.name.endswith("-"):  # then its name goes on in Jinja
            self._say(unknown(tag, here))
        self._push(tag, Open(tag.name, tag.start, component))

    def _leave_html_for(self, tag: Opening) -> None:
        """Close what holds HTML before a tag of MJML, which cannot stand there, so that it is said once."""
        at = len(self._open) - 1
        while at and self._open[at].html:
            at -= 1
        outer = self._open[at]
        if outer.component and outer.component.ending and at:
            said = f"<{tag.name}> stands inside <{outer.name}> of line {self._mark(outer.start).line}"
            self._error(tag.start, said, f"close <{outer.name}> before it")
        elif at < len(self._open) - 1:
            at += 1
            if not self._open[at].misplaced:
                said = f"<{tag.name}> stands inside <{self._open[at].name}>, which is HTML"
                self._error(tag.start, said, "close that before it, or put the HTML into <mj-raw>")
        else:
            return
        self._open[at - 1].forgiven += [each.name for each in self._open[at:]]
        del self._open[at:]

    def _push(self, tag: Opening, opened: Open) -> None:
        if tag.alone:
            return
        self._open.append(opened)
        if len(self._open) == engine.MAX_DEPTH:
            said = f"<{tag.name}> stands inside {engine.MAX_DEPTH - 2} others"
            self._error(tag.start, said, "nest less: depth stops mjml-python")

    def _take_closing(self, tag: Closing) -> None:
        here = self._open[-1]
        if tag.name in _VOID:
            self._error(tag.start, f"</{tag.name}> closes nothing", f"write <{tag.name} />")
            return
        at = self._index_of(tag.name)
        if at is not None:
            self._close_down_to(at + 1)
            self._open.pop()
        elif tag.name in here.forgiven:
            here.forgiven.remove(tag.name)
        else:
            self._error(tag.start, f"</{tag.name}> closes nothing", "delete it, or open the tag before it")

    def _index_of(self, name: str) -> int | None:
        """Return which open tag a closing tag closes; one of HTML never closes what is around the HTML."""
        for at in range(len(self._open) - 1, 0, -1):
            if self._open[at].name == name:
                return at
            if not self._open[at].html and not _MJML.match(name):
                return None
        return None

    def _close_down_to(self, count: int) -> None:
        for each in self._open[count:]:
            self._error(each.start, f"<{each.name}> is never closed", f"write </{each.name}> where it ends")
        del self._open[count:]

    # HTML

    def _take_html(self, tag: Opening) -> None:
        here = self._open[-1]
        if here.holds_words_alone:
            self._error(tag.start, f"<{tag.name}> stands in {here}, which holds words alone", "delete it")
            here.forgiven.append(tag.name)
            return
        if not here.holds_html:
            hint = instead(here, "<mj-text> or <mj-raw>")
            self._error(tag.start, f"<{tag.name}> cannot stand in {here}", hint)
        self._say(*wrong_form(tag))
        if tag.name in _VOID:
            return
        if tag.name.lower() in _VOID and not tag.alone:
            said = f"<{tag.name}> in capitals wants to be closed"
            self._error(tag.start, said, f"write <{tag.name.lower()} />")
        else:
            self._push(tag, Open(tag.name, tag.start, html=True, misplaced=not here.holds_html))

    def _take_words(self, words: Words) -> None:
        here = self._open[-1]
        if not here.holds_html:
            text = shown(self._template.markup[words.start : words.end]).split()
            self._error(words.start, f"{' '.join(text[:4])!r} cannot stand in {here}", instead(here, "<mj-text>"))

    # Problems

    def _mark(self, offset: int) -> Mark:
        line = bisect_right(self._lines, offset)
        return Mark(line, offset - self._lines[line - 1] + 1)

    def _error(self, offset: int, message: str, hint: str) -> None:
        self._say(Found(offset, message, hint))

    def _say(self, *found: Found) -> None:
        for each in found:
            problem = Problem(self._file, self._mark(each.at), "", each.message, each.hint)
            (self._warnings if each.poor else self._errors).append(problem)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.mark))

"""What may stand where: the tag that is open decides what may come inside it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from newsletter.core.mjml import engine
from newsletter.core.mjml.attributes import Found
from newsletter.core.mjml.components import Component
from newsletter.core.mjml.markup import Comment, Kind, Opening

ROOT = "the document"  # the place of a whole document, where only <mjml> may stand
ANYWHERE = ""  # the place of a macro, and of a piece that stands in different places
FRAGMENT = "a fragment"  # the place of what an editor writes into an issue; it goes into mj-body

_ONCE = frozenset({"mjml", "mj-head", "mj-body"})
_FOR_OUTLOOK = frozenset({Kind.CONDITION, Kind.END})
_SHOWN = {ROOT: "the document outside <mjml>", ANYWHERE: "a piece", FRAGMENT: "a block of kind raw"}
_DRAWN = frozenset({FRAGMENT, "mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero"})


@dataclass(slots=True)
class Open:
    """A tag that is open, or, at the bottom, the place that a template or macro stands in.

    `component` is None for HTML and for what MJML does not know. `misplaced` HTML was reported. `forgiven` are closing
    tags that may still come, because what they close was left early.
    """

    name: str
    start: int
    component: Component | None = None
    html: bool = False
    misplaced: bool = False
    once: set[str] = field(default_factory=set)
    forgiven: list[str] = field(default_factory=list)

    @property
    def anywhere(self) -> bool:
        """Tell whether nothing is known about what may stand here."""
        return self.component is None and not self.html and self.name != ROOT

    @property
    def holds_html(self) -> bool:
        """Tell whether HTML may stand here."""
        return self.html or self.anywhere or bool(self.component and self.component.ending)

    @property
    def holds_words_alone(self) -> bool:
        """Tell whether no tag may stand here."""
        return self.name in engine.WORDS_ALONE

    def __str__(self) -> str:
        return _SHOWN.get(self.name, f"<{self.name}>")


def wrong_place(tag: Opening, component: Component, here: Open) -> Iterator[Found]:
    """Yield what is wrong with a tag of MJML where it stands."""
    name = component.name
    allowed = {"mjml"} if here.name == ROOT else here.component.children if here.component else None
    if name != "mj-include" and (name == "mjml" if allowed is None else name not in allowed):
        yield Found(tag.start, f"<{name}> cannot stand in {here}", _put_into(component, here))
    elif name == "mj-raw" and here.name in engine.NO_RAW:
        yield Found(tag.start, f"<mj-raw> in {here} stops mjml-python", "put it elsewhere")
    elif name == "mj-raw" and here.name == "mj-wrapper":
        yield Found(tag.start, f"<mj-raw> in {here} is shown by Outlook alone", "put it into a section")
    elif here.name == "mj-attributes":
        if name == "mj-body":
            yield Found(tag.start, "<mj-body> has no effect here", "write its attributes into <mj-body> itself")
    elif name in engine.BROKEN_TAGS:
        said, hint = engine.BROKEN_TAGS[name]
        yield Found(tag.start, f"<{name}> {said}", hint)
    elif name in engine.POOR_TAGS:
        said, hint = engine.POOR_TAGS[name]
        yield Found(tag.start, f"<{name}> {said}", hint, poor=True)


def instead(here: Open, wanted: str) -> str:
    """Return what to do with HTML or words that cannot stand here."""
    if here.name == FRAGMENT:
        return "it is one or more <mj-section>; put this into an <mj-text> inside"
    return f"put it into {wanted}" if here.name in _DRAWN else "delete it"


def second(tag: Opening, here: Open) -> Iterator[Found]:
    """Yield what stands twice and may stand once; remember the first."""
    if tag.name in _ONCE & here.once:
        yield Found(tag.start, f"<{tag.name}> stands here twice", "keep one")
    here.once.add(tag.name)


def unknown(tag: Opening, here: Open, known: Iterable[str]) -> Found:
    """Return that a tag is none of MJML's."""
    names = {_bare(name): name for name in known}
    near = difflib.get_close_matches(_bare(tag.name), names, n=1)
    children = sorted(here.component.children) if here.component else []
    some = ", ".join(children) or "mj-section, mj-column, mj-text and others"
    hint = f"did you mean {names[near[0]]!r}?" if near else f"known here: {some}"
    return Found(tag.start, f"<{tag.name}> is not a tag of MJML", hint)


def _bare(name: str) -> str:
    """Return a name without what all of them begin with, which would make any two alike."""
    return re.sub(r"^mj[-_]", "", name.lower())


def wrong_comment(comment: Comment, here: Open) -> Iterator[Found]:
    """Yield what is wrong with a comment where it stands."""
    if comment.kind is Kind.UNENDED:
        yield Found(comment.start, "a comment is never closed", "write --> where it ends")
    elif comment.kind in _FOR_OUTLOOK and (not here.holds_html or here.holds_words_alone):
        if comment.kind is Kind.END and Kind.END.name in here.forgiven:
            here.forgiven.remove(Kind.END.name)
            return
        here.forgiven += [Kind.END.name] if comment.kind is Kind.CONDITION else []
        yield Found(comment.start, f"a comment for Outlook stands in {here}", "put it into <mj-raw>")
    elif comment.kind is Kind.PLAIN and here.name in engine.NO_COMMENTS:
        written = "/* ... */" if here.name == "mj-style" else "{# ... #}"
        yield Found(comment.start, f"a comment in {here} stops mjml-python", f"write {written}")
    elif comment.kind is Kind.PLAIN and here.name in engine.TORN_BY_COMMENTS:
        yield Found(comment.start, f"a comment in {here} tears apart what is around it", "put it elsewhere")
    elif comment.kind is Kind.PLAIN and ("--" in comment.text or comment.text.endswith("-")):
        yield Found(comment.start, "a comment with -- inside stops mjml-python", "take that out of it")


def _put_into(component: Component, here: Open) -> str:
    parents = sorted(component.parents - {"mj-attributes"})
    if here.name == "mj-class":
        return "write the attributes into <mj-class> itself"
    if FRAGMENT in component.parents:
        return "close what is open before it"
    if component.name == "mjml":
        return "it stands once, around everything"
    *first, last = [f"<{parent}>" for parent in parents or component.parents]
    return f"put it into {', '.join(first)} or {last}" if first else f"put it into {last}"

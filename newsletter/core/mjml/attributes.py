"""The attributes of one tag: their form, their names, their values, and those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from newsletter.core.mjml import engine, values
from newsletter.core.mjml.components import Component
from newsletter.core.mjml.jinja import shown
from newsletter.core.mjml.markup import Attribute, Opening
from newsletter.core.source import Mark
from newsletter.core.typed import did_you_mean

_PICTURES = frozenset({"img", "mj-image", "mj-social-element"})


@dataclass(frozen=True, slots=True)
class Found:
    """Something wrong at a place of the template; `poor`: it comes out, but less than good.

    `since` is where the tag begins that the message ends with.
    """

    at: int
    message: str
    hint: str
    poor: bool = False
    since: int | None = None

    def said(self, locate: Callable[[int], Mark]) -> str:
        """Return the message, with the line of what it ends with."""
        return self.message if self.since is None else f"{self.message} of line {locate(self.since).line}"


def wrong_form(tag: Opening) -> Iterator[Found]:
    """Yield what is wrong with how attributes are written, in MJML and HTML alike."""
    if tag.unended == tag.start:
        yield Found(tag.start, f"<{tag.name}> does not end", "look for a missing quote or >")
    elif tag.unended is not None:
        yield Found(tag.unended, f"an attribute of <{tag.name}> does not end", "look for a missing quote")
    seen: set[str] = set()
    for attribute in tag.attributes:
        name = attribute.name
        if name in seen and not tag.open_ended:  # a branch of Jinja may choose between the two
            yield Found(attribute.start, f"{name} stands twice in <{tag.name}>", "keep one")
        seen.add(name)
        if not attribute.quoted:
            hint = f'write {name}="{shown(attribute.value or "")}"'
            yield Found(attribute.start, f"{name} of <{tag.name}> has no quotes", hint)
        elif not attribute.spaced:
            yield Found(attribute.start, f"{name} stands right behind a quote", "put a space between")


def wrong_attributes(component: Component, tag: Opening, *, defaults: bool) -> Iterator[Found]:
    """Yield what is wrong with the attributes of a tag of MJML, which may stand in mj-attributes as `defaults`."""
    yield from wrong_form(tag)
    for attribute in tag.attributes:
        yield from _wrong_attribute(component, attribute)
    if not tag.open_ended:
        yield from _missing(tag, defaults=defaults)


def missing_alt(tag: Opening) -> Iterator[Found]:
    """Yield that a picture has no words in its place, in MJML and HTML alike."""
    given = {attribute.name for attribute in tag.attributes}
    if tag.name in _PICTURES and "alt" not in given and not tag.open_ended:
        said = f"<{tag.name}> has no alt, which is read out or shown in place of the picture"
        yield Found(tag.start, said, 'say what it shows, or write alt="" if it only decorates', poor=True)


def _wrong_attribute(component: Component, attribute: Attribute) -> Iterator[Found]:
    name, value = attribute.name, attribute.value or ""
    kinds = component.attributes.get(name)
    if kinds is None:
        said = f"{name} is not an attribute of <{component.name}>"
        yield Found(attribute.start, said, did_you_mean(name, component.attributes))
    elif hint := values.wrong(value, kinds):
        yield Found(attribute.start, f"{name} of <{component.name}> cannot be {shown(value)!r}", hint)
    else:
        for fault in engine.faults(component.name, name, value, kinds):
            yield Found(attribute.start, f"{name} {fault.message}", fault.hint, fault.poor)


def _missing(tag: Opening, *, defaults: bool) -> Iterator[Found]:
    given = {attribute.name for attribute in tag.attributes}
    if tag.name == "mj-class" and "name" not in given:
        yield Found(tag.start, "<mj-class> has no name", 'give it one, like name="quiet"')
    if defaults:
        return
    yield from missing_alt(tag)
    if tag.name == "mj-social-element" and "src" not in given:
        said = "<mj-social-element> without src fetches its icon from mailjet.com"
        yield Found(tag.start, said, "give the address of an icon of your own", poor=True)

"""The tags that are open at one place of a template, and what is wrong with how they are closed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletter.core.mjml import engine
from newsletter.core.mjml.attributes import Found
from newsletter.core.mjml.markup import Closing, Opening
from newsletter.core.mjml.places import Open

# Tags of HTML that hold nothing and are not closed.
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
_MJML = re.compile(r"mj(?:ml|[-_]|$)", re.IGNORECASE)


def of_mjml(name: str) -> bool:
    """Tell whether a tag is one of MJML or means to be."""
    return bool(_MJML.match(name))


class Opened:
    """The open tags, innermost last; the first is the place that the template stands in."""

    def __init__(self, bottom: Open) -> None:
        self.tags = [bottom]

    @property
    def here(self) -> Open:
        """Return the innermost."""
        return self.tags[-1]

    @property
    def too_deep(self) -> bool:
        """Tell whether there are more than mjml-python should be given."""
        return len(self.tags) > engine.MAX_DEPTH + 1

    def push(self, tag: Opening, opened: Open) -> Iterator[Found]:
        """Open a tag."""
        if tag.alone:
            return
        self.tags.append(opened)
        if self.too_deep:
            said = f"<{tag.name}> stands inside {engine.MAX_DEPTH} others"
            yield Found(tag.start, said, "nest less: depth stops mjml-python")

    def close(self, tag: Closing) -> Iterator[Found]:
        """Close what a closing tag closes, and what was left open inside."""
        if tag.name in VOID:
            yield Found(tag.start, f"</{tag.name}> closes nothing", f"write <{tag.name} />")
        elif at := self._closed_by(tag.name):
            yield from self.close_down_to(at + 1)
            self.tags.pop()
        elif tag.name in self.here.forgiven:
            self.here.forgiven.remove(tag.name)
        else:
            yield Found(tag.start, f"</{tag.name}> closes nothing", "delete it, or open the tag before it")

    def close_down_to(self, count: int) -> Iterator[Found]:
        """Close all but the outermost so many, none of which should be open."""
        for each in self.tags[count:]:
            yield Found(each.start, f"<{each.name}> is never closed", f"write </{each.name}> where it ends")
        del self.tags[count:]

    def leave_html_for(self, tag: Opening) -> Iterator[Found]:
        """Close what holds HTML before a tag of MJML, which cannot stand there, so that it is said once."""
        at = len(self.tags) - 1
        while at and self.tags[at].html:
            at -= 1
        outer = self.tags[at]
        if outer.component and outer.component.ending and at:
            said = f"<{tag.name}> stands inside <{outer.name}>"
            yield Found(tag.start, said, f"close <{outer.name}> before it", since=outer.start)
        elif at < len(self.tags) - 1:
            at += 1
            if not self.tags[at].misplaced:
                said = f"<{tag.name}> stands inside <{self.tags[at].name}>, which is HTML"
                yield Found(tag.start, said, "close that before it, or put the HTML into <mj-raw>")
        else:
            return
        self.tags[at - 1].forgiven += [each.name for each in self.tags[at:]]
        del self.tags[at:]

    def _closed_by(self, name: str) -> int:
        """Return which open tag a closing tag closes, or 0; one of HTML never closes what is around the HTML."""
        for at in range(len(self.tags) - 1, 0, -1):
            if self.tags[at].name == name:
                return at
            if not self.tags[at].html and not of_mjml(name):
                return 0
        return 0

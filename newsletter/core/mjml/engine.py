"""What mjml-python 1.4.2 gets wrong or leaves out without a word, although MJML allows it.

Every row is proven by a test that renders it; one that begins to fail after an upgrade may be deleted.
See https://github.com/jdrouet/mrml.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass

# Thousands of tags inside one another end the process; a letter needs a dozen.
MAX_DEPTH = 50
# They hold words alone: a tag inside them stops mjml-python, and in all but one so does a comment.
WORDS_ALONE = frozenset({"mj-title", "mj-preview", "mj-style", "mj-breakpoint"})
NO_COMMENTS = frozenset({"mj-attributes", "mj-title", "mj-style", "mj-breakpoint", "mj-accordion-element"})
# A comment in these tears the tables around it apart; mj-raw in mj-wrapper is drawn for Outlook alone.
TORN_BY_COMMENTS = frozenset({"mj-wrapper", "mj-social"})
# MJML allows mj-raw in these; mjml-python stops.
NO_RAW = frozenset({"mjml", "mj-social", "mj-navbar", "mj-accordion", "mj-accordion-element"})

# Allowed tags that do not come out as MJML says.
BROKEN_TAGS = {
    "mj-include": ("loses the width of what it includes", 'write {% include "blocks/_piece.mjml.j2" %}'),
    "mj-html-attributes": ("stops mjml-python", "write the attributes where the HTML is"),
    "mj-carousel": ("comes out without its arrows", "show one picture with <mj-image>"),
}
POOR_TAGS = {"mj-accordion": ("stays unfolded and too tall in many mail programs", "write it out with <mj-text>")}

# Attributes that MJML knows and the engine passes over.
IGNORED = {
    "mjml": {"owa"},
    "mj-button": {"title"},
    "mj-hero": {"border-radius", "container-background-color"},
    "mj-image": {"border-bottom", "border-left", "border-right", "border-top", "sizes"},
    "mj-raw": {"css-class", "mj-class", "position"},  # and two of them stop it
    "mj-section": {"text-padding"},
    "mj-social": {"table-layout"},
    "mj-social-element": {"icon-position", "sizes", "srcset"},
    "mj-spacer": {"border", "border-bottom", "border-left", "border-right", "border-top"},
    "mj-table": {"font-weight", "role"},
    "mj-text": {"background-color"},
    "mj-wrapper": {"gap", "text-padding"},
}
_INSTEAD = {
    ("mj-table", "role"): "write the <table> inside <mj-text>",
    ("mj-text", "background-color"): "use container-background-color",
    ("mj-wrapper", "gap"): "give the sections a padding",
}

_PADDING = re.compile(r"(?:inner-)?padding(-(?:top|right|bottom|left))?")
_SHORT_COLOUR = re.compile(r"#[0-9A-Fa-f]{3}")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an attribute, said after its name, and what to write instead."""

    message: str
    hint: str
    poor: bool = False


def faults(tag: str, attribute: str, value: str, kinds: Container[str]) -> Iterator[Fault]:
    """Yield what the engine makes of an allowed attribute; parts of the value may be holes left by Jinja."""
    padding = _PADDING.fullmatch(attribute)
    if attribute in IGNORED.get(tag, ()):
        yield Fault(f"of <{tag}> has no effect", _INSTEAD.get((tag, attribute), "delete it"))
    elif padding and "%" in value:
        yield Fault("in % does not narrow what is inside", "write it in px")
    elif padding and padding[1] and value.strip() == "0":
        yield Fault("'0' is not understood", "write 0px")
    elif attribute == "mj-class" and len(value.split()) > 1:
        yield Fault(f"names {len(value.split())} classes, of which the first wins", "name one")
    elif "color" in kinds and _SHORT_COLOUR.fullmatch(value):
        long = "#" + "".join(2 * digit for digit in value[1:])
        yield Fault(f"{value!r} is not understood by old mail programs", f"write {long}", poor=True)
    else:
        yield from _single(tag, attribute, value)


def _single(tag: str, attribute: str, value: str) -> Iterator[Fault]:
    match tag, attribute, value:
        case "mj-hero", "mode", "fluid-height":
            yield Fault("'fluid-height' comes out without any height", 'write mode="fixed-height" and a height')
        case "mj-style", "inline", _:
            yield Fault("of <mj-style> does not inline anything", "write these styles into inline.css.j2")
        case _:
            pass

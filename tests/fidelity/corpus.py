"""Documents of our own, by which the two engines are compared: every attribute, every nesting, and whole letters.

The attributes are those of newsletter/core/mjml/components.json, which is what MJML documents; attributes of one
family, such as the four sides of a padding, share a document. The letters are files in `letters/`, of the kinds that
MJML's own collection of templates has (https://github.com/mjmlio/email-templates).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

from newsletter.core.mjml.components import mjml

LETTERS = Path(__file__).parent / "letters"
_SIDES = ("top", "right", "bottom", "left")
PICTURE = "https://pictures.example.com/400x50.png"
_Attributes = Mapping[str, str]

# By night a document has colours of its own.
_FRAME = """\
<mjml lang="en" dir="ltr">
  <mj-head>
    <mj-title>{title}</mj-title>
    <mj-attributes><mj-all font-family="Arial, sans-serif" /></mj-attributes>
    <mj-raw><meta name="color-scheme" content="light dark" /></mj-raw>
    <mj-style>
      @media (prefers-color-scheme: dark) {{
        .sheet {{ background-color: #222222 !important; }}
        .sheet div {{ color: #eeeeee !important; }}
      }}
    </mj-style>{head}
  </mj-head>
  {body}
</mjml>
"""
# What an element has whatever else is asked of it, and what is in it.
_ALWAYS: Mapping[str, _Attributes] = {
    "mj-body": {"css-class": "sheet"},
    "mj-image": {"src": PICTURE, "alt": "A picture"},
    "mj-button": {"href": "https://www.example.org/"},
    "mj-navbar-link": {"href": "/one"},
    "mj-social-element": {"name": "github", "src": PICTURE, "href": "https://www.example.org/", "alt": "Follow"},
    "mj-hero": {"background-url": PICTURE, "background-width": "400px", "background-height": "50px"},
    "mj-carousel-image": {"src": PICTURE, "alt": "A picture"},
    "mj-section": {"background-color": "#F4F1EA"},
    "mj-wrapper": {"background-color": "#E3E8F0"},
}
_WORDS = "Some words that are long enough to need a second line on a telephone, and <b>one</b> that stands out."
_INSIDE: Mapping[str, str] = {
    "mj-text": f"<p>{_WORDS}</p>",
    "mj-button": "Go there",
    "mj-table": "<tr><th>Name</th><th>Number</th></tr><tr><td>One</td><td>1</td></tr>",
    "mj-navbar-link": "Home",
    "mj-social-element": "Follow",
    "mj-accordion-title": "A question",
    "mj-accordion-text": "An answer of a few words.",
}
# Where an element stands, from the outside in, and what is inside it if that is no text.
_OUTSIDE: Mapping[str, tuple[str, ...]] = {
    "mj-section": (),
    "mj-wrapper": (),
    "mj-hero": (),
    "mj-column": ("mj-section",),
    "mj-group": ("mj-section",),
    "mj-social-element": ("mj-section", "mj-column", "mj-social"),
    "mj-navbar-link": ("mj-section", "mj-column", "mj-navbar"),
}
_CHILD: Mapping[str, tuple[str, ...]] = {
    "mj-section": ("mj-column", "mj-column"),
    "mj-wrapper": ("mj-section",),
    "mj-group": ("mj-column", "mj-column"),
    "mj-column": ("mj-text",),
    "mj-hero": ("mj-text", "mj-button"),
    "mj-social": ("mj-social-element", "mj-social-element"),
    "mj-navbar": ("mj-navbar-link", "mj-navbar-link"),
    "mj-accordion": ("mj-accordion-element",),
    "mj-accordion-element": ("mj-accordion-title", "mj-accordion-text"),
    "mj-carousel": ("mj-carousel-image", "mj-carousel-image"),
}
# A class has no looks of its own; what a link is called and where it opens shows nowhere.
_LEFT_OUT = frozenset(
    ["css-class", "mj-class", "alt", "href", "name", "rel", "sizes", "src", "srcset", "target", "title", "usemap"]
)
_SAMPLES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("border", "inner-border"), ("2px solid #0A624A",)),
    **dict.fromkeys((f"{which}border-{side}" for which in ("", "inner-") for side in _SIDES), ("4px dashed #0A624A",)),
    **dict.fromkeys(("border-radius", "inner-border-radius"), ("10px", "50%")),
    **dict.fromkeys(("font-family", "ico-font-family"), ("Georgia, serif", "'Courier New', monospace")),
    **dict.fromkeys(("text-decoration", "ico-text-decoration"), ("underline", "none")),
    **dict.fromkeys(("text-transform", "ico-text-transform"), ("uppercase", "none")),
    **dict.fromkeys(("line-height", "ico-line-height"), ("30px", "150%", "2")),
    "letter-spacing": ("2px", "-1px"),
    "background-height": ("50px",),
    "background-position": ("top left", "center center", "right bottom"),
    "background-position-x": ("left", "20%"),
    "background-position-y": ("top", "20%"),
    "background-size": ("cover", "contain", "200px 100px"),
    "background-url": (PICTURE,),
    "background-width": ("400px",),
    "base-url": ("https://www.example.org",),
    "border-style": ("dashed", "dotted"),
    "font-style": ("italic",),
    "font-weight": ("bold", "300"),
    "full-width": ("full-width",),
    "gap": ("16px",),
    "hamburger": ("hamburger",),
    "height": ("120px",),
    "ico-close": ("x",),
    "ico-open": ("=",),
    "max-height": ("80px",),
    "mode": ("fixed-height", "fluid-height"),
    "width": ("200px", "50%"),
}
CONTENTS = ("mj-text", "mj-button", "mj-image", "mj-divider", "mj-spacer", "mj-table", "mj-social", "mj-navbar")
ELEMENTS = (*CONTENTS, *_OUTSIDE)
# They work by hidden inputs, which few mail programs have; no layout uses them, and one document each says enough.
INTERACTIVE = ("mj-accordion", "mj-carousel")
_COLUMN, _PADDED = (
    "<mj-column>{0}</mj-column>",
    '<mj-column padding="10px 20px" background-color="#FFFFFF">{0}</mj-column>',
)
_BORDERED = '<mj-column border="1px solid #999999" inner-background-color="#FFFFFF" padding="8px">{0}</mj-column>'
_SECTION = f"<mj-section>{_COLUMN}</mj-section>"
_GROUP = f"<mj-group>{2 * _COLUMN}</mj-group>"
_NESTINGS: Mapping[str, str] = {
    "column": _SECTION,
    **{f"{count}-columns": f"<mj-section>{count * _COLUMN}</mj-section>" for count in (2, 3, 4)},
    "per-cent": '<mj-section><mj-column width="25%">{0}</mj-column><mj-column width="75%">{0}</mj-column></mj-section>',
    "pixels": f'<mj-section><mj-column width="200px">{{0}}</mj-column>{_COLUMN}</mj-section>',
    "group": f"<mj-section>{_GROUP}</mj-section>",
    "group-and-column": f"<mj-section>{_GROUP}{_COLUMN}</mj-section>",
    "wrapper": f'<mj-wrapper padding="20px">{2 * _SECTION}</mj-wrapper>',
    "full-width": f'<mj-section full-width="full-width" background-color="#DDEEDD">{_COLUMN}</mj-section>',
    "full-width-wrapper": f'<mj-wrapper full-width="full-width" background-color="#DDEEDD">{_SECTION}</mj-wrapper>',
    "from-the-right": f'<mj-section direction="rtl">{2 * _COLUMN}</mj-section>',
    "padded": f'<mj-section padding="10px 30px">{_PADDED}</mj-section>',
    "bordered": f'<mj-section border="4px solid #0A624A">{_BORDERED}</mj-section>',
    "on-a-picture": f'<mj-section background-url="{PICTURE}" background-size="cover">{_COLUMN}</mj-section>',
    "hero": '<mj-hero background-color="#DDEEDD" padding="40px 20px">{0}</mj-hero>',
}
_TOGETHER = (
    ("mj-text", "mj-button"),
    ("mj-image", "mj-divider"),
    ("mj-table", "mj-spacer"),
    ("mj-social", "mj-navbar"),
)


def documents() -> dict[str, str]:
    """Return every document by its name."""
    return dict([*_attributes(), *_nestings(), *_letters()])


def _attributes() -> Iterator[tuple[str, str]]:
    """Yield a document for each family of an element's attributes, with each value of each, and all together."""
    known = mjml().components
    for tag in ELEMENTS:
        kinds = {name: kind for name, (kind,) in known[tag].attributes.items() if name not in _LEFT_OUT}
        for family, names in groupby(sorted(kinds, key=lambda name: (_family(name), name)), _family):
            samples = {name: list(_values(name, kinds[name])) for name in names}
            each = [{name: value} for name, values in samples.items() for value in values]
            if len(samples) > 1:
                each.append({name: values[0] for name, values in samples.items()})
            name = f"{tag}.{family}"
            yield name, document(name, "".join(_standing(tag, attributes) for attributes in each))


def _nestings() -> Iterator[tuple[str, str]]:
    for where, around in _NESTINGS.items():
        for one, other in _TOGETHER:
            inside = around.format(element(one, {}) + element(other, {}))
            yield f"{where}.{one}.{other}", document(where, inside)
    for tag in INTERACTIVE:
        yield f"column.{tag}", document(tag, _SECTION.format(element(tag, {})))


def _letters() -> Iterator[tuple[str, str]]:
    for path in sorted(LETTERS.glob("*.mjml")):
        yield f"letter.{path.stem}", path.read_text(encoding="utf-8")


def document(title: str, inside: str, head: str = "") -> str:
    """Return a whole document."""
    return _FRAME.format(title=title, head=head, body=element("mj-body", {}, inside))


def element(tag: str, attributes: _Attributes, inside: str = "") -> str:
    """Return an element with what it always has; without `inside`, with children of its own."""
    written = "".join(f' {name}="{value}"' for name, value in {**_ALWAYS.get(tag, {}), **attributes}.items())
    inside = inside or _INSIDE.get(tag, "") or "".join(element(child, {}) for child in _CHILD.get(tag, ()))
    return f"<{tag}{written}>{inside}</{tag}>\n" if inside else f"<{tag}{written} />\n"


def _standing(tag: str, attributes: _Attributes) -> str:
    inside = element(tag, attributes)
    for outer in reversed(_OUTSIDE.get(tag, ("mj-section", "mj-column"))):
        inside = element(outer, {}, inside)
    return inside


def _family(name: str) -> str:
    return re.sub(r"-(top|right|bottom|left|x|y)$", "", name)


def _values(name: str, kind: str) -> Iterator[str]:
    """Yield what an attribute of a name and a kind may say."""
    if name == "mode" and kind.startswith("enum"):
        yield from ("horizontal", "vertical")
    elif name in _SAMPLES:
        yield from (each for each in _SAMPLES[name] if _fits(each, kind))
    elif kind.startswith("enum("):
        yield from (each for each in kind[5:-1].split(",") if each)
    elif kind == "boolean":
        yield from ("true", "false")
    elif kind.endswith("{1,4}"):
        yield from ("12px", "8px 24px", "4px 8px 16px 32px")
    elif kind == "color":
        yield "#1A4D8F"
    elif kind == "integer":
        yield "4"
    else:
        yield "20px"


def _fits(value: str, kind: str) -> bool:
    """Tell whether a kind of attribute takes a value with its unit."""
    unit = re.search(r"[a-z%]*$", value)
    return not kind.startswith("unit") or bool(unit and unit[0] in kind.partition("(")[2].partition(")")[0].split(","))

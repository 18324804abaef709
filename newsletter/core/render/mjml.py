"""MJML to HTML: the only module that knows mjml-python.

mjml-python 1.4.2 (mrml 6.0.1) never warns and gets some inputs wrong; `protect` rewrites those before, and
`check_output` looks for what leaked through afterwards. See https://github.com/jdrouet/mrml.
"""

from __future__ import annotations

import re

from newsletter.core.source import Mark, Problem
from newsletter.errors import InvalidSource

_TAG = re.compile(r"""<[A-Za-z][\w:.-]*(?:\s+[^\s=<>/"']+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*/?>""")
_ATTRIBUTE = re.compile(r"""(\s+([^\s=<>/"']+)\s*=\s*)(?:"([^"]*)"|'([^']*)')""")
_VERBATIM = re.compile(r"(<!--.*?-->|<mj-style\b[^>]*>.*?</mj-style>|<style\b[^>]*>.*?</style>)", re.DOTALL)
_TITLE = re.compile(r"(<mj-title\b[^>]*>)(.*?)(</mj-title>)", re.DOTALL)
_GAP = re.compile(r">\s+(?=</?mj)")
_LEAK = re.compile(r"</?mj-[a-z-]*", re.IGNORECASE)
_POSITION = re.compile(r"position (\d+):\d+")
_OUTLOOK = re.compile(r"<!--\[if mso \| IE\]>.*?<!\[endif\]-->", re.DOTALL)
_NO_ATTRIBUTE = re.compile(r'(<td\b[^<>]*) vertical-align="[a-z]*"')
_OUTLOOK_CLASSES = re.compile(r'class="([^"]*)-outlook"')
# C0 and C1 controls and non-characters stop the parser (and a C1 control makes Gmail clip the message).
_LONE_END = re.compile("(?<=[^\x00-\x7f])/>")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


def to_html(source: str, *, file: str) -> str:
    """Return the HTML of an MJML document; `file` names its origin in errors.

    Raises:
        InvalidSource: the MJML cannot be parsed, or part of it came out unrendered.
    """
    from mjml import mjml2html  # noqa: PLC0415 - a native library that only rendering needs

    safe = protect(source)
    try:
        # Without fonts={} a Google font is imported wherever the default font-family is used.
        rendered: str = mjml2html(safe, fonts={})
    except ValueError as err:
        raise InvalidSource([_parse_problem(safe, str(err), file)]) from err
    except BaseException as err:
        # A panic of the Rust code is no Exception.
        if type(err).__name__ != "PanicException":
            raise
        raise InvalidSource([_parse_problem(safe, "the engine gave up", file)]) from err
    check_output(rendered, file=file)
    return mended(rendered)


def protect(source: str) -> str:
    """Rewrite MJML so that mrml renders it as the official engine would.

    - Between tags of the head only gaps that begin with a newline are accepted.
    - Attribute values and the title are written out with Rust's debug format: whatever is not printable ASCII, and
      backslashes and quotes, go in as character references, which are copied verbatim.
    - Padding is only understood as `Npx` parts split by one space, so `0` becomes `0px`.
    - A `/>` in a text, right behind a letter that is not ASCII, makes the parser panic.
    """
    source = _CONTROL.sub("", source.lstrip("\ufeff").replace("\r\n", "\n")).strip()
    source = _GAP.sub(">\n", source)
    source = _TITLE.sub(lambda match: match[1] + _reference(match[2]) + match[3], source)
    parts = _VERBATIM.split(source)
    return "".join(part if index % 2 else _protect_part(part) for index, part in enumerate(parts))


def _protect_part(part: str) -> str:
    return _LONE_END.sub("/&gt;", _TAG.sub(_protect_tag, part))


def mended(html: str) -> str:
    """Take back what mrml writes otherwise than the official engine.

    - A button's cell has its style's `vertical-align` as an attribute too, which HTML does not know.
    - Of several classes, Outlook's tables have the suffix `-outlook` on the last alone.
    """
    html = _NO_ATTRIBUTE.sub(r"\1", html)
    return _OUTLOOK.sub(lambda match: _OUTLOOK_CLASSES.sub(_each_for_outlook, match[0]), html)


def check_output(html: str, *, file: str) -> None:
    """Refuse HTML in which MJML tags are left: unknown, misplaced or swallowed ones leak through silently.

    Raises:
        InvalidSource: with one problem per kind of leaked tag.
    """
    outside = re.sub(r"<!--\[if.*?\]>|<!\[endif\]-->", "", html)
    leaked = sorted({match[0].lstrip("</") for match in _LEAK.finditer(outside)})
    if leaked:
        hint = "check its spelling, where it stands, and that every tag is closed"
        raise InvalidSource([Problem(file, Mark(1, 1), "", f"<{tag}> was not rendered", hint) for tag in leaked])


def _each_for_outlook(match: re.Match[str]) -> str:
    names = [name.removesuffix("-outlook") for name in match[1].split()]
    return f'class="{" ".join(f"{name}-outlook" for name in names)}"'


def _protect_tag(match: re.Match[str]) -> str:
    return _ATTRIBUTE.sub(_protect_attribute, match[0])


def _protect_attribute(match: re.Match[str]) -> str:
    value = _reference(match[3] if match[3] is not None else match[4])
    if match[2] in {"padding", "inner-padding"}:
        value = " ".join("0px" if part == "0" else part for part in value.split())
    return f'{match[1]}"{value}"'


def _reference(value: str) -> str:
    value = value.replace('"', "&quot;").replace("\\", "&#92;")
    value = re.sub(r"[\r\n\t]+", " ", value)
    return "".join(char if " " <= char <= "~" else f"&#x{ord(char):x};" for char in value)


def _parse_problem(source: str, said: str, file: str) -> Problem:
    """Return the problem with the line of the filled template; mrml counts in bytes of UTF-8."""
    match = _POSITION.search(said)
    if match is None:
        return Problem(file, Mark(1, 1), "", f"MJML cannot be parsed: {said}", "check that every tag is closed")
    head = source.encode()[: int(match[1])].decode("utf-8", "ignore")
    line = source.split("\n")[head.count("\n")].strip()[:80]
    mark = Mark(head.count("\n") + 1, len(head.rpartition("\n")[2]) + 1)
    return Problem(f"{file} (filled)", mark, "", f"MJML cannot be parsed near {line!r}", "check that tags are closed")

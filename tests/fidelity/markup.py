"""HTML as a list of tokens, Outlook's conditional comments opened, so that two engines' spellings compare equal.

What is left out of the comparison, and why it makes no difference to any mail program:

- White space around tags, and around the punctuation of CSS: one engine indents its templates, the other does not.
  White space that shows is compared in pictures.
- The order of attributes, of classes, and of declarations in a style attribute, except of those that may overrule each
  other, such as `margin` and `margin-bottom`.
- `class=""` and `style=""`: the official engine writes them where there is nothing to write.
- The division of style sheets into adjacent `<style>` elements: the official engine joins all of a document's, ours
  keeps them apart, because Gmail drops a whole element for one rule that it does not like.
- The order of the rules that set the widths of columns: each has one class of its own.
- `0` for `0px`, which our engine needs to reckon with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_CONDITIONS = (
    (re.compile(r"<!--\[if ([^\]]*)\]>(?:<!-->|<!-- -->)?"), r"<if \1>"),
    (re.compile(r"(?:<!--)?<!\[endif\]-->"), "</if>"),
)
_ADJACENT_STYLES = re.compile(r'</style>\s*<style type="text/css">')
_TOKEN = re.compile(r"""<style\b.*?</style>|<!--.*?-->|</?[A-Za-z](?:[^<>"']|"[^"]*"|'[^']*')*>|[^<]+|<""", re.DOTALL)
_NAME = re.compile(r"<([\w:-]+)")
_ATTRIBUTE = re.compile(r"""([\w:-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?""")
_COLUMNS = re.compile(r"(?:(?:\.moz-text-html )?\.mj-column-[\w-]+\{[^}]*\})+")
_NOUGHT = re.compile(r"(?<![\w.#-])0px\b")


def tokens(html: str) -> list[str]:
    """Return the tags, texts and style sheets of a document in their order, each in one spelling."""
    for pattern, replacement in _CONDITIONS:
        html = pattern.sub(replacement, html)
    html = _ADJACENT_STYLES.sub("\n", html)
    return [spelt for match in _TOKEN.finditer(html) if (spelt := _spelt(match[0]))]


def conditional(stream: list[str]) -> Iterator[str]:
    """Yield the tokens that Outlook for Windows alone reads."""
    inside = False
    for token in stream:
        inside = (inside or token == "<if mso | IE>") and token != "</if>"
        if inside:
            yield token


def _spelt(token: str) -> str:
    if token.startswith("<style"):
        opening, _, sheet = token.partition(">")
        return f"{_tag(opening)} {_sheet(sheet.removesuffix('</style>'))}"
    if token.startswith("<if "):
        return token
    return _tag(token) if _NAME.match(token) else " ".join(token.split())


def _tag(token: str) -> str:
    match = _NAME.match(token)
    assert match
    attributes = sorted(_attributes(token[match.end() :].rstrip("/>")))
    return " ".join([f"<{match[1].lower()}", *attributes]) + ">"


def _attributes(text: str) -> Iterator[str]:
    for match in _ATTRIBUTE.finditer(text):
        name, value = match[1].lower(), " ".join((match[2] or match[3] or "").split())
        if name == "style":
            value = _declarations(value)
        elif name == "class":
            value = " ".join(sorted(value.split()))
        if value or name not in {"class", "style"}:
            yield f'{name}="{value}"'


def _declarations(value: str) -> str:
    each = [_sheet(part) for part in re.findall(r"""(?:[^;"']|"[^"]*"|'[^']*')+""", value) if part.strip()]
    return ";".join(sorted(each, key=lambda part: part.partition(":")[0].partition("-")[0]))


def _sheet(text: str) -> str:
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,:]) ?", r"\1", text).strip()
    text = _COLUMNS.sub(lambda match: "".join(sorted(re.findall(r"[^}]*\}", match[0]))), text.replace(";}", "}"))
    return _NOUGHT.sub("0", text)

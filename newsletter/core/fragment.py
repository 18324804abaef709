"""MJML that an editor wrote into an issue: whether it nests as it must, before mjml-python sees it.

mjml-python 1.4.2 takes what follows an unclosed tag inside `<mj-raw>` for text, passes tags on that it does not know,
and dies of some nine thousand open ones, all without a word (https://github.com/jdrouet/mrml).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from newsletter.core.typed import did_you_mean

MAX_DEPTH = 50

# Which tags of MJML stand in which; the fragment itself ("") stands in mj-body.
_CHILDREN: dict[str, frozenset[str]] = {
    "": frozenset({"mj-section", "mj-wrapper"}),
    "mj-wrapper": frozenset({"mj-section"}),
    "mj-section": frozenset({"mj-column", "mj-group", "mj-raw"}),
    "mj-group": frozenset({"mj-column"}),
    "mj-column": frozenset(
        {"mj-button", "mj-divider", "mj-image", "mj-navbar", "mj-raw", "mj-social", "mj-spacer", "mj-text"}
    ),
    "mj-navbar": frozenset({"mj-navbar-link"}),
    "mj-social": frozenset({"mj-social-element"}),
}
_HOLDING_HTML = frozenset({"mj-button", "mj-navbar-link", "mj-raw", "mj-social-element", "mj-text"})
_KNOWN = frozenset().union(*_CHILDREN.values())
_VOID = frozenset({"area", "br", "col", "hr", "img", "wbr"})
_REFUSED = {"script": "mail programs drop it", "style": "write style attributes instead"}

_FIELD = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# For mjml-python the markup inside Outlook's conditional comments is markup.
_CONDITION = r"<!--\s*\[if[^\]<>]*\]>(?:\s*<!-->)?|(?:<!--\s*)?<!\[endif\]-->"
_COMMENT = re.compile(rf"{_CONDITION}|<!--(?!\s*\[if)(?!-?>)(.*?)-->", re.DOTALL)
_CLOSING = re.compile(r"</([A-Za-z][\w:-]*)\s*>")
_OPENING = re.compile(r"""<([A-Za-z][\w:-]*+)(?:\s++[^\s=<>/"']++(?:\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'))?+)*+\s*+(/?)>""")


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that would not come out as it is written: where, what, and what to do about it."""

    offset: int
    message: str
    hint: str


def flaws(source: str) -> Iterator[Flaw]:
    """Yield what is wrong with a fragment, in its order but for tags that are never closed, which come last."""
    # A merge field may hold quotes; as letters it leaves every offset where it is.
    masked = _FIELD.sub(lambda match: "x" * len(match[0]), source)
    yield from _Walk(masked, source).flaws()


@dataclass(slots=True)
class _Walk:
    source: str
    written: str
    open: list[tuple[str, int]] = field(default_factory=list)

    def flaws(self) -> Iterator[Flaw]:
        at = 0
        while at < len(self.source):
            begin = self.source.find("<", at)
            words = self.source[at : begin if begin >= 0 else len(self.source)]
            yield from self._words(words, at)
            if begin < 0:
                break
            found = (each.match(self.source, begin) for each in (_COMMENT, _CLOSING, _OPENING))
            match = next(filter(None, found), None)
            at = match.end() if match else begin + 1
            if match is None:
                yield _unreadable(self.source, begin)
                if self.source.startswith("<!--", begin):
                    return  # what follows it would be comment
            elif match.re is _COMMENT:
                if re.search("<|--|-$", match[1] or ""):
                    yield Flaw(begin, "a comment holds a tag or --", "take that out of it")
            elif match.re is _CLOSING:
                yield from self._close(match[1], begin)
            else:
                yield from self._take(match[1], begin, alone=bool(match[2]))
                if len(self.open) > MAX_DEPTH:
                    yield Flaw(begin, f"nested deeper than {MAX_DEPTH} tags", "nest less")
                    return
        for name, start in self.open:
            yield _unclosed(name, start)

    @property
    def _here(self) -> str:
        return self.open[-1][0] if self.open else ""

    def _holds_html(self) -> bool:
        return any(name in _HOLDING_HTML for name, _ in self.open)

    def _words(self, words: str, start: int) -> Iterator[Flaw]:
        text = words.strip()
        # The engine takes `/>` and `]]>` for ends of something, and panics where `/>` follows a letter beyond ASCII.
        for match in re.finditer(">", words):
            yield Flaw(start + match.start(), "> ends no tag", "write &gt;")
        if text and not self._holds_html():
            first = start + words.index(text)
            shown = self.written[first : first + min(len(text), 30)]
            yield Flaw(first, f"{shown!r} stands outside of all text", "put it into <mj-text>")

    def _take(self, name: str, start: int, *, alone: bool) -> Iterator[Flaw]:
        if name.startswith("mj-") or name == "mjml":
            yield from self._misplaced(name, start)
        elif name != name.lower():
            yield Flaw(start, f"<{name}> is written in capitals", f"write <{name.lower()}>")
        elif name in _REFUSED:
            yield Flaw(start, f"<{name}> cannot stand in an email's body", _REFUSED[name])
        elif not self._holds_html():
            hint = f"a block of kind raw is one or more <mj-section>; put <{name}> into an <mj-text> inside"
            yield Flaw(start, f"<{name}> stands outside of all text", hint)
        elif alone and name not in _VOID:
            yield Flaw(start, f"<{name} /> is not closed by its slash", f"write <{name}></{name}>")
        if not alone and name not in _VOID:
            self.open.append((name, start))

    def _misplaced(self, name: str, start: int) -> Iterator[Flaw]:
        if name not in _KNOWN:
            yield Flaw(start, f"<{name}> cannot be used here", did_you_mean(name, _KNOWN))
        elif name not in _CHILDREN.get(self._here, frozenset()):
            where = f"in <{self._here}>" if self._here else "by itself"
            parents = [f"<{parent}>" for parent, children in _CHILDREN.items() if name in children and parent]
            hint = (
                f"put it into {' or '.join(parents)}" if name not in _CHILDREN[""] else "close what is open before it"
            )
            yield Flaw(start, f"<{name}> cannot stand {where}", hint)

    def _close(self, name: str, start: int) -> Iterator[Flaw]:
        if name in _VOID:
            yield Flaw(start, f"</{name}> closes nothing", f"write <{name} />")
        elif all(each != name for each, _ in self.open):
            yield Flaw(start, f"</{name}> closes nothing", "delete it, or open the tag before it")
        else:
            while self._here != name:
                yield _unclosed(*self.open.pop())
            self.open.pop()


def _unclosed(name: str, start: int) -> Flaw:
    return Flaw(start, f"<{name}> is never closed", f"write </{name}> where it ends")


def _unreadable(source: str, at: int) -> Flaw:
    if source.startswith("<!--", at):
        return Flaw(at, "a comment is never closed", "write --> where it ends")
    if re.match(r"</?[A-Za-z]", source[at : at + 3]):
        return Flaw(at, "a tag is not written out", 'put every value into quotes, name="value", and end the tag with >')
    return Flaw(at, "< begins no tag", "write &lt;")

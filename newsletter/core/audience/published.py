"""The key `audiences` of publication.yaml: its names, and every problem with them in its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from newsletter.core.audience.named import defined, misnamed
from newsletter.core.audience.terms import Everybody, Expression
from newsletter.core.source import Document, Problem


def audiences_of(document: Document) -> Mapping[str, Expression]:
    """Return the audiences that a publication names, whatever else is wrong with it; those flawed are everybody."""
    texts = _audiences(document)
    return dict.fromkeys(texts, Everybody()) | dict(defined(texts)[0])


def flawed_audiences(document: Document) -> Iterator[Problem]:
    """Yield what is wrong with the names and expressions, at the very character."""
    texts = _audiences(document)
    for name in texts:
        if said := misnamed(name):
            hint = "use up to 60 letters, digits, - and _, and begin with a letter"
            yield document.problem(("audiences", name), f"{name[:60]!r} {said}", hint)
    for name, flaw in defined(texts)[1].items():
        path = ("audiences", name)
        yield document.problem(path, flaw.message, flaw.hint, mark=document.locate(path, flaw.at))


def _audiences(document: Document) -> Mapping[str, str]:
    given = document.data.get("audiences") if isinstance(document.data, dict) else None
    return {name: text for name, text in given.items() if isinstance(text, str)} if isinstance(given, dict) else {}

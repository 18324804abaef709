"""The unsubscribing function as it stands in the template: its program, and behind it the publication's pages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from typing import Final

from newsletter.web.public.guard import safe_headers
from newsletter.web.public.pages import Button, Pages

_PAGES: Final = ("unsubscribe", "unsubscribed", "test", "broken", "refused", "later")


def function_code(pages: Pages) -> str:
    """Return the program for Lambda with the pages that it can show. It is ASCII, whatever they say."""
    program = resources.files("newsletter.web").joinpath("unsubscribing.py").read_text(encoding="utf-8")
    return "\n".join([program, *_values(pages), ""])


def _values(pages: Pages) -> Iterator[str]:
    yield f"STYLE = (\n{_literal(pages.style, 4)})"
    yield "PAGES = {"
    for name in _PAGES:
        button = Button(pages.words[name]) if name == "unsubscribe" else None
        html = pages.message(name, button).replace(f"<style>{pages.style}</style>", "<style></style>")
        yield f"    {name!r}: (\n{_literal(html, 8)}    ),"
    yield "}\nHEADERS = {"
    for name, value in safe_headers(pages.policy, encrypted=True).items():  # a function URL is https
        yield f"    {name.lower()!r}: {value!r},"
    yield "}"


def _literal(text: str, indent: int) -> str:
    """Return a text as lines of Python, one for each of its own."""
    return "".join(f"{' ' * indent}{line!a}\n" for line in text.splitlines(keepends=True))

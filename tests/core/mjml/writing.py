"""Write MJML documents around the piece that a test is about."""

from __future__ import annotations

from collections.abc import Mapping

from newsletter.core.layout import HTML
from newsletter.core.mjml.checking import Findings, check


def document(body: str = "", *, head: str = "") -> str:
    """Return a document with these in its head and body."""
    return f"<mjml>\n<mj-head>\n{head}\n</mj-head>\n<mj-body>\n{body}\n</mj-body>\n</mjml>\n"


def column(inside: str) -> str:
    """Return a document with this in its only column."""
    return document(f"<mj-section><mj-column>\n{inside}\n</mj-column></mj-section>")


def findings(source: str, pieces: Mapping[str, str] | None = None) -> Findings:
    """Check a layout made of one document, and of pieces by name."""
    return check("own", {HTML: source, **(pieces or {})})


def said(source: str, pieces: Mapping[str, str] | None = None) -> list[str]:
    """Return the errors of a layout, each as `line:column: what; hint`, with the file before it if it is a piece."""
    errors = findings(source, pieces).errors
    return [str(problem).removeprefix("layouts/own/").removeprefix(f"{HTML}:") for problem in errors]

"""Words that several commands share: the issue argument, and how examples are set in the help."""

from __future__ import annotations

from typing import Annotated

import typer

IssueOrNewest = Annotated[
    str | None, typer.Argument(metavar="ISSUE", help="Name or file of the issue; by default the newest.")
]
Issue = Annotated[str, typer.Argument(metavar="ISSUE", help="Name or file of the issue.")]
Expr = Annotated[
    str | None, typer.Argument(metavar="EXPRESSION", help="Whom, for instance 'tag:us and joined since 2026-01-01'.")
]
AnyTag = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="Only subscribers with this tag; repeated: with any of them."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def examples(*lines: str) -> str:
    """Return the epilog of a command's help; its lines stay as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  newsletter {line}" for line in lines)

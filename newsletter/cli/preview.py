"""`newsletter preview`."""

from __future__ import annotations

import typer

from newsletter.cli.words import IssueOrNewest


def preview(context: typer.Context, issue: IssueOrNewest = None) -> None:
    """Show an issue in the browser and follow every change to it."""

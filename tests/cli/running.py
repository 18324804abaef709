"""Run one command line in this process, as the program's boundary does."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsletter.cli.app import run


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said, where, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Return stdout as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Terminal:
    """A command line inside a folder."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    patch: pytest.MonkeyPatch

    def __call__(self, *arguments: str, typed: str = "") -> Answer:
        """Run a command; `typed` is what the editor types."""
        self.patch.chdir(self.folder)
        self.patch.setattr("sys.stdin", io.StringIO(typed))
        self.capture.readouterr()
        code = run(list(arguments))
        said = self.capture.readouterr()
        return Answer(code, said.out, said.err)

from __future__ import annotations

import difflib
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest

from tests.core.examples import parsed
from tests.golden.cases import COMPARED, cases, files_of

given = cache(files_of)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


WRITTEN = [path for case in cases() for path in sorted(case.glob(COMPARED))]


@pytest.mark.parametrize("case", cases(), ids=lambda path: str(path.name))
def test_a_case_gives_a_file_for_each_golden_file(case: Path) -> None:
    assert set(given(case)) == {path.name for path in WRITTEN if path.parent == case}


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.suffix != ".eml"], ids=_name)
def test_a_case_gives_its_golden_file(path: Path) -> None:
    case, file = path.parent, path.name
    expected, found = (case / file).read_text(encoding="utf-8"), given(case)[file].decode()
    difference = difflib.unified_diff(expected.split("\n"), found.split("\n"), "golden", "now", lineterm="", n=1)
    assert found == expected, "\n".join(difference)


@pytest.mark.parametrize("path", [path for path in WRITTEN if path.suffix == ".eml"], ids=_name)
def test_a_case_gives_its_golden_message(path: Path) -> None:
    expected, found = parsed(path.read_bytes()), parsed(given(path.parent)[path.name])
    assert headers(found) == headers(expected)
    assert contents(found) == contents(expected)


def headers(message: EmailMessage) -> list[tuple[str, str]]:
    """Return the headers as they read; the boundary is made of the digest, which the other files show."""
    return [(name, str(value)) for name, value in message.items() if name != "Content-Type"]


def contents(message: EmailMessage) -> list[tuple[str, str]]:
    return [(part.get_content_type(), part.get_content()) for part in message.walk() if not part.is_multipart()]

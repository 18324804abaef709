from __future__ import annotations

import difflib
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest

from tests.core.examples import parsed
from tests.golden.cases import cases, compared, files_of

given = cache(files_of)


@pytest.mark.parametrize("file", ["email.html", "email.txt"])
@pytest.mark.parametrize("case", cases(), ids=lambda path: str(path.name))
def test_a_case_gives_its_golden_file(case: Path, file: str) -> None:
    expected, found = (case / file).read_text(encoding="utf-8"), given(case)[file].decode()
    difference = difflib.unified_diff(expected.split("\n"), found.split("\n"), "golden", "now", lineterm="", n=1)
    assert found == expected, "\n".join(difference)


@pytest.mark.parametrize(
    "case", [each for each in cases() if "email.eml" in compared(each)], ids=lambda path: str(path.name)
)
def test_a_case_gives_its_golden_message(case: Path) -> None:
    expected, found = parsed((case / "email.eml").read_bytes()), parsed(given(case)["email.eml"])
    assert headers(found) == headers(expected)
    assert contents(found) == contents(expected)


def headers(message: EmailMessage) -> list[tuple[str, str]]:
    """Return the headers as they read; the boundary is made of the digest, which the other files show."""
    return [(name, str(value)) for name, value in message.items() if name != "Content-Type"]


def contents(message: EmailMessage) -> list[tuple[str, str]]:
    return [(part.get_content_type(), part.get_content()) for part in message.walk() if not part.is_multipart()]

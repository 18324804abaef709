"""Publications as they are written, for tests of what becomes of them."""

from __future__ import annotations

import pytest

from newsletter.core.publication import Publication, parse_publication
from newsletter.core.source import read
from newsletter.errors import InvalidSource

SMALL = """\
name: The Letter
site: https://letter.example.com/
archive: https://letter.example.com/archive
sender: {name: The Letter, address: Letter@Example.COM}
postal_address: 12 Sample Street
"""


def parsed(text: str, environment: dict[str, str] | None = None) -> Publication:
    return parse_publication(read(text.encode(), "publication.yaml"), environment or {})


def said(text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(InvalidSource) as caught:
        parsed(text, environment)
    return [str(problem) for problem in caught.value.problems]

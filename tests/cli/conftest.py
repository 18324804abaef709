"""A terminal in a copy of the publication, without settings from outside."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.running import Terminal
from tests.stores import empty_store


@pytest.fixture
def newsletter(publication: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in [name for name in os.environ if name.startswith(("NEWSLETTER_", "AWS_"))]:
        monkeypatch.delenv(name)
    return Terminal(publication, capsys, monkeypatch)


@pytest.fixture
def three_readers(newsletter: Terminal) -> Terminal:
    empty_store(newsletter.folder / ".newsletter")
    roster = newsletter.folder / "readers.csv"
    roster.write_text(
        "email,first_name,tags\nana@example.org,Ana,us;fleet\nbob@example.com,,us\ncy@example.net,Cy,eu\n",
        encoding="utf-8",
    )
    assert newsletter("subscribers", "import", "readers.csv").code == 0
    return newsletter

"""Empty SQLite stores, made once and then copied: making the tables takes longer than most tests."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from newsletter.edges.store import open_store


def empty_store(folder: Path) -> str:
    """Put a store without anybody in it into a folder; return its URL."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "newsletter.db").write_bytes(_empty())
    return f"sqlite:///{folder}/newsletter.db"


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()

"""Empty SQLite stores, made once and then copied, and who is in a store.

Making the tables takes longer than most tests.
"""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from newsletter.core.subscriber import Standing
from newsletter.edges.store import Store, open_store


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


def on_the_list(store: Store) -> int:
    """Count who is on the list, not counting those removed."""
    return sum(each.standing is not Standing.REMOVED for each in store.subscribers.everybody())
